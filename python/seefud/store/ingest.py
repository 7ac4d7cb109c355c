"""Merging sources into a store: the same event twice is one event, and what is no event is put away with its reason."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from seefud.columns import ColumnNames
from seefud.delimited import refuse_binary
from seefud.errors import InputError
from seefud.problems import Problem
from seefud.sources import Source, SqlSource, as_source
from seefud.store.events import connect
from seefud.store.folder import InteractionStore
from seefud.store.fresh_events import StagedRows, staged_files, write_fresh
from seefud.store.json_lines import stage_json_lines
from seefud.store.parquet_rows import stage_parquet
from seefud.store.quarantine import Quarantine
from seefud.store.row_events import stage_rows
from seefud.store.text_rows import delimited_chunks, sql_chunks

if TYPE_CHECKING:
    import duckdb

__all__ = ["MAX_UNPACKED_BYTES", "IngestResult", "SourceResult", "ingest"]

MAX_UNPACKED_BYTES = 1 << 36
"""Of one gzipped source."""

_LINES = (".jsonl", ".ndjson", ".json")


@dataclass(frozen=True)
class SourceResult:
    """What became of one source.

    Attributes:
        source: its name.
        read: lines or rows that are not blank.
        new: events that the store did not have.
        known: events that it had, or that stand in the source twice.
        quarantined: lines or rows that are no event.
        kinds: these by kind.
        problems: the first of these.
        error: why the source could not be read at all, blank otherwise; then nothing of it was stored.
    """

    source: str
    read: int = 0
    new: int = 0
    known: int = 0
    quarantined: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    error: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**vars(self), "problems": [problem.to_json() for problem in self.problems]}


@dataclass(frozen=True)
class IngestResult:
    """What became of all sources.

    Attributes:
        folder: of the store.
        events: how many it holds now.
        sources: in the order given.
    """

    folder: Path
    events: int
    sources: tuple[SourceResult, ...]

    @property
    def usable(self) -> bool:
        """Whether every source could be read, and none that has lines consists of damage only."""
        return all(not each.error and (each.new or each.known or not each.quarantined) for each in self.sources)

    def to_json(self) -> dict[str, Any]:
        """Plain values; the folder by its name only."""
        return {"store": self.folder.name, "events": self.events, "sources": [each.to_json() for each in self.sources]}


def ingest(
    sources: Sequence[Source | str],
    into: Path | str,
    columns: ColumnNames | None = None,
    progress: Callable[[str, str], None] | None = None,
) -> IngestResult:
    """Merges exported JSON Lines, CSV, Parquet and tables of databases into a store.

    Each source is one load: when this returns, or goes on to the next source, its events are on the disk, and a crash
    at any moment leaves all of a load or nothing of it. Reading a source again adds nothing.

    Args:
        sources: files (the first two kinds also gzipped), or SQLAlchemy URLs with a table or query.
        into: folder of the store; made if it is not there.
        columns: names of the columns of tables.
        progress: told the name of a source and what is being done with it.

    Raises:
        InputError: there is no such file, `into` is no place for a store, or another process is writing to it. What is
            wrong inside a source is in its `SourceResult.error` instead, and the others are still read.
    """
    parsed = [as_source(source) for source in sources]
    for source in parsed:
        if isinstance(source, Path):
            _check(source)
    told = progress or (lambda _source, _stage: None)
    with InteractionStore.writing(into) as store:
        results = tuple(_load(store, source, columns or ColumnNames(), told) for source in parsed)
        return IngestResult(store.folder, store.events, results)


def _check(path: Path) -> None:
    if path.is_dir():
        raise InputError(f"{path}: is a folder; give the files in it")
    try:
        path.open("rb").close()
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; give exported JSON Lines, CSV, Parquet or a database URL") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error


def _load(
    store: InteractionStore, source: Source, names: ColumnNames, told: Callable[[str, str], None]
) -> SourceResult:
    import duckdb

    load = store.begin()
    quarantine: Quarantine | None = None
    before = _state(source)
    try:
        told(source.name, "reading")
        kind = "sql" if isinstance(source, SqlSource) else _kind(source)
        quarantine = Quarantine(load.staging / "quarantine", source.name, "line" if kind in ("lines", "csv") else "row")
        staged = load.work / "staged"
        staged.mkdir()
        with connect(load.work / "spill") as connection:
            rows, count = _stage(source, kind, names, connection, staged, quarantine)
            told(source.name, "merging")
            new = write_fresh(connection, rows, store, load) if rows is not None else 0
        if _state(source) != before:
            raise InputError(f"{source.name}: changed while it was read; ingest it when it is complete")
    except (InputError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        if quarantine is not None:
            quarantine.abandon()
        store.discard(load)
        if isinstance(error, InputError):
            return SourceResult(source.name, error=str(error))
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"--into {store.folder}: cannot be written ({reason}); make room on the disk") from error
    told(source.name, "writing")
    if quarantine.finish(store.folder) or new:
        store.commit(load, new)
    else:
        store.discard(load)
    return SourceResult(
        source.name,
        read=count + quarantine.rows,
        new=new,
        known=count - new,
        quarantined=quarantine.rows,
        kinds=dict(quarantine.counts),
        problems=tuple(quarantine.first),
    )


def _state(source: Source) -> tuple[int, int] | None:
    if isinstance(source, SqlSource):
        return None
    found = source.stat()
    return found.st_size, found.st_mtime_ns


def _stage(
    source: Source,
    kind: str,
    names: ColumnNames,
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    quarantine: Quarantine,
) -> tuple[StagedRows | None, int]:
    """The rows of a source, and how many they are; None if there are none."""
    in_file: str | None = None
    if isinstance(source, SqlSource):
        count = stage_rows(sql_chunks(source), source.name, names, folder, quarantine)
    elif kind == "parquet":
        in_file, count = stage_parquet(source, names, connection, folder, quarantine)
    else:
        with _opened(source) as file:
            if kind == "lines":
                read = stage_json_lines(file, source.name, connection, folder, quarantine)
                count = read - quarantine.rows
            else:
                chunks = delimited_chunks(file, source.name, quarantine)
                count = stage_rows(chunks, source.name, names, folder, quarantine)
    queries = [in_file] if in_file else []
    if any(folder.glob("*.parquet")):
        queries.append(staged_files(folder))
    if not count:
        return None, 0
    return StagedRows(" UNION ALL ".join(queries), identified=kind == "lines"), count


def _kind(path: Path) -> str:
    """`lines`, `csv` or `parquet`: told by the first bytes, and lines of objects also by the name."""
    with path.open("rb") as raw:
        if raw.read(4) == b"PAR1":
            return "parquet"
    with _opened(path) as file:
        head = file.read(4096).removeprefix(b"\xef\xbb\xbf")
    name = path.name.casefold().removesuffix(".gz")
    if name.endswith(_LINES) or head.lstrip()[:1] == b"{":
        return "lines"
    refuse_binary(path.name, head)
    return "csv"


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked; damage of the packing is one message."""
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        try:
            yield cast(IO[bytes], _Unpacked(path.name, raw)) if packed else raw
        except EOFError as error:
            raise InputError(f"{path.name}: the gzip data ends too early; copy the file again") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise InputError(f"{path.name}: the gzip data is damaged ({error}); copy the file again") from error


class _Unpacked(gzip.GzipFile):
    """Stops a file that unpacks to more than any export holds."""

    def __init__(self, name: str, raw: IO[bytes]) -> None:
        super().__init__(fileobj=raw, mode="rb")
        self._file, self._unpacked = name, 0

    def read(self, size: int | None = -1) -> bytes:
        """As of a file."""
        return self._counted(super().read(size))

    def read1(self, size: int = -1) -> bytes:
        """As of a file; this is what text is decoded from."""
        return self._counted(super().read1(size))

    def _counted(self, data: bytes) -> bytes:
        self._unpacked += len(data)
        if self._unpacked > MAX_UNPACKED_BYTES:
            raise InputError(f"{self._file}: unpacks to more than {MAX_UNPACKED_BYTES:,} bytes; is it damaged?")
        return data
