"""Made exports: events of a few phones, as lines and as files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from seefud.store import InteractionStore
from seefud.store.line_sum import with_sum

__all__ = ["DAY", "EVENTS", "START", "event", "stored", "stored_ids", "write_lines"]

DAY = 86_400_000
START = 1_764_000_000_000  # 2025-11-24T16:00:00Z


def event(phone: int, sequence: int, kind: str = "click", **changes: Any) -> dict[str, Any]:
    """One event, without its sum; `changes` add to its keys, and take away those that are None."""
    made: dict[str, Any] = {
        "schema": 1,
        "installation": f"{phone:032x}",
        "sequence": sequence,
        "type": kind,
        "time": START + sequence * DAY // 2,
    }
    made |= {"text": "soto ayam"} if kind == "search" else {"title": f"Sate {sequence % 7}"}
    made |= {"value": 1 + sequence % 5} if kind == "rating" else {}
    return {key: value for key, value in {**made, **changes}.items() if value is not None}


def write_lines(path: Path, events: Iterable[dict[str, Any] | str]) -> Path:
    """Writes JSON Lines, events with their sums; a text is written as it is."""
    lines = [each if isinstance(each, str) else with_sum(json.dumps(each, ensure_ascii=False)) for each in events]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def stored(folder: Path) -> list[dict[str, Any]]:
    """The rows of a store by event, read without DuckDB; the day is that of the folder."""
    rows: list[dict[str, Any]] = []
    for path in InteractionStore.open(folder).files():
        day = path.parent.name.removeprefix("day=")
        rows += [{**row, "day": day} for row in pq.read_table(path, partitioning=None).to_pylist()]
    return sorted(rows, key=lambda row: str(row["event_id"]))


def stored_ids(folder: Path) -> list[str]:
    """The names of the stored events; fails if one is there twice, or if store.json counts otherwise."""
    names: Sequence[str] = [str(row["event_id"]) for row in stored(folder)]
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert InteractionStore.open(folder).events == len(names)
    return list(names)


EVENTS = [event(phone, number) for phone in range(2) for number in range(5)]
"""Five events on each of two phones."""
