"""Parquet to staged rows without copying them: DuckDB reads what is certainly right straight from the file.

The rest, usually nothing, goes through the same judgement as the rows of a CSV file; `seefud.store.row_events` is the
oracle of this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seefud.columns import ColumnNames
from seefud.delimited import column_names
from seefud.errors import InputError
from seefud.interactions import SEARCH
from seefud.store.events import escaped, quoted
from seefud.store.quarantine import Quarantine
from seefud.store.row_events import RowParts, row_parts, stage_rows
from seefud.store.text_rows import Chunk, parquet_chunks

if TYPE_CHECKING:
    import duckdb

__all__ = ["UNCERTAIN_STARTS", "stage_parquet"]

_WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
_TIMES = {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"}
_KINDS = {
    "user": {"VARCHAR"} | _WHOLE,
    "type": {"VARCHAR"},
    "title": {"VARCHAR"},
    "product": {"VARCHAR"} | _WHOLE,
    "timestamp": _TIMES,
    "value": {"DOUBLE"} | _WHOLE - {"BIGINT", "UBIGINT"},
}
_LATEST = 7_258_118_400_000_000  # the year 2200 in microseconds, which float64 still holds exactly
UNCERTAIN_STARTS = ((0x7F, 0xA0), (0x1680, 0x1680), (0x2000, 0x206F), (0x3000, 0x3000))
"""Code points from which texts are judged one by one: spaces beyond ASCII are among them."""
_MOST_TYPES = 100


def stage_parquet(
    path: Path, names: ColumnNames, connection: duckdb.DuckDBPyConnection, folder: Path, quarantine: Quarantine
) -> tuple[str | None, int]:
    """The rows of a file that are events.

    Args:
        path: the file.
        names: what the parts are called.
        connection: to DuckDB.
        folder: for the rows that are judged one by one.
        quarantine: for those that are no event.

    Returns:
        a query over the certain rows in the file itself (None if there are none), and how many rows were staged or are
        in the query.

    Raises:
        InputError: the file is damaged, has columns that are not plain, or lacks one.
    """
    import duckdb

    scan = f"read_parquet({quoted(escaped(path))}, file_row_number = true, hive_partitioning = false)"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
        kinds = {str(name): str(kind) for name, kind, *_ in described if name != "file_row_number"}
        parts = row_parts(path.name, column_names(path.name, list(kinds), 1), names)
        bulk = _Bulk.of(scan, kinds, parts, connection)
        if bulk is None:
            return None, stage_rows(parquet_chunks(path), path.name, names, folder, quarantine)
        certain = bulk.certain()
        others = f"SELECT file_row_number + 1 AS line FROM {scan} WHERE NOT coalesce({certain}, false)"
        doubtful = np.sort(np.asarray(connection.execute(others).fetchnumpy()["line"], dtype=np.int64))
        total = connection.execute(f"SELECT count(*) FROM {scan}").fetchall()[0]
    except duckdb.Error as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        message = f"{path.name}: is no readable Parquet table of plain columns ({reason}); write it again"
        raise InputError(message) from error
    known = int(total[0]) - len(doubtful)
    rows = f"SELECT {bulk.columns(path.name)} FROM {scan}"
    if len(doubtful):
        rows += f" WHERE {certain}"
        known += stage_rows(_only(parquet_chunks(path), doubtful), path.name, names, folder, quarantine)
    return rows, known


def _only(chunks: Iterator[Chunk], lines: NDArray[np.int64]) -> Iterator[Chunk]:
    for chunk in chunks:
        places = np.flatnonzero(np.isin(np.asarray(chunk.lines, dtype=np.int64), lines, assume_unique=True))
        if len(places):
            kept = chunk.frame.iloc[places].reset_index(drop=True)
            yield Chunk(chunk.columns, kept, [chunk.lines[place] for place in places.tolist()])


@dataclass(frozen=True)
class _Bulk:
    """What is known of a file whose columns are of plain kinds.

    Attributes:
        kinds: column -> its type in DuckDB.
        parts: which column plays which part.
        types: the types of interactions, as they stand there, that are plain words; others are judged one by one.
    """

    kinds: dict[str, str]
    parts: RowParts
    types: tuple[str, ...]

    @classmethod
    def of(
        cls, scan: str, kinds: dict[str, str], parts: RowParts, connection: duckdb.DuckDBPyConnection
    ) -> _Bulk | None:
        """None if the columns are of other kinds."""
        for part, allowed in _KINDS.items():
            name = getattr(parts, part)
            if name is not None and kinds.get(name) not in allowed:
                return None
        if parts.type is None:
            return cls(kinds, parts, ("1",))
        found = connection.execute(
            f"SELECT DISTINCT {_named(parts.type)} FROM {scan} LIMIT {_MOST_TYPES + 1}"
        ).fetchall()
        # On letters beyond ASCII, Python's and DuckDB's lower case may differ.
        plain = [kind for (kind,) in found if kind and kind.isascii() and kind.isprintable() and kind == kind.strip()]
        return cls(kinds, parts, tuple(plain)) if plain and len(found) <= _MOST_TYPES else None

    def certain(self) -> str:
        """True only for rows that `stage_rows` takes with the same values."""
        parts, checks = self.parts, [_filled(self.parts.user, self.kinds)]
        if parts.type is not None:
            checks.append(f"{_named(parts.type)} IN ({', '.join(map(quoted, self.types))})")
        title = _filled(parts.title, self.kinds) if parts.title else "false"
        product = _filled(parts.product, self.kinds) if parts.product else "false"
        if parts.title and parts.product:
            absent = [f"{_named(name)} IS NULL" for name in (parts.title, parts.product)]
            title, product = f"coalesce({title}, false)", f"coalesce({product}, false)"
            by_id = f"({product} AND {absent[0]} AND NOT {self._is(SEARCH)})"
            checks.append(f"(({title} AND ({absent[1]} OR {product})) OR {by_id})")
        else:
            checks.append(title if parts.title else f"({product} AND NOT {self._is(SEARCH)})")
        if parts.timestamp is not None:
            time = _named(parts.timestamp)
            checks.append(f"({time} IS NULL OR epoch_us({time}) BETWEEN 0 AND {_LATEST})")
        if parts.value is not None:
            value = f"CAST({_named(parts.value)} AS DOUBLE)"
            checks.append(f"(({value} IS NULL AND NOT {self._is('rating')}) OR isfinite({value}))")
        else:
            checks.append(f"NOT {self._is('rating')}")
        return "(" + " AND ".join(checks) + ")"

    def columns(self, source: str) -> str:
        """The store's columns of a certain row."""
        parts = self.parts

        def text(name: str | None) -> str:
            return "CAST(NULL AS VARCHAR)" if name is None else f"CAST({_named(name)} AS VARCHAR)"

        kind = "'1'" if parts.type is None else _named(parts.type)
        if any(each != each.lower() for each in self.types):
            kind = f"lower({kind})"
        title, searched = text(parts.title), text(None)
        if SEARCH in self._lower():
            searched = f"CASE WHEN {self._is(SEARCH)} THEN {title} END"
            title = f"CASE WHEN NOT {self._is(SEARCH)} THEN {title} END"
        time = "NULL" if parts.timestamp is None else _named(parts.timestamp)
        if parts.timestamp is not None and self.kinds[parts.timestamp] != "TIMESTAMP":
            time = f"make_timestamp(epoch_us({time}))"
        value = "NULL" if parts.value is None else _named(parts.value)
        return (
            f"CAST(NULL AS VARCHAR) AS event_id, {text(parts.user)} AS user, {kind} AS type, {title} AS title, "
            f"{text(parts.product)} AS product, {searched} AS text, CAST({value} AS DOUBLE) AS value, "
            f"CAST({time} AS TIMESTAMP) AS time, CAST(NULL AS VARCHAR) AS model, CAST(NULL AS INTEGER) AS rank, "
            f"CAST(NULL AS DOUBLE) AS score, CAST(NULL AS BIGINT) AS list, {quoted(source)} AS source, "
            "file_row_number + 1 AS line"
        )

    def _lower(self) -> set[str]:
        return {kind.lower() for kind in self.types}

    def _is(self, kind: str) -> str:
        if self.parts.type is None or kind not in self._lower():
            return "false"
        return f"(lower({_named(self.parts.type)}) = '{kind}')"


def _filled(name: str, kinds: dict[str, str]) -> str:
    column = _named(name)
    if kinds[name] != "VARCHAR":
        return f"{column} IS NOT NULL"
    # Comparisons and a pattern at the end cost little; trim with so many characters costs more than all the rest.
    begins = " AND ".join(
        f"NOT ({column} >= chr({first}) AND {column} < chr({last + 1}))" for first, last in UNCERTAIN_STARTS
    )
    ends = f"regexp_matches({column}, '[\\p{{L}}\\p{{N}}\\p{{P}}\\p{{S}}]$')"
    inside = f"NOT contains({column}, chr(0)) AND NOT contains({column}, chr(31))"
    return f"({column} >= '!' AND {begins} AND {ends} AND {inside})"


def _named(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
