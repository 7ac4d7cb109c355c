"""Writes export.jsonl: events as a phone exports them, schema 1, for every reader and writer to agree on.

``python tests/golden/write_export.py`` after the record has changed on purpose.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from seefud.store.line_sum import with_sum

__all__ = ["EVENTS", "INSTALLATION", "PATH", "export_lines"]

PATH = Path(__file__).with_name("export.jsonl")
INSTALLATION = "0123456789abcdef0123456789abcdef"
NOW = 1_764_000_000_000
_ORIGIN = {"model": "0123456789ab", "rank": 1, "score": 0.53, "list": 1}

EVENTS: list[dict[str, Any]] = [
    {"type": "search", "text": "ayam pedas"},
    {"type": "impression", "title": "sate jamur tahu", "product": "SKU-7", **_ORIGIN},
    {"type": "impression", "title": "soto ayam", **_ORIGIN, "rank": 2, "score": -0.25},
    {"type": "click", "title": "sate jamur tahu", "product": "SKU-7", **_ORIGIN},
    {"type": "view", "title": "sate jamur tahu", "product": "SKU-7"},
    {"type": "favorite", "product": "SKU-7"},
    {"type": "purchase", "title": "soto ayam", **_ORIGIN, "rank": 2, "score": -0.25},
    *({"type": "rating", "title": f"dish {value}", "value": value} for value in range(1, 6)),
    {"type": "dismiss", "title": "rawon", "rank": 3, "list": 2},
    {"type": "search", "text": "quote \" backslash \\ tab \t line \n end \u007f \u2028 \u00e9 \u5b2e \U0001f35c"},
    {"type": "view", "title": "\u0633\u0645\u0643 {\"not\": [json]}, a title"},
]  # fmt: skip
"""Without schema, installation, sequence and time, which the line's place gives, and without the sum."""


def export_lines() -> str:
    """The content of export.jsonl."""
    lines = (
        {
            "schema": 1,
            "installation": INSTALLATION,
            "sequence": place,
            "type": event["type"],
            "time": NOW + place,
            **event,
        }
        for place, event in enumerate(EVENTS, 1)
    )
    order = ("schema", "installation", "sequence", "type", "time", "title", "product", "text", "value")
    order += ("model", "rank", "score", "list")
    ordered = ({key: line[key] for key in order if key in line} for line in lines)
    return "".join(with_sum(json.dumps(line, separators=(",", ":"))) + "\n" for line in ordered)


if __name__ == "__main__":
    PATH.write_text(export_lines(), encoding="ascii", newline="\n")
    sys.stdout.write(f"{PATH}: {len(EVENTS)} events\n")
