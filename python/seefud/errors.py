"""The errors that a user can cause, and the exit code each of them ends the program with."""

from __future__ import annotations

__all__ = ["InputError", "SeefudError"]


class SeefudError(Exception):
    """An expected failure: its text says what was expected, what was found, where, and what to do.

    Attributes:
        exit_code: what the command line returns when this error reaches it.
    """

    exit_code: int = 2


class InputError(SeefudError):
    """A file, an option or a value that cannot be used as it is (exit code 2)."""
