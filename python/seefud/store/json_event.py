"""One exported line, judged with the reason: what is right and what is wrong about it is decided here.

`seefud.store.json_lines` reads what is certainly right in bulk, and asks this module about every other line.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from seefud.columns import closest
from seefud.store.events import EVENT_TYPES, LATEST_MILLISECONDS, SCHEMA
from seefud.store.line_sum import SUM_BEGIN, SUM_CHARACTERS, SUM_DIGITS, SUM_END, line_sum

__all__ = ["LARGEST", "RejectedLine", "json_event"]

LARGEST = (1 << 63) - 1
_INSTALLATION = re.compile(r"[0-9a-f]{32}")
_MODEL = re.compile(r"[0-9a-f]{12}")
_SUMMED = re.compile(f"{SUM_BEGIN}([0-9a-f]{{{SUM_DIGITS}}}){SUM_END}")
_LEFT = "line left out"
_DAMAGED = f"the line is damaged or was changed; {_LEFT}"


@dataclass(frozen=True)
class RejectedLine(Exception):  # noqa: N818 - it is a finding that travels as an exception
    """Why a line is no event; the attributes are those of a quarantined line."""

    kind: str
    column: str
    value: object
    reason: str


def json_event(line: str) -> dict[str, Any]:
    """The event of a line, in the columns of the store (less `source` and `line`); `time` in milliseconds.

    Of a key that stands there twice the first counts. Unknown keys are passed over; null is as good as absent. The sum
    is looked at last, so that a newer schema, and a field that is wrong, are called by their names.

    Args:
        line: without its end.

    Raises:
        RejectedLine: it is none.
    """
    found = _object(line)
    schema = found.get("schema")
    if schema is None:
        raise RejectedLine("no_schema", "schema", "", f"is missing; expected {SCHEMA}; {_LEFT}")
    if type(schema) is int and schema > SCHEMA:
        reason = f"is newer than this version reads ({SCHEMA}); install a newer seefud and ingest again; {_LEFT}"
        raise RejectedLine("newer_schema", "schema", schema, reason)
    if type(schema) is not int or schema != SCHEMA:
        raise RejectedLine("bad_schema", "schema", schema, f"expected {SCHEMA}; {_LEFT}")
    installation = _text(found, "installation", needed=True)
    if not _INSTALLATION.fullmatch(installation or ""):
        raise RejectedLine("bad_installation", "installation", installation, f"expected 32 of 0-9 and a-f; {_LEFT}")
    sequence = _whole(found, "sequence", 0, needed=True)
    kind = _text(found, "type", needed=True)
    if kind not in EVENT_TYPES:
        near = closest(kind or "", EVENT_TYPES)
        hint = f"did you mean {near}? " if near else ""
        reason = f"is no type of event; {hint}expected {', '.join(EVENT_TYPES)}; {_LEFT}"
        raise RejectedLine("unknown_type", "type", kind, reason)
    time = _whole(found, "time", 0, LATEST_MILLISECONDS - 1, needed=True)
    texts = {key: _text(found, key) for key in ("title", "product", "text", "model")}
    value, score = _number(found, "value"), _number(found, "score")
    rank, shown = _whole(found, "rank", 1, (1 << 31) - 1), _whole(found, "list", 0)
    if texts["model"] and not _MODEL.fullmatch(texts["model"]):
        raise RejectedLine("bad_model", "model", texts["model"], f"expected 12 of 0-9 and a-f; {_LEFT}")
    if kind == "search":
        if not texts["text"]:
            raise RejectedLine("empty_text", "text", "", f"is empty; a search needs its text; {_LEFT}")
    elif not (texts["title"] or texts["product"]):
        raise RejectedLine("empty_title", "title", "", f"is empty; a {kind} needs a title or a product; {_LEFT}")
    if kind == "rating" and (value is None or not 1 <= value <= 5):
        given = "" if value is None else value
        raise RejectedLine("bad_value", "value", given, f"a rating needs a value from 1 to 5; {_LEFT}")
    _check_sum(line, found)
    return {
        "event_id": f"{installation}-{sequence}",
        "user": installation,
        "type": kind,
        **{key: texts[key] for key in ("title", "product", "text")},
        "value": value,
        "time": time,
        "model": texts["model"],
        "rank": rank,
        "score": score,
        "list": shown,
    }


def _object(line: str) -> dict[str, Any]:
    undecodable = next((character for character in line if "\udc80" <= character <= "\udcff"), None)
    if undecodable is not None:
        byte = f"0x{ord(undecodable) - 0xDC00:02X}"
        raise RejectedLine("not_utf8", "", line, f"byte {byte} is not UTF-8; the line is damaged; {_LEFT}")
    if "\0" in line:
        raise RejectedLine("nul", "", line, f"holds a NUL byte; the line is damaged; {_LEFT}")
    try:
        found = json.loads(line, object_pairs_hook=_first_of_each, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(line.rstrip()) or error.msg.startswith("Unterminated")
        what = "ends in the middle" if cut else f"is not JSON at character {error.pos + 1} ({error.msg})"
        raise RejectedLine("not_json", "", line, f"{what}; {_LEFT}") from None
    except RecursionError:
        raise RejectedLine("not_json", "", line, f"is nested too deeply; {_LEFT}") from None
    except ValueError as error:  # a constant, or a number of thousands of digits
        raise RejectedLine("not_json", "", line, f"is not JSON ({error}); {_LEFT}") from None
    if not isinstance(found, dict):
        raise RejectedLine("not_an_object", "", line, f"expected an object in braces; {_LEFT}")
    return found


def _check_sum(line: str, found: dict[str, Any]) -> None:
    given = found.get("sum")
    if given is None:
        raise RejectedLine("no_sum", "sum", "", f"is missing; every line ends in one; {_DAMAGED}")
    end = _SUMMED.fullmatch(line[-SUM_CHARACTERS:])
    if end is None:
        wanted = f"the line to end in {SUM_BEGIN}<{SUM_DIGITS} of 0-9 and a-f>{SUM_END}"
        raise RejectedLine("bad_sum", "sum", given, f"expected {wanted}; {_DAMAGED}")
    expected = line_sum(line[:-SUM_CHARACTERS])
    # Of two sums the first is the one that was given: a second one that fits makes no line right.
    if not given == end[1] == expected:
        raise RejectedLine("bad_sum", "sum", given, f"expected {expected}, that of the line before it; {_DAMAGED}")


def _first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(pairs))


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _text(found: dict[str, Any], key: str, *, needed: bool = False) -> str | None:
    text = found.get(key)
    if text is None:
        if needed:
            raise RejectedLine(f"no_{key}", key, "", f"is missing; every event has one; {_LEFT}")
        return None
    if not isinstance(text, str):
        raise RejectedLine(f"bad_{key}", key, text, f"expected text in quotes; {_LEFT}")
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise RejectedLine(f"bad_{key}", key, text, f"holds a NUL or half a character; {_LEFT}")
    return text if text.strip() else None


def _whole(found: dict[str, Any], key: str, least: int, most: int = LARGEST, *, needed: bool = False) -> int | None:
    number = found.get(key)
    if number is None:
        if needed:
            raise RejectedLine(f"no_{key}", key, "", f"is missing; every event has one; {_LEFT}")
        return None
    if type(number) is not int or not least <= number <= most:
        wanted = "milliseconds since 1970, before the year 10000" if key == "time" else f"a whole number from {least}"
        raise RejectedLine(f"bad_{key}", key, number, f"expected {wanted}; {_LEFT}")
    return number


def _number(found: dict[str, Any], key: str) -> float | None:
    number = found.get(key)
    if number is None:
        return None
    try:
        if type(number) in (int, float) and math.isfinite(float(number)):
            return float(number)
    except OverflowError:
        pass
    raise RejectedLine(f"bad_{key}", key, number, f"expected a number; {_LEFT}")
