"""Exported JSON Lines to staged rows: in bulk what is certainly right, one by one what is not.

A file is read in blocks of whole lines. DuckDB parses a block and keeps the lines that pass every check in SQL; the
rest, usually none, goes to `seefud.store.json_event`, which accepts or gives the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from seefud.delimited import MAX_LINE_BYTES
from seefud.store.events import EVENT_TYPES, LATEST_MILLISECONDS, SCHEMA, STAGED_SCHEMA, quoted
from seefud.store.json_event import LARGEST, RejectedLine, json_event
from seefud.store.line_sum import SUM_BEGIN, SUM_CHARACTERS, SUM_DIGITS, SUM_END
from seefud.store.quarantine import Quarantine

if TYPE_CHECKING:
    import duckdb

__all__ = ["BLOCK_BYTES", "stage_json_lines"]

BLOCK_BYTES = 16 << 20

_TYPES = {
    **{"schema": "BIGINT", "installation": "VARCHAR", "sequence": "BIGINT", "type": "VARCHAR", "time": "BIGINT"},
    **{"title": "VARCHAR", "product": "VARCHAR", "text": "VARCHAR", "value": "DOUBLE", "model": "VARCHAR"},
    **{"rank": "INTEGER", "score": "DOUBLE", "list": "BIGINT", "sum": "VARCHAR"},
}
_NEEDED = ("schema", "sequence", "time")


def stage_json_lines(
    file: IO[bytes], source: str, connection: duckdb.DuckDBPyConnection, folder: Path, quarantine: Quarantine
) -> int:
    """Stages the events of a file.

    Args:
        file: its bytes, unpacked.
        source: its name.
        connection: to DuckDB.
        folder: for Parquet files of `STAGED_SCHEMA`.
        quarantine: for lines that are no event.

    Returns:
        lines that are not blank.
    """
    lines = 0
    for number, block in enumerate(_blocks(file)):
        lines += _stage(block, source, connection, folder / f"{number:06d}", quarantine)
    return lines


class _Block:
    """Whole lines: `data[starts[i]:ends[i]]` is line `first + i`, its line break included.

    A line that is too long is not here; `too_long` has (its number, its length, its start).
    """

    def __init__(self, first: int, data: bytes, too_long: tuple[int, int, bytes] | None = None) -> None:
        self.first, self.data, self.too_long = first, data, too_long
        ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == 10) + 1
        if data and (not len(ends) or ends[-1] != len(data)):
            ends = np.append(ends, len(data))
        self.ends: NDArray[np.int64] = ends.astype(np.int64)
        self.starts = np.concatenate([np.zeros(1, np.int64), self.ends[:-1]]) if len(ends) else self.ends

    def line(self, place: int) -> bytes:
        return self.data[self.starts[place] : self.ends[place]]


def _blocks(file: IO[bytes]) -> Iterator[_Block]:
    rest, first, begun = b"", 1, False
    while piece := file.read(BLOCK_BYTES):
        if not begun:
            piece, begun = piece.removeprefix(b"\xef\xbb\xbf"), True
        data = rest + piece
        end = data.rfind(b"\n") + 1
        if not end and len(data) > MAX_LINE_BYTES:
            length, rest = _skip_line(file, len(data))
            yield _Block(first, b"", (first, length, data[:200]))
            first += 1
            continue
        rest = data[end:]
        if end:
            block = _Block(first, data[:end])
            first += len(block.ends)
            yield block
    if rest:
        yield _Block(first, rest)


def _skip_line(file: IO[bytes], length: int) -> tuple[int, bytes]:
    """Reads past a line without keeping it: its length, and what was read of the next ones."""
    while piece := file.read(BLOCK_BYTES):
        end = piece.find(b"\n") + 1
        if end:
            return length + end, piece[end:]
        length += len(piece)
    return length, b""


def _stage(
    block: _Block, source: str, connection: duckdb.DuckDBPyConnection, stem: Path, quarantine: Quarantine
) -> int:
    if block.too_long:
        number, length, start = block.too_long
        _too_long(quarantine, number, length, start)
        return 1
    lengths = block.ends - block.starts
    bulk = _texts(block) if lengths.max() <= MAX_LINE_BYTES else None
    if bulk is None:  # a byte somewhere is not UTF-8, or a line is too long: every line is looked at
        uncertain = np.arange(len(block.ends))
    else:
        uncertain = _stage_certain(block, bulk, source, connection, Path(f"{stem}.parquet"))
    blank = 0
    accepted: list[dict[str, Any]] = []
    for place in uncertain.tolist():
        line = block.line(place)
        if not line.strip():
            blank += 1
        elif len(line) > MAX_LINE_BYTES:
            _too_long(quarantine, block.first + place, len(line), line[:200])
        else:
            text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
            try:
                event = json_event(text)
            except RejectedLine as why:
                quarantine.add(why.kind, block.first + place, why.column, why.value, why.reason, text)
            else:
                accepted.append({**event, "source": source, "line": block.first + place})
    if accepted:
        columns = {
            name: [event[name] for event in accepted]
            if name != "time"
            else [event["time"] * 1000 for event in accepted]
            for name in STAGED_SCHEMA.names
        }
        pq.write_table(pa.table(columns, schema=STAGED_SCHEMA), f"{stem}-more.parquet")
    return len(block.ends) - blank


def _too_long(quarantine: Quarantine, line: int, length: int, start: bytes) -> None:
    reason = f"is {length:,} bytes long; expected at most {MAX_LINE_BYTES:,}; is a line break missing? line left out"
    quarantine.add("too_long", line, "", start.decode("utf-8", "replace"), reason)


def _texts(block: _Block) -> pa.Array | None:
    """The lines as texts that share the block's memory, or None if some byte is not UTF-8."""
    try:
        block.data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    offsets = np.append(np.int32(0), block.ends.astype(np.int32))
    return pa.StringArray.from_buffers(len(block.ends), pa.py_buffer(offsets), pa.py_buffer(block.data))


def _stage_certain(
    block: _Block, texts: pa.Array, source: str, connection: duckdb.DuckDBPyConnection, path: Path
) -> NDArray[np.int64]:
    """Stages what is certainly right; returns the places of the other lines."""
    lines = np.arange(block.first, block.first + len(texts), dtype=np.int64)
    table = pa.table({"line": lines, "line_text": texts})
    # Pieces, so that two threads have something to share.
    connection.register("block", pa.Table.from_batches(table.to_batches(max_chunksize=1 << 14)))
    try:
        connection.execute(_PARSE)
        connection.execute(
            f"COPY (SELECT {_EVENT}, {quoted(source)} AS source, line FROM parsed WHERE certain) "
            f"TO {quoted(path)} (FORMAT parquet, COMPRESSION lz4_raw)"
        )
        rest = connection.execute("SELECT line FROM parsed WHERE NOT certain ORDER BY line")
        return np.asarray(rest.fetchnumpy()["line"], dtype=np.int64) - block.first
    finally:
        connection.unregister("block")


def _certain() -> str:
    """True only for what `json_event` accepts with the same columns; false or NULL sends the line there."""
    checks = [f"e.schema = {SCHEMA}", "regexp_full_match(e.installation, '[0-9a-f]{32}')"]
    checks.append(f"e.type IN ({', '.join(map(quoted, EVENT_TYPES))})")
    for place, (key, kind) in enumerate(_TYPES.items(), 1):
        # DuckDB casts "4" and true to numbers; the type in the text has the last word.
        if kind == "VARCHAR":
            allowed = "'VARCHAR', 'NULL'"
        else:
            allowed = "'UBIGINT', 'BIGINT'" + (", 'DOUBLE'" if kind == "DOUBLE" else "")
            allowed += "" if key in _NEEDED else ", 'NULL'"
        checks.append(f"(t[{place}] IS NULL OR t[{place}] IN ({allowed}))")
        if kind != "VARCHAR":  # what does not fit its type was made NULL
            checks.append(f"(t[{place}] IS NULL OR t[{place}] = 'NULL' OR e.{key} IS NOT NULL)")
    checks.append(f"e.sequence BETWEEN 0 AND {LARGEST}")
    checks.append(f"e.time BETWEEN 0 AND {LATEST_MILLISECONDS - 1}")
    checks += ["coalesce(e.list >= 0, true)", "coalesce(e.rank >= 1, true)"]
    checks += [f"coalesce(isfinite(e.{key}), true)" for key in ("value", "score")]
    checks.append("coalesce(regexp_full_match(e.model, '[0-9a-f]{12}'), true)")
    # A letter, digit, sign or symbol: surely not blank.
    filled = r"regexp_matches(e.{}, '[\p{{L}}\p{{N}}\p{{P}}\p{{S}}]')"
    checks += [f"coalesce({filled.format(key)}, true)" for key in ("title", "product", "text")]
    checks.append("CASE WHEN e.type = 'search' THEN e.text IS NOT NULL ELSE (e.title ?? e.product) IS NOT NULL END")
    checks.append("(e.type <> 'rating' OR e.value BETWEEN 1 AND 5)")
    # Both, as of two sums the first counts.
    checks.append("e.sum = wanted")
    checks.append(f"ends_with(line_text, {quoted(SUM_BEGIN)} || wanted || {quoted(SUM_END)} || line_end)")
    # Leniencies of DuckDB's parser (a comma at the end, NaN and Infinity), and the one character that no text may hold.
    checks.append(r"NOT regexp_matches(line_text, '(?i),\s*[}\]]|[:,\[]\s*-?(?:nan|inf)')")
    checks.append(r"NOT contains(line_text, '\u0000')")
    return "(" + " AND ".join(checks).replace("(e.title ?? e.product)", "coalesce(e.title, e.product)") + ")"


# What else the judge strips, such as two carriage returns, is left to it: rtrim takes longer than the sum.
_LINE_END = (
    r"CASE WHEN ends_with(line_text, E'\r\n') THEN E'\r\n' WHEN ends_with(line_text, E'\n') THEN E'\n' ELSE '' END"
)
_PARSE = f"""
    CREATE OR REPLACE TEMP TABLE parsed AS
    SELECT line, e, coalesce({_certain()}, false) AS certain
    FROM (
        SELECT *, left(sha256(left(line_text, -{SUM_CHARACTERS} - length(line_end))), {SUM_DIGITS}) AS wanted,
            try(json_transform(line_text, {quoted(json.dumps(_TYPES))})) AS e,
            try(json_type(line_text, [{", ".join(quoted(f"$.{key}") for key in _TYPES)}])) AS t
        FROM (SELECT *, {_LINE_END} AS line_end FROM block)
    )
"""
_EVENT = (
    "e.installation || '-' || e.sequence AS event_id, e.installation AS user, e.type AS type, e.title AS title, "
    "e.product AS product, e.text AS text, e.value AS value, make_timestamp(e.time * 1000) AS time, e.model AS model, "
    "e.rank AS rank, e.score AS score, e.list AS list"
)
