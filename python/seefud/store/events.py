"""The event: its types, its columns in the store, and one connection to DuckDB that is bounded in memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "EVENT_TYPES",
    "LATEST_MILLISECONDS",
    "MEMORY_LIMIT",
    "SCHEMA",
    "STAGED_SCHEMA",
    "STORE_COLUMNS",
    "connect",
    "escaped",
    "quoted",
]

SCHEMA = 1
"""Of an exported line."""

EVENT_TYPES = ("search", "view", "click", "favorite", "purchase", "rating", "dismiss", "impression")
"""What a phone records. Tables of other systems may have types of their own."""

LATEST_MILLISECONDS = 253_402_300_800_000
"""The year 10000; times are before it."""

MEMORY_LIMIT = "600MB"
"""Of DuckDB; what does not fit is spilled into the store's staging folder."""

STAGED_SCHEMA = pa.schema(
    [
        ("event_id", pa.string()),
        ("user", pa.string()),
        ("type", pa.string()),
        ("title", pa.string()),
        ("product", pa.string()),
        ("text", pa.string()),
        ("value", pa.float64()),
        ("time", pa.timestamp("us")),
        ("model", pa.string()),
        ("rank", pa.int32()),
        ("score", pa.float64()),
        ("list", pa.int64()),
        ("source", pa.string()),
        ("line", pa.int64()),
    ]
)
"""A row of the store: `time` in UTC, `source` and `line` where the event was first met."""

STORE_COLUMNS: tuple[str, ...] = tuple(STAGED_SCHEMA.names)


def connect(spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A connection without a database, two threads, UTC.

    Args:
        spill: folder for what exceeds `MEMORY_LIMIT`; None keeps DuckDB's own.
    """
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY_LIMIT,
        "threads": 2,
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        # Rows of a thread before they go to the files of their days: with DuckDB's own 524,288, 10,000,000 events were
        # spilled and written in twice the time.
        "partitioned_write_flush_threshold": 65_536,
    }
    if spill is not None:
        settings["temp_directory"] = str(spill)
    connection = duckdb.connect(config=settings)
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def quoted(value: object) -> str:
    """A text as an SQL literal."""
    return "'" + str(value).replace("'", "''") + "'"


def escaped(path: Path) -> str:
    """A path as `read_parquet` takes it: DuckDB would expand ``*``, ``?`` and ``[``."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))
