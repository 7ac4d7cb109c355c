"""The version of the toolchain."""

__all__ = ["__version__"]

__version__ = "0.1.0"
