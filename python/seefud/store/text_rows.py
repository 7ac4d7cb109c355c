"""CSV, Parquet and SQL as chunks of text columns with the place of every row, in bounded memory."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import pandas as pd

from seefud.delimited import MAX_LINE_BYTES, column_names
from seefud.errors import InputError
from seefud.sources import SqlSource
from seefud.sql_rows import sql_rows
from seefud.store.quarantine import Quarantine

__all__ = ["CHUNK_ROWS", "Chunk", "delimited_chunks", "parquet_chunks", "sql_chunks"]

CHUNK_ROWS = 50_000


@dataclass(frozen=True)
class Chunk:
    """Some rows.

    Attributes:
        columns: the columns of the source, in order.
        frame: their text; blank where there is none.
        lines: where each row starts, from 1.
    """

    columns: tuple[str, ...]
    frame: pd.DataFrame
    lines: list[int]


def sql_chunks(source: SqlSource) -> Iterator[Chunk]:
    """The rows of a table or query; `lines` counts rows.

    Raises:
        InputError: see `seefud.sql_rows.sql_rows`; or two columns have the same name.
    """
    batches = sql_rows(source)
    names = column_names(source.name, next(batches)[0], 1)
    row = 1
    for rows in batches:
        yield _chunk(names, rows, list(range(row, row + len(rows))))
        row += len(rows)


def parquet_chunks(path: Path) -> Iterator[Chunk]:
    """The rows of a Parquet file; `lines` counts rows.

    Raises:
        InputError: the file is damaged, or a column is not plain.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from seefud.tables import text_column

    try:
        with pq.ParquetFile(path) as file:
            names = column_names(path.name, file.schema_arrow.names, 1)
            row = 1
            for batch in file.iter_batches(batch_size=CHUNK_ROWS):
                columns = {name: text_column(pa.chunked_array([batch.column(name)])) for name in names if name}
                lines = list(range(row, row + batch.num_rows))
                yield Chunk(tuple(columns), pd.DataFrame(columns), lines)
                row += batch.num_rows
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        message = f"{path.name}: is no readable Parquet table of plain columns ({reason}); write it again"
        raise InputError(message) from error


def delimited_chunks(file: IO[bytes], name: str, quarantine: Quarantine) -> Iterator[Chunk]:
    """The rows of a CSV file, unpacked; `lines` counts lines.

    A record whose quotes go wrong costs its first line only: reading goes on with the line below.

    Args:
        file: UTF-8 with or without a byte order mark, commas or semicolons, any line ends.
        name: for messages.
        quarantine: for rows that are no row: undecodable, with too many fields, with a broken quote, too long.

    Raises:
        InputError: there is no header.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    lines = _Lines(text)
    start = lines.peek()
    if not start.strip():
        return
    delimiter = max(",;", key=lambda mark: len(next(csv.reader([start], delimiter=mark), [])))
    header: list[str] | None = None
    for records, places in _records(lines, delimiter, quarantine):
        if header is None:
            header = column_names(name, records.pop(0), places.pop(0))
        kept, kept_places = [], []
        for record, place in zip(records, places, strict=True):
            row = _fitted(record, place, len(header), delimiter, quarantine)
            if row is not None:
                kept.append(row)
                kept_places.append(place)
        if kept:
            yield _chunk(header, kept, kept_places)


def _chunk(names: list[str], rows: list[list[str]], lines: list[int]) -> Chunk:
    columns = zip(names, zip(*rows, strict=True), strict=False)
    frame = pd.DataFrame({name: pd.array(values, dtype="str") for name, values in columns if name})
    return Chunk(tuple(frame.columns), frame, lines)


def _fitted(record: list[str], line: int, width: int, delimiter: str, quarantine: Quarantine) -> list[str] | None:
    """The record with exactly `width` fields, or None if it is no row."""
    joined = delimiter.join(record)
    if not joined.isascii() and (bad := next((each for each in joined if "\udc80" <= each <= "\udcff"), None)):
        byte = f"0x{ord(bad) - 0xDC00:02X}"
        quarantine.add("not_utf8", line, "", joined, f"byte {byte} is not UTF-8; row left out", joined)
        return None
    if "\0" in joined:
        quarantine.add("nul", line, "", joined, "holds a NUL byte; row left out", joined)
        return None
    if len(record) > width and any(record[width:]):
        mark = "comma" if delimiter == "," else "semicolon"
        reason = f"has {len(record)} fields where the header has {width}; quote a field that holds a {mark}"
        quarantine.add("too_many_fields", line, "", joined, f"{reason}; row left out", joined)
        return None
    return record[:width] + [""] * (width - len(record))


class _Lines:
    """Physical lines with a memory of those of the record that is being read."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self.number = 0
        self.record: list[str] = []

    def peek(self) -> str:
        line = self._next()
        self._again.appendleft(line)
        return line

    def __iter__(self) -> Iterator[str]:
        while line := self._next():
            self.number += 1
            self.record.append(line)
            yield line

    def give_back(self) -> None:
        """All lines of the record but its first are read again."""
        self._again.extendleft(reversed(self.record[1:]))
        self.number -= len(self.record) - 1
        self.record.clear()

    def _next(self) -> str:
        if self._again:
            return self._again.popleft()
        line = self._text.readline(MAX_LINE_BYTES)
        if len(line) == MAX_LINE_BYTES and line[-1] not in "\r\n":
            while (more := self._text.readline(MAX_LINE_BYTES)) and more[-1] not in "\r\n":
                pass
            line = line[:200] + "\0\n"  # a NUL: refused as a row, whatever it was
        return line


def _records(lines: _Lines, delimiter: str, quarantine: Quarantine) -> Iterator[tuple[list[list[str]], list[int]]]:
    """Records that are not empty lines, and where each starts."""
    usual_limit = csv.field_size_limit(MAX_LINE_BYTES)
    try:
        while True:
            records: list[list[str]] = []
            places: list[int] = []
            reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
            try:
                while len(records) < CHUNK_ROWS:
                    lines.record.clear()
                    start = lines.number + 1
                    record = next(islice(reader, 1), None)
                    if record is None:
                        break
                    if record:
                        records.append(record)
                        places.append(start)
            except csv.Error as error:
                first = lines.record[0].rstrip("\r\n")
                reason = (
                    f"a quoted field goes wrong ({error}); close every quote and double a quote inside; line left out"
                )
                quarantine.add("bad_quote", start, "", first, reason, first)
                lines.give_back()
                if records:
                    yield records, places
                continue
            if not records:
                return
            yield records, places
    finally:
        csv.field_size_limit(usual_limit)
