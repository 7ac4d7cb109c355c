"""Delimited text to columns: what is refused, which delimiter, and which line each record starts on."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seefud.errors import InputError
from seefud.problems import Problem, Problems

__all__ = ["MAX_LINE_BYTES", "column_names", "parse_delimited", "refuse_binary"]

MAX_LINE_BYTES = 1 << 20
"""A longer line is taken for damage: real rows are some hundred bytes long."""

_CHUNK_ROWS = 16_384

_BINARY_STARTS = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook; save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV",
    b"\x1f\x8b": "gzip inside gzip; unpack it once",
    b"SQLite format 3": "an SQLite database; export the table as CSV",
    b"%PDF": "a PDF document; give a CSV file",
    b"\x89PNG": "an image; give a CSV file",
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
}


def refuse_binary(file: str, head: bytes) -> None:
    """Refuses what its first bytes show to be something else than text.

    Raises:
        InputError: with what it is, and what to do.
    """
    for start, what in _BINARY_STARTS.items():
        if head.startswith(start):
            raise InputError(f"{file}: is {what}")


def _decode(file: str, data: bytes) -> str:
    """Bytes to text, after refusing what is not a text table."""
    refuse_binary(file, data)
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data or data.isspace():
        raise InputError(f"{file}: is empty; expected a header line with column names and at least one row")
    nul = data.find(b"\0")
    if nul >= 0:
        head = data[:4096]
        odd = sum(head.count(bytes([code])) for code in range(32) if code not in (9, 10, 13))
        if odd > len(head) // 50 + 1:
            raise InputError(f"{file}: is a binary file; expected CSV text or Parquet")
        raise InputError(f"{file} line {_line_at(data, nul)}: holds a NUL byte; remove it or export the file again")
    codes = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero((codes == 10) | (codes == 13))
    lengths = np.diff(np.concatenate([[-1], ends, [len(data)]])) - 1
    longest = int(lengths.argmax())
    if lengths[longest] > MAX_LINE_BYTES:
        at = int(ends[longest - 1]) + 1 if longest else 0
        raise InputError(
            f"{file} line {_line_at(data, at)}: is {int(lengths[longest]):,} bytes long; expected at most "
            f"{MAX_LINE_BYTES:,}; is a line break missing?"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = data[error.start]
        raise InputError(
            f"{file} line {_line_at(data, error.start)}: byte 0x{byte:02X} is not UTF-8; save the file as "
            "UTF-8 (it may be Latin-1 or Windows-1252)"
        ) from error


def _line_at(data: bytes, position: int) -> int:
    """The line that holds a byte, from 1; line ends may be LF, CRLF or CR."""
    before = data[:position]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


def parse_delimited(file: str, data: bytes, problems: Problems | None) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Parse the bytes of a CSV file.

    Args:
        file: its name, for errors.
        data: its content, unpacked.
        problems: where rows with too many fields are listed; without it they are refused.

    Returns:
        one column of text per named column, and the line on which each row starts, int64 [rows].

    Raises:
        InputError: see `seefud.tables.read_table`.
    """
    text = _decode(file, data)
    delimiter = max(",;", key=lambda mark: len(_first_record(text, mark)))
    header: list[str] | None = None
    frames, line_parts = [], []
    for rows, lines in _chunks(file, text, delimiter):
        if header is None:
            header = column_names(file, rows.pop(0), int(lines[0]))
        # the header's line is gone from the rows, so count from the end
        places = lines[len(lines) - len(rows) :]
        kept = _fit_to_width(file, rows, places, len(header), delimiter=delimiter, problems=problems)
        if rows:
            columns = zip(header, zip(*rows, strict=True), strict=True)
            frames.append(pd.DataFrame({name: pd.array(values, dtype="str") for name, values in columns if name}))
            line_parts.append(kept)
    if not frames:
        raise InputError(f"{file}: has a header but no rows; expected at least one")
    frame = pd.concat(frames, ignore_index=True)
    return frame, np.concatenate(line_parts)


def _first_record(text: str, delimiter: str) -> list[str]:
    """The header as far as it can be read, to see which delimiter splits it."""
    start = io.StringIO(text[:MAX_LINE_BYTES], newline="")
    try:
        return next((row for row in csv.reader(start, delimiter=delimiter) if row), [])
    except csv.Error:
        return []


def _chunks(file: str, text: str, delimiter: str) -> Iterator[tuple[list[list[str]], NDArray[np.int64]]]:
    """The records that are not empty lines, and the line each starts on, some ten thousands at a time.

    Chunks, because a million small lists alive at once would keep the garbage collector busy. The first
    chunk starts with the header.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    while True:
        usual_limit = csv.field_size_limit(MAX_LINE_BYTES)
        try:
            rows = list(islice(reader, _CHUNK_ROWS))
        except csv.Error as error:
            raise _quote_error(file, text, delimiter, error) from error
        finally:
            csv.field_size_limit(usual_limit)
        if not rows:
            return
        lines = before + 1 + np.arange(len(rows), dtype=np.int64)
        if reader.line_num - before != len(rows):  # some field holds a line break
            lines[1:] += np.cumsum([_breaks_inside(row) for row in rows])[:-1]
        before = reader.line_num
        if not all(rows):
            kept = [place for place, row in enumerate(rows) if row]
            rows, lines = [rows[place] for place in kept], lines[kept]
        if rows:
            yield rows, lines


def _breaks_inside(row: list[str]) -> int:
    joined = ",".join(row)
    return joined.count("\n") + joined.count("\r") - joined.count("\r\n")


def _quote_error(file: str, text: str, delimiter: str, error: csv.Error) -> InputError:
    """The complaint about a record that cannot be read; reads once more to find where it starts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    usual_limit = csv.field_size_limit(MAX_LINE_BYTES)
    try:
        for _ in reader:
            start = reader.line_num + 1
    except csv.Error:
        pass
    finally:
        csv.field_size_limit(usual_limit)
    return InputError(
        f"{file} line {start}: a quoted field goes wrong ({error}); close every quote, double a quote inside "
        "quotes, and put nothing between a closing quote and the separator"
    )


def column_names(file: str, header: Sequence[str], line: int) -> list[str]:
    """Trimmed names; nameless columns at the end are dropped, others are kept as a place without a name."""
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    for name, times in Counter(name for name in names if name).items():
        if times > 1:
            places = ", ".join(str(place) for place, other in enumerate(names, 1) if other == name)
            raise InputError(
                f"{file} line {line}: {times} columns are called {name} (numbers {places}); rename or remove "
                "all but one"
            )
    if not names:
        raise InputError(f"{file} line {line}: expected a header with column names, found separators")
    return names


def _fit_to_width(
    file: str,
    rows: list[list[str]],
    lines: NDArray[np.int64],
    width: int,
    *,
    delimiter: str,
    problems: Problems | None,
) -> NDArray[np.int64]:
    """Make every row exactly `width` fields long, in place, and return the lines of the rows that stay."""
    if set(map(len, rows)) <= {width}:
        return lines
    keep = np.ones(len(rows), dtype=bool)
    for place, row in enumerate(rows):
        if len(row) > width and any(row[width:]):
            mark = "comma" if delimiter == "," else "semicolon"
            reason = f"has {len(row)} fields where the header has {width}; quote a field that holds a {mark}"
            if problems is None:
                raise InputError(f"{file} line {lines[place]}: {reason}, or pass --drop-invalid")
            found = delimiter.join(row)
            problems.add(Problem("too_many_fields", file, (int(lines[place]),), "", found, f"{reason}; row left out"))
            keep[place] = False
        row[width:] = [""] * (width - len(row))
    rows[:] = [row for row, kept in zip(rows, keep, strict=True) if kept]
    kept: NDArray[np.int64] = lines[keep]
    return kept
