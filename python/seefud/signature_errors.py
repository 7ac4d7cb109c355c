"""Why a signed file is refused: one class for each reason, all of them refusals (exit code 1)."""

from __future__ import annotations

from seefud.errors import SeefudError

__all__ = [
    "NewerSignatureSchemaError",
    "RollbackError",
    "SignatureError",
    "SignatureFormError",
    "UnknownKeyError",
    "WrongDigestError",
    "WrongModelError",
    "WrongSignatureError",
    "WrongSizeError",
]


class SignatureError(SeefudError):
    """The file is not a release of a trusted key."""

    exit_code = 1


class SignatureFormError(SignatureError):
    """The signature file has another form than the only one there is."""


class NewerSignatureSchemaError(SignatureError):
    """The signature file has a schema that this version does not know."""


class UnknownKeyError(SignatureError):
    """It names a key that is not among the trusted ones."""


class WrongSignatureError(SignatureError):
    """The named key did not sign what the signature file says."""


class RollbackError(SignatureError):
    """The release is older than one that was there before."""


class WrongSizeError(SignatureError):
    """The file has another number of bytes than the signed one."""


class WrongDigestError(SignatureError):
    """The file has other bytes than the signed one."""


class WrongModelError(SignatureError):
    """The file says another model id than the signature."""
