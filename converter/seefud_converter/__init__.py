"""SavedModel and vocabulary in, one proven `.tflite` bundle out; and the distrustful reader of such bundles.

Importing this package, or reading a bundle, does not import TensorFlow.
"""

from __future__ import annotations

from .bundle import Bundle, read_bundle
from .errors import BundleError, ConverterError, GateError, InputError

__all__ = ["Bundle", "BundleError", "ConverterError", "GateError", "InputError", "read_bundle"]

__version__ = "0.1.0"
