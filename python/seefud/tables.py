"""Reading a table: files, stores and databases to columns of text with the true place of every row.

The kind of file is told by its first bytes, not by its name. Everything is read as text, so that a user
`007` stays one. A row keeps the line it starts on, also after quoted line breaks and blank lines, because
every later complaint names it.
"""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seefud.columns import ColumnNames, closest
from seefud.delimited import column_names, parse_delimited
from seefud.errors import InputError
from seefud.problems import Problem, Problems
from seefud.sources import Source, SqlSource, as_source
from seefud.store.folder import InteractionStore, is_store

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MAX_FILE_BYTES", "Table", "read_table", "text_column"]

MAX_FILE_BYTES = 4 << 30
"""Also the most that a gzipped file may unpack to."""


@dataclass(frozen=True)
class Table:
    """The rows of a file.

    Attributes:
        file: its name, without the folder.
        columns: names as they stand in the header, trimmed, in order.
        frame: one column of text per name; a missing value is the empty text.
        lines: int64 [rows], the line on which each row starts (Parquet: the row's number, from 1).
        unit: what `lines` counts.
        digest: SHA-256 of the file, or of the content that a store or a database gave.
        parts: columns that play a part whatever their names are mapped to: those of a store.
    """

    file: str
    columns: tuple[str, ...]
    frame: pd.DataFrame
    lines: NDArray[np.int64]
    unit: Literal["line", "row"]
    digest: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, names: ColumnNames, part: str, *, required: bool = False) -> pd.Series[str] | None:
        """The column that plays a part, or None if there is none and none is needed.

        Raises:
            InputError: if it is missing although it is required or was named explicitly.
        """
        name = self.name_of(names, part)
        if not name:
            if required:
                raise InputError(f"{self.file}: the {part} column cannot be left out; map it with --column {part}=NAME")
            return None
        if name in self.frame.columns:
            return self.frame[name]
        alike = [found for found in self.columns if _squeezed(found) == _squeezed(name)]
        if len(alike) == 1:
            return self.frame[alike[0]]
        if not (required or names.is_explicit(part)):
            return None
        near = closest(name, self.columns)
        remedy = f"did you mean {near}? Map it" if near else "map it"
        other = ", or with --column type= if every row is a plain interaction" if part == "type" else ""
        raise InputError(
            f"{self.file}: expected a column {name} ({part}), found {', '.join(self.columns)}; "
            f"{remedy} with --column {part}=NAME{other}"
        )

    def name_of(self, names: ColumnNames, part: str) -> str:
        """What the column of a part is called; blank if it is left out."""
        return self.parts.get(part) or str(getattr(names, part))

    def problem(self, kind: str, rows: NDArray[np.int64], column: str, value: str, reason: str) -> Problem:
        """A problem in some rows (places in `frame`, ascending)."""
        lines = tuple(int(line) for line in self.lines[rows])
        return Problem(kind, self.file, lines, column, value, reason, self.unit)


def read_table(source: Source | str, problems: Problems | None = None) -> Table:
    """Read a CSV file, a gzipped one, a Parquet file, an interaction store, or a table of a database.

    CSV is UTF-8 with or without a byte order mark, separated by commas or semicolons (whichever gives the
    header more columns), with LF, CRLF or CR line ends; fields in double quotes may hold all of these. Empty
    lines are skipped and missing fields at the end of a row are blank.

    Args:
        source: the file, the folder of a store, or the table or query.
        problems: where rows with too many fields are listed; such rows are left out. Without it they are
            refused.

    Raises:
        InputError: if there is no such file, it is empty, binary, undecodable, too large, broken, or two
            columns have the same name.
    """
    source = as_source(source)
    if isinstance(source, SqlSource):
        from seefud.store.stored_table import sql_table

        return sql_table(source)
    if is_store(source):
        from seefud.store.stored_table import store_table

        return store_table(InteractionStore.open(source))
    data = _read_bytes(source)
    digest = hashlib.sha256(data).hexdigest()
    return replace(_of_file(source.name, data, problems), digest=digest)


def _of_file(file: str, data: bytes, problems: Problems | None) -> Table:
    if data[:4] == b"PAR1":
        return _parquet(file, data)
    if data[:2] == b"\x1f\x8b":
        data = _gunzip(file, data)
    frame, lines = parse_delimited(file, data, problems)
    return Table(file, tuple(frame.columns), frame, lines, "line")


def text_column(column: pa.ChunkedArray) -> pd.Series[str]:
    """A column of Parquet as text: null is blank, lists are joined by commas, instants are in UTC.

    Raises:
        pyarrow.ArrowException: it is not plain.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pc.binary_join(column.cast(pa.list_(pa.string())), ", ")
    elif pa.types.is_timestamp(column.type) and column.type.tz is not None:
        column = column.cast(pa.timestamp(column.type.unit))  # the instant in UTC, read as UTC later
    return pd.Series(column.cast(pa.string()).fill_null("").to_pylist(), dtype="str")


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _read_bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise InputError(f"{path}: is a folder; give a CSV or Parquet file, or an interaction store")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"{path}: is larger than {MAX_FILE_BYTES:,} bytes; split it or use fewer columns")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; give the path of a CSV or Parquet file") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error


def _gunzip(file: str, data: bytes) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        while data:
            member = zlib.decompressobj(wbits=31)
            parts.append(member.decompress(data, MAX_FILE_BYTES - size + 1))
            size += len(parts[-1])
            if size > MAX_FILE_BYTES:
                raise InputError(f"{file}: unpacks to more than {MAX_FILE_BYTES:,} bytes; is it damaged?")
            if not member.eof:
                raise InputError(f"{file}: the gzip data ends too early; copy the file again")
            data = member.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise InputError(f"{file}: the gzip data is damaged ({error}); copy the file again") from error
    return b"".join(parts)


def _parquet(file: str, data: bytes) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        source = pq.ParquetFile(io.BytesIO(data))
        names = column_names(file, source.schema_arrow.names, 1)
        table = source.read()
        columns: dict[str, object] = {}
        for name in names:
            columns[name] = text_column(table.column(name))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{file}: is no readable Parquet table of plain columns ({reason}); write it again") from error
    if not table.num_rows:
        raise InputError(f"{file}: has columns but no rows; expected at least one")
    return Table(file, tuple(names), pd.DataFrame(columns), np.arange(1, table.num_rows + 1, dtype=np.int64), "row")
