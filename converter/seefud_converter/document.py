"""`bundle.json`: what the trainer says about the model, and what the converter adds.

The trainer's draft holds the fields of `DRAFT_FIELDS` and may hold `OPTIONAL_FIELDS`; the converter adds those of
`ADDED_FIELDS`. Readers of
schema 1 ignore fields that they do not know, so that fields can be added without a new schema version.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from .errors import DocumentError, ForeignModelError, NewerSchemaError
from .recipes import RECIPES

__all__ = ["SCHEMA", "check_document", "document_bytes", "parse_document"]

SCHEMA = 1
"""The newest schema version that this package reads, and the one that it writes."""

_Check = Callable[[Any], bool]


def _whole(least: int) -> _Check:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value < 2**31


def _number(value: Any) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # JSON has whole numbers of any length
        return False


def _gain(value: Any) -> bool:
    # A multiple of 1/64 is exact in float32 and in every language's text form.
    return _number(value) and 0 < value <= 64 and float(value * 64).is_integer()


def _words(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _one_of(*choices: str) -> _Check:
    return lambda value: isinstance(value, str) and value in choices


def _mapping(value: Any) -> bool:
    return isinstance(value, dict)


def _hexadecimal(length: int) -> _Check:
    return lambda value: isinstance(value, str) and len(value) == length and set(value) <= set("0123456789abcdef")


DRAFT_FIELDS: dict[str, tuple[_Check, str]] = {
    "kind": (_words, "a word"),
    "dimension": (_whole(1), "a whole number of at least 1"),
    "products": (_whole(1), "a whole number of at least 1"),
    "tokens": (_whole(0), "a whole number of at least 0"),
    "history_length": (_whole(1), "a whole number of at least 1"),
    "text_length": (_whole(1), "a whole number of at least 1"),
    "top_k": (_whole(1), "a whole number of at least 1"),
    "prior": (_mapping, "an object"),
    "prior.beta": (_number, "a finite number"),
    "prior.gain": (_gain, "a multiple of 1/64 above 0 and up to 64"),
    "prior.cold": (lambda value: value is None or _number(value), "a finite number or null"),
    "calibration": (_mapping, "an object"),
    "calibration.method": (_one_of("platt"), "platt"),
    "calibration.slope": (_number, "a finite number"),
    "calibration.ceiling": (lambda value: _number(value) and 0 < value <= 1, "a number above 0 and up to 1"),
    "calibration.intercept": (_number, "a finite number"),
    "text": (_mapping, "an object"),
    "text.normalisation": (_one_of("nfkc-lower-letters-digits"), "nfkc-lower-letters-digits"),
    "text.bigrams": (lambda value: isinstance(value, bool), "true or false"),
    "recency": (_one_of("none", "inverse_sqrt_age_days"), "none or inverse_sqrt_age_days"),
    "interaction_weights": (
        lambda value: isinstance(value, dict) and all(_number(weight) for weight in value.values()),
        "an object of finite numbers",
    ),
    "metrics": (_mapping, "an object"),
    "data": (_mapping, "an object"),
}

OPTIONAL_FIELDS: dict[str, tuple[_Check, str]] = {
    "rating_scale": (lambda value: _number(value) and value > 0, "a finite number above 0"),
    "prior.words": (_number, "a finite number"),
    "mixing": (_mapping, "an object"),
    "mixing.lift": (_number, "a finite number"),
    "mixing.crowding": (lambda value: _number(value) and value >= 0, "a finite number of at least 0"),
}
"""Fields that files of schema 1 may lack, those of `mixing` together; see `new_products`."""

ADDED_FIELDS: dict[str, tuple[_Check, str]] = {
    "recipe": (_one_of(*RECIPES), "one of " + ", ".join(RECIPES)),
    "minimum_runtime": (_words, "a version"),
    "model_id": (_hexadecimal(12), "12 hexadecimal digits"),
    "digests": (
        lambda value: isinstance(value, dict) and all(_hexadecimal(64)(digest) for digest in value.values()),
        "an object of SHA-256 digests",
    ),
    "digests.flatbuffer": (_hexadecimal(64), "a SHA-256 digest"),
    "digests.products.txt": (_hexadecimal(64), "a SHA-256 digest"),
    "digests.tokens.txt": (_hexadecimal(64), "a SHA-256 digest"),
}


def _value(document: Mapping[str, Any], field: str) -> tuple[bool, Any]:
    head, _, tail = field.partition(".")
    inner = document.get(head)
    if not tail:
        return head in document, inner
    return isinstance(inner, dict) and tail in inner, inner.get(tail) if isinstance(inner, dict) else None


def check_document(document: Mapping[str, Any], where: str, draft: bool = False) -> None:
    """Check the schema version and every field.

    Args:
        document: The parsed bundle.json.
        where: Named in errors.
        draft: Whether the converter's own fields may be missing.

    Raises:
        NewerSchemaError: Its schema is newer than `SCHEMA`.
        ForeignModelError: It has no schema at all.
        DocumentError: A field is missing or has a value of the wrong kind.
    """
    schema = document.get("schema")
    if schema is None:
        raise ForeignModelError(where, "a schema version", "none", "give a bundle that seefud_converter wrote")
    if _whole(1)(schema) and schema > SCHEMA:
        raise NewerSchemaError(
            where,
            f"schema {SCHEMA} or older",
            f"schema {schema}",
            "update seefud_converter or build the bundle again",
        )
    if schema != SCHEMA or isinstance(schema, bool):
        raise DocumentError(f"{where}: schema", f"{SCHEMA}", repr(schema), "build the bundle again")
    fields = DRAFT_FIELDS if draft else DRAFT_FIELDS | ADDED_FIELDS
    for field, rule in OPTIONAL_FIELDS.items():
        if (field.startswith("mixing") and "mixing" in document) or _value(document, field)[0]:
            fields = fields | {field: rule}
    for field, (check, expected) in fields.items():
        present, value = _value(document, field)
        if not present or not check(value):
            found = repr(value)[:80] if present else "nothing"
            raise DocumentError(f"{where}: {field}", expected, found, "correct bundle.json and convert again")
    if document["top_k"] > document["products"]:
        found = f"{document['top_k']}"
        remedy = "export with a smaller top_k"
        raise DocumentError(f"{where}: top_k", f"at most products ({document['products']})", found, remedy)


def parse_document(content: bytes, where: str) -> dict[str, Any]:
    """Parse JSON strictly: UTF-8, an object, no NaN.

    Raises:
        DocumentError: It is anything else.
    """

    def refuse(constant: str) -> Any:
        raise ValueError(f"the number {constant}")

    try:
        document = json.loads(content.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as problem:
        raise DocumentError(where, "JSON in UTF-8", str(problem)[:120], "build the bundle again") from problem
    if not isinstance(document, dict):
        raise DocumentError(where, "a JSON object", type(document).__name__, "build the bundle again")
    return document


def document_bytes(document: Mapping[str, Any]) -> bytes:
    """The one form in which a document is written: sorted keys, one space of indent, UTF-8, a final newline.

    Raises:
        DocumentError: A value cannot be written as JSON (NaN, or an object of Python).
    """
    try:
        text = json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    except (ValueError, TypeError) as problem:
        raise DocumentError(
            "bundle.json", "JSON values", str(problem), "give finite numbers and plain values"
        ) from problem
    return (text + "\n").encode("utf-8")
