"""Rows of CSV, Parquet and SQL to staged rows: which column plays which part, and which rows are no event.

What a type or a rating is worth is decided by whoever reads the store; here a row only has to say who did what with
which product. Its identity is its content, see `seefud.store.fresh_events`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from seefud.columns import ColumnNames
from seefud.interactions import SEARCH
from seefud.moments import seconds_since_1970
from seefud.store.events import STAGED_SCHEMA
from seefud.store.quarantine import Quarantine
from seefud.store.text_rows import Chunk
from seefud.tables import Table

__all__ = ["RowParts", "row_parts", "stage_rows"]

_LEFT = "row left out"


@dataclass(frozen=True)
class RowParts:
    """Names of the columns of one source by part; None where it has none."""

    user: str
    type: str | None
    title: str | None
    product: str | None
    timestamp: str | None
    value: str | None


def row_parts(source: str, columns: Iterable[str], names: ColumnNames) -> RowParts:
    """Finds the parts among the columns of a source.

    Args:
        source: its name, for messages.
        columns: its columns.
        names: what the parts are called.

    Raises:
        InputError: a needed column is missing (user, type unless its name is blank, and title or product_id).
    """
    columns = tuple(columns)
    frame = pd.DataFrame({name: pd.array([], dtype="str") for name in columns})
    table = Table(source, columns, frame, np.zeros(0, np.int64), "row")

    def found(part: str, *, required: bool = False) -> str | None:
        column = table.column(names, part, required=required)
        return None if column is None else str(column.name)

    user, product = found("user", required=True), found("product_id")
    assert user is not None
    return RowParts(
        user=user,
        type=found("type", required=bool(names.type)),
        title=found("title", required=product is None),
        product=product,
        timestamp=found("timestamp"),
        value=found("value"),
    )


def stage_rows(chunks: Iterable[Chunk], source: str, names: ColumnNames, folder: Path, quarantine: Quarantine) -> int:
    """Stages the rows that are events.

    Args:
        chunks: the rows as text.
        source: its name.
        names: what the parts are called.
        folder: for Parquet files of `STAGED_SCHEMA`; `event_id` is still null.
        quarantine: for the others.

    Returns:
        how many were staged.

    Raises:
        InputError: a needed column is missing.
    """
    staged = 0
    for number, chunk in enumerate(chunks):
        judged = _Judge(chunk, row_parts(source, chunk.columns, names), quarantine).table(source)
        if judged.num_rows:
            pq.write_table(judged, folder / f"rows-{number:06d}.parquet", compression="lz4")
            staged += judged.num_rows
    return staged


class _Judge:
    """One pass over a chunk; a row is refused for one reason only."""

    def __init__(self, chunk: Chunk, parts: RowParts, quarantine: Quarantine) -> None:
        self._chunk, self._parts, self._quarantine = chunk, parts, quarantine
        self._usable = np.ones(len(chunk.lines), dtype=bool)

    def table(self, source: str) -> pa.Table:
        user, title, product = (self._text(part) for part in ("user", "title", "product"))
        kind = self._text("type", otherwise="1").str.lower()
        times, values = self._text("timestamp"), self._text("value")
        is_search = (kind == SEARCH).to_numpy(dtype=bool)

        self._refuse_nul()
        self._refuse(user == "", "empty_user", "user", user, f"is empty; every row needs a user; {_LEFT}")
        self._refuse(kind == "", "empty_type", "type", kind, f"is empty; every row needs a type; {_LEFT}")
        self._refuse(
            (title == "") & is_search, "empty_text", "title", title, f"is empty; a search needs its text; {_LEFT}"
        )
        nameless = (title == "") & (product == "")
        wanted = "a title or a product" if self._parts.title and self._parts.product else "one"
        part = "title" if self._parts.title else "product"
        self._refuse(nameless, "empty_title", part, title, f"is empty; every row needs {wanted}; {_LEFT}")
        seconds, bad, remedy = seconds_since_1970(times)
        self._refuse(bad, "bad_timestamp", "timestamp", times, f"is no timestamp, {remedy}; {_LEFT}")
        number = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
        bad = (values != "").to_numpy(dtype=bool) & ~np.isfinite(number)
        self._refuse(bad, "bad_value", "value", values, f"expected a number; {_LEFT}")
        unrated = (kind == "rating").to_numpy(dtype=bool) & (values == "").to_numpy(dtype=bool)
        self._refuse(unrated, "empty_value", "value", values, f"is empty; a rating needs a value; {_LEFT}")

        kept = self._usable
        rows = int(kept.sum())
        microseconds = np.where(np.isnan(seconds), 0, np.round(seconds * 1e6)).astype(np.int64)
        columns: dict[str, pa.Array] = {
            name: pa.nulls(rows, STAGED_SCHEMA.field(name).type) for name in STAGED_SCHEMA.names
        }
        columns["user"], columns["type"] = _filled(user, kept), _filled(kind, kept)
        columns["title"] = _filled(title.mask(is_search, ""), kept)
        columns["product"] = _filled(product, kept)
        columns["text"] = _filled(title.where(is_search, ""), kept)
        columns["value"] = pa.array(number[kept], mask=np.isnan(number[kept]))
        columns["time"] = pa.array(microseconds[kept], mask=np.isnan(seconds[kept])).cast(pa.timestamp("us"))
        columns["source"] = pa.repeat(pa.scalar(source), rows)
        columns["line"] = pa.array(np.asarray(self._chunk.lines, dtype=np.int64)[kept])
        return pa.table(columns, schema=STAGED_SCHEMA)

    def _text(self, part: str, otherwise: str = "") -> pd.Series[str]:
        name = getattr(self._parts, part)
        if name is None:
            return pd.Series([otherwise] * len(self._chunk.lines), dtype="str")
        column: pd.Series[str] = self._chunk.frame[name]
        return column.str.strip()

    def _refuse_nul(self) -> None:
        """A NUL ends a text in many a system; U+001F separates the parts of a row's name."""
        for part in ("user", "type", "title", "product", "timestamp", "value"):
            if getattr(self._parts, part) is not None:
                column = self._text(part)
                held = column.str.contains("\0", regex=False) | column.str.contains("\x1f", regex=False)
                self._refuse(held, "nul", part, column, f"holds a NUL or U+001F; {_LEFT}")

    def _refuse(
        self,
        where: pd.Series[bool] | NDArray[np.bool_],
        kind: str,
        part: str,
        column: pd.Series[str],
        reason: str,
    ) -> None:
        for place in np.flatnonzero(np.asarray(where, dtype=bool) & self._usable).tolist():
            row = {name: value for name, value in self._chunk.frame.iloc[place].items() if value}
            text = ", ".join(f"{name}={value}" for name, value in row.items())
            line = self._chunk.lines[place]
            self._quarantine.add(kind, line, getattr(self._parts, part) or part, column.iloc[place], reason, text)
            self._usable[place] = False


def _filled(column: pd.Series[str], kept: NDArray[np.bool_]) -> pa.Array:
    """Text of the rows that are kept; blank is null."""
    values = column.to_numpy(dtype=object)[kept]
    return pa.array(values, type=pa.string(), mask=np.asarray(values == "", dtype=bool))
