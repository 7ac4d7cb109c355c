"""The folder of a store, and the one way in which it changes.

    DIR/events/day=YYYY-MM-DD/load-00000001-0.parquet     the events; day=unknown without a time
    DIR/quarantine/SOURCE-DIGEST.jsonl                    lines that are no event, and why
    DIR/store.json                                        schema, number of loads, number of events

A load is written to `.staging`, synchronised to the disk, and listed in `.journal.json`, which appears whole or not at
all (written beside, synchronised, renamed). That rename is the commit: from then on the files belong to the store, and
whoever comes next finishes moving them. What is in `.staging` without a journal was never acknowledged and is removed.
So `events/*/*.parquet` holds whole files of committed loads only, and may be read by anything at any time.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seefud.errors import InputError
from seefud.store.events import escaped

__all__ = ["STORE_FILE", "InteractionStore", "Load", "is_store"]

STORE_FILE = "store.json"
_FORMAT = "seefud interaction store"
_SCHEMA = 1
_JOURNAL = ".journal.json"
_STAGING = ".staging"
_LOCK = ".lock"


@dataclass(frozen=True)
class Load:
    """A load under construction.

    Attributes:
        staging: where its files are written, laid out as in the store; `work` in it is thrown away.
        number: of the load, from 1.
    """

    staging: Path
    number: int

    @property
    def work(self) -> Path:
        """A folder for what does not go into the store."""
        return self.staging / "work"


@dataclass(frozen=True)
class InteractionStore:
    """A store on disk.

    Attributes:
        folder: where it is.
    """

    folder: Path

    @classmethod
    def open(cls, folder: Path | str) -> InteractionStore:
        """A store that is there; a commit that was cut short is finished first.

        Raises:
            InputError: the folder is no store, or one of a newer schema.
        """
        store = cls(Path(folder))
        store._state()
        if (store.folder / _JOURNAL).exists():
            try:
                with store._locked():
                    store._recover()
            except (InputError, OSError):
                pass  # another process is committing, or this one may only read: what is there is whole
        return store

    @property
    def pattern(self) -> str:
        """What DuckDB's `read_parquet` takes."""
        return f"{escaped(self.folder)}/events/*/*.parquet"

    def files(self) -> list[Path]:
        """The Parquet files, by name."""
        return sorted((self.folder / "events").glob("*/*.parquet"))

    @property
    def events(self) -> int:
        """How many events it holds."""
        return int(self._state()["events"])

    @property
    def loads(self) -> int:
        """How many loads changed it."""
        return int(self._state()["loads"])

    @classmethod
    @contextmanager
    def writing(cls, folder: Path | str) -> Iterator[InteractionStore]:
        """The store, made if it is not there, for one writer at a time.

        Raises:
            InputError: the folder holds other things, or another process is writing.
        """
        store = cls(Path(folder))
        if store.folder.exists() and not store.folder.is_dir():
            raise InputError(f"--into {store.folder}: is a file; give a folder")
        if store.folder.is_dir() and not (store.folder / STORE_FILE).exists():
            ours = {_LOCK, _JOURNAL, _STAGING, f".{STORE_FILE}.partial"}
            if others := sorted(each.name for each in store.folder.iterdir() if each.name not in ours):
                raise InputError(
                    f"--into {store.folder}: holds {others[0]} and no {STORE_FILE}; give a store, or a new or "
                    "empty folder"
                )
        store.folder.mkdir(parents=True, exist_ok=True)
        with store._locked():
            if not (store.folder / STORE_FILE).exists():
                store._write_state(0, 0)
            store._state()
            store._recover()
            yield store

    def begin(self) -> Load:
        """An empty staging folder for the next load; the caller holds the lock of `writing`."""
        staging = self.folder / _STAGING
        shutil.rmtree(staging, ignore_errors=True)
        load = Load(staging, self.loads + 1)
        load.work.mkdir(parents=True)
        return load

    def commit(self, load: Load, events: int) -> None:
        """Makes the files of a load part of the store; after this call nothing of it can be lost.

        Args:
            load: with its files under `events` and `quarantine` of its staging folder.
            events: how many of them are new.
        """
        moves = []
        for number, path in enumerate(sorted((load.staging / "events").glob("*/*.parquet"))):
            moves.append((path, f"events/{path.parent.name}/load-{load.number:08d}-{number}.parquet"))
        moves += [(path, f"quarantine/{path.name}") for path in sorted((load.staging / "quarantine").glob("*"))]
        for path, _ in moves:
            _sync(path)
        for each in {path.parent for path, _ in moves} | {path.parent.parent for path, _ in moves} | {load.staging}:
            _sync(each)
        state = {"loads": load.number, "events": self.events + events}
        content = {**state, "moves": [[str(path.relative_to(self.folder)), final] for path, final in moves]}
        self._write(_JOURNAL, content)  # the commit
        self._recover()

    def discard(self, load: Load) -> None:
        """Forgets a load that changes nothing."""
        shutil.rmtree(load.staging, ignore_errors=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """The lock of the operating system, which ends with the process, however it ends."""
        with (self.folder / _LOCK).open("a+", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                other = lock.read(20).strip() or "unknown"
                raise InputError(
                    f"--into {self.folder}: another ingest is writing to it (process {other}); wait until it has ended"
                ) from None
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield

    def _recover(self) -> None:
        """Finishes what was committed and removes what was not."""
        journal = self.folder / _JOURNAL
        if journal.exists():
            content = json.loads(journal.read_text(encoding="utf-8"))
            touched = set()
            for staged, final in content["moves"]:
                source, target = self.folder / staged, self.folder / final
                if source.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    os.replace(source, target)
                elif not target.exists():
                    raise InputError(
                        f"{self.folder}: {final} was committed and is gone; restore it from a backup, or ingest its "
                        f"sources into a new store"
                    )
                touched |= {target.parent, target.parent.parent}
            for each in sorted(touched):
                _sync(each)
            _sync(self.folder)
            self._write_state(int(content["loads"]), int(content["events"]))
            journal.unlink()
            _sync(self.folder)
        shutil.rmtree(self.folder / _STAGING, ignore_errors=True)

    def _write_state(self, loads: int, events: int) -> None:
        self._write(STORE_FILE, {"format": _FORMAT, "schema": _SCHEMA, "loads": loads, "events": events})

    def _write(self, name: str, content: dict[str, Any]) -> None:
        partial = self.folder / f".{name.lstrip('.')}.partial"
        with partial.open("w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, self.folder / name)
        _sync(self.folder)

    def _state(self) -> dict[str, Any]:
        path = self.folder / STORE_FILE
        try:
            state = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise InputError(
                f"{self.folder}: is no interaction store; seefud ingest SOURCE --into DIR makes one"
            ) from None
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: cannot be read ({error}); restore it from a backup") from None
        counts = [state.get(key) for key in ("loads", "events")] if isinstance(state, dict) else []
        if not counts or state.get("format") != _FORMAT or not all(isinstance(count, int) for count in counts):
            raise InputError(f"{path}: does not describe an interaction store; restore it from a backup")
        if state.get("schema") != _SCHEMA:
            raise InputError(
                f"{path}: schema is {state.get('schema')}, this version reads {_SCHEMA}; install a newer one"
            )
        return dict(state)


def is_store(path: Path) -> bool:
    """Whether a folder is an interaction store."""
    return (path / STORE_FILE).is_file()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
