"""Every mistake the converter knows, one class each, so that a caller and a test can name it.

A message says where, what was expected, what was found and what to do about it. Three families:

- `InputError`: the SavedModel, the vocabulary or the command line is wrong (exit code 2).
- `BundleError`: a file that is being read cannot be trusted (exit code 2).
- `GateError`: a conversion worked, but its result must not ship (exit code 1).
"""

from __future__ import annotations

__all__ = [
    "ArchiveError",
    "BundleError",
    "ConverterError",
    "DigestMismatchError",
    "DocumentError",
    "ForeignModelError",
    "GateError",
    "InputError",
    "MissingFileError",
    "MissingSignatureError",
    "NewerSchemaError",
    "NonFiniteError",
    "NotAModelError",
    "OperatorGateError",
    "OversizedError",
    "ParityGateError",
    "QualityGateError",
    "RuntimeVersionGateError",
    "SizeGateError",
    "TruncatedError",
    "UnexpectedFileError",
    "UnknownRecipeError",
    "VocabularyError",
    "VocabularySizeError",
    "WrongTensorError",
]


class ConverterError(Exception):
    """A known mistake; its text is complete and is shown without a traceback.

    Args:
        where: The file, tensor or option that is wrong, or the whole message if nothing else is given.
        expected: What should have been there.
        found: What was there.
        remedy: What the reader can do.
    """

    exit_code = 2

    def __init__(self, where: str, expected: str = "", found: str = "", remedy: str = "") -> None:
        super().__init__(where, expected, found, remedy)
        self.where, self.expected, self.found, self.remedy = where, expected, found, remedy

    def __str__(self) -> str:
        facts = ", ".join(
            f"{word} {value}" for word, value in (("expected", self.expected), ("found", self.found)) if value
        )
        text = f"{self.where}: {facts}" if facts else self.where
        return f"{text}; {self.remedy}" if self.remedy else text


class InputError(ConverterError):
    """The SavedModel, the vocabulary or an option cannot be used."""


class UnknownRecipeError(InputError):
    """No recipe has this name."""


class BundleError(ConverterError):
    """A file that should be a bundle cannot be trusted."""


class NotAModelError(BundleError):
    """The bytes are not a TFLite flatbuffer at all."""


class TruncatedError(BundleError):
    """The file ends before its parts do."""


class ForeignModelError(BundleError):
    """A TFLite model, but not one that this converter wrote."""


class ArchiveError(BundleError):
    """The zip at the end is damaged or is not in the one form that the converter writes."""


class OversizedError(BundleError):
    """The file declares more entries or bytes than any honest bundle holds (a zip bomb)."""


class MissingFileError(BundleError):
    """The bundle, or a file that it must hold, is not there."""


class UnexpectedFileError(BundleError):
    """The archive holds a file that `bundle.json` does not list."""


class DocumentError(BundleError):
    """`bundle.json` is not JSON, or a field of it is missing or of the wrong kind."""


class NewerSchemaError(BundleError):
    """The bundle was written by a newer converter than this reader."""


class DigestMismatchError(BundleError):
    """A part's SHA-256 differs from the one that `bundle.json` records."""


class VocabularyError(BundleError):
    """A vocabulary line is empty, repeated or not UTF-8."""


class VocabularySizeError(VocabularyError):
    """A vocabulary has more or fewer lines than the model has rows."""


class MissingSignatureError(BundleError):
    """One of the four signatures is absent."""


class WrongTensorError(BundleError):
    """A signature's tensor, or a table, has another name, type or shape than the contract says."""


class NonFiniteError(BundleError):
    """A weight or a quantization scale is not a finite number (or a scale is not positive)."""


class GateError(ConverterError):
    """The result must not ship."""

    exit_code = 1


class OperatorGateError(GateError):
    """An operator outside the allow-list, or a string tensor."""


class RuntimeVersionGateError(GateError):
    """The file needs a newer TFLite runtime than the oldest one that is supported."""


class SizeGateError(GateError):
    """The file is larger than its tables and vocabularies explain."""


class QualityGateError(GateError):
    """The model ranks worse than popularity, or worse than the committed report."""


class ParityGateError(GateError):
    """Two executions of the same model disagree, or one of them gives a non-finite value."""
