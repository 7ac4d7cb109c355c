"""What of a source is new: identities, repetitions within it, what the store has, and the files of the next load.

The rows are scanned several times and never held: only hashes and line numbers are, in DuckDB, which spills what
exceeds its memory.

- An exported line has an identity of its own. Met a second time it is passed over.
- A row of a table has none, so its content is taken: ``row-<md5>-<n>``, the n-th row of this content in its source. A
  person who viewed a product twice in one second keeps both views, and the same table read again gives the same names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seefud.store.events import STORE_COLUMNS, escaped, quoted
from seefud.store.folder import InteractionStore, Load

if TYPE_CHECKING:
    import duckdb

__all__ = ["StagedRows", "staged_files", "write_fresh"]

_CONTENT = ("user", "title", "type", "time", "value", "text", "product")
# In quotes: a bare user is the user of the database.
_PARTS = ", ".join(f'"{name}"' for name in _CONTENT)
# The product comes last and only where there is one, so that most names are those of the six parts. No text holds a
# U+001F (see `seefud.store.row_events`), so different contents are different texts.
_KEY = "concat({}, CASE WHEN product IS NOT NULL THEN concat(chr(31), product) END)".format(
    ", chr(31), ".join({"time": 'epoch_us("time")'}.get(name, f'"{name}"') for name in _CONTENT[:-1])
)


@dataclass(frozen=True)
class StagedRows:
    """The rows of one source that are events.

    Attributes:
        query: a SELECT of the store's columns that may be run again and again; `line` is unique.
        identified: whether `event_id` is there already.
    """

    query: str
    identified: bool


def write_fresh(connection: duckdb.DuckDBPyConnection, rows: StagedRows, store: InteractionStore, load: Load) -> int:
    """Writes the events that the store does not have, by day, into the staging folder of a load.

    Returns:
        how many there are.
    """
    connection.execute(f"CREATE OR REPLACE TEMP VIEW staged AS {rows.query}")
    # A hash of 64 bits finds candidates; the names themselves decide.
    key, parts = ("event_id", "event_id") if rows.identified else (_KEY, _PARTS)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE repeated AS SELECT hash({parts}) AS h FROM staged GROUP BY h HAVING count(*) > 1"
    )
    repeats = bool(_count(connection, "repeated"))
    if repeats:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE again AS SELECT line, n FROM (SELECT line, row_number() OVER (PARTITION BY "
            f"{key} ORDER BY line) AS n FROM staged SEMI JOIN repeated ON hash({parts}) = h) WHERE n > 1"
        )
    connection.execute("CREATE OR REPLACE TEMP TABLE dropped (line BIGINT)")
    named = "SELECT * FROM staged"
    if rows.identified:
        if repeats:
            connection.execute("INSERT INTO dropped SELECT line FROM again")
    else:
        number = "coalesce(n, 1)" if repeats else "'1'"
        source = "staged LEFT JOIN again USING (line)" if repeats else "staged"
        name = f"concat('row-', md5({key}), '-', {number})"
        kept = ", ".join(f'"{column}"' for column in STORE_COLUMNS[1:])
        named = f"SELECT {name} AS event_id, {kept} FROM {source}"
    if store.files():
        connection.execute(
            f"INSERT INTO dropped SELECT line FROM (SELECT line, md5_number(event_id) AS id FROM ({named})) SEMI JOIN "
            f"(SELECT md5_number(event_id) AS id FROM read_parquet({quoted(store.pattern)})) AS stored USING (id)"
        )
    dropped = _count(connection, "dropped")
    if dropped:
        distinct = _count(connection, "(SELECT DISTINCT line FROM dropped)")
        if distinct == _count(connection, "staged"):
            return 0
        named = f"SELECT * FROM ({named}) ANTI JOIN dropped USING (line)"
    folder = load.staging / "events"
    copied = connection.execute(
        f'COPY (SELECT *, CAST("time" AS DATE) AS day FROM ({named})) '
        f"TO {quoted(folder)} (FORMAT parquet, COMPRESSION lz4_raw, PARTITION_BY (day))"
    ).fetchall()
    timeless = folder / "day=__HIVE_DEFAULT_PARTITION__"
    if timeless.exists():
        timeless.rename(folder / "day=unknown")
    return int(copied[0][0])


def staged_files(folder: Path) -> str:
    """The query over the Parquet files of `STAGED_SCHEMA` in a folder."""
    columns = ", ".join(f'"{name}"' for name in STORE_COLUMNS)
    return f"SELECT {columns} FROM read_parquet({quoted(escaped(folder) + '/*.parquet')})"


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
