"""The folder of a store: what is read, what is refused, and that a load is there as a whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from python.made_events import event, stored_ids, write_lines
from seefud.errors import InputError
from seefud.store import InteractionStore
from seefud.store.ingest import ingest

FIRST, SECOND = 6, 9
"""Events of the first load, and of the second, of which two are in the first."""


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Path, Path]:
    first = write_lines(tmp_path / "first.jsonl", [event(1, number) for number in range(FIRST)])
    second = [event(1, number) for number in range(FIRST - 2, FIRST - 2 + SECOND)]
    return first, write_lines(tmp_path / "second.jsonl", [*second, "{damage"])


def test_a_store_lies_by_day_and_describes_itself(sources: tuple[Path, Path], tmp_path: Path) -> None:
    ingest(sources, tmp_path / "store")
    store = InteractionStore.open(tmp_path / "store")
    assert (store.events, store.loads) == (FIRST + SECOND - 2, 2)
    places = {str(path.relative_to(store.folder)) for path in store.files()}
    assert "events/day=2025-11-24/load-00000001-0.parquet" in places
    assert "events/day=2025-11-30/load-00000002-3.parquet" in places
    assert sorted(path.name for path in store.folder.iterdir()) == [".lock", "events", "quarantine", "store.json"]
    content = json.loads((store.folder / "store.json").read_text(encoding="utf-8"))
    assert content == {"format": "seefud interaction store", "schema": 1, "loads": 2, "events": 13}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is no interaction store; seefud ingest SOURCE --into DIR makes one"),
        ("{", "store.json: cannot be read (Expecting property name"),
        ("[]", "store.json: does not describe an interaction store; restore it from a backup"),
        ('{"format": "x"}', "store.json: does not describe an interaction store; restore it from a backup"),
        (
            '{"format": "seefud interaction store", "schema": 2, "loads": 0, "events": 0}',
            "store.json: schema is 2, this version reads 1; install a newer one",
        ),
    ],
)
def test_what_is_no_store_is_refused(content: str | None, message: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "store.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as found:
        InteractionStore.open(tmp_path)
    assert message in str(found.value)


def test_a_store_is_made_in_no_folder_of_other_things(sources: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"holds first\.jsonl and no store\.json; give a store, or a new or empty folder"
    ):
        ingest(sources, tmp_path)
    with pytest.raises(InputError, match=r"first\.jsonl: is a file; give a folder"):
        ingest(sources, sources[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.jsonl", "second.jsonl"]


def test_one_process_writes_at_a_time(sources: tuple[Path, Path], tmp_path: Path) -> None:
    ingest(sources[:1], tmp_path / "store")
    with InteractionStore.writing(tmp_path / "store"):
        with pytest.raises(InputError) as found:
            ingest(sources, tmp_path / "store")
        assert InteractionStore.open(tmp_path / "store").events == FIRST, "reading needs no lock"
    assert f"another ingest is writing to it (process {os.getpid()}); wait until it has ended" in str(found.value)
    ingest(sources, tmp_path / "store")


def test_a_file_that_was_committed_and_is_gone_is_named(sources: tuple[Path, Path], tmp_path: Path) -> None:
    ingest(sources[:1], tmp_path / "store")
    journal = {"loads": 2, "events": 7, "moves": [[".staging/x.parquet", "events/day=unknown/load-00000002-0.parquet"]]}
    (tmp_path / "store" / ".journal.json").write_text(json.dumps(journal), encoding="utf-8")
    with pytest.raises(
        InputError, match=r"load-00000002-0\.parquet was committed and is gone; restore it from a backup"
    ):
        ingest(sources, tmp_path / "store")


# ---- dying


def test_killed_at_any_step_a_load_is_there_as_a_whole_or_not_at_all(
    sources: tuple[Path, Path], tmp_path: Path
) -> None:
    program = Path(__file__).with_name("dying_ingest.py")
    folder = tmp_path / "deaths"
    folder.mkdir()
    command = [sys.executable, str(program), str(folder), *map(str, sources)]
    environment = {**os.environ, "PYTHONPATH": str(program.parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-4000:]
    deaths = [json.loads(line) for line in done.stdout.splitlines()]
    both = FIRST + SECOND - 2
    assert len(deaths) > 36, "a few dozen kills are wanted"
    assert [each for each in deaths if each["found"] not in (FIRST, both) or each["said"] != each["found"]] == []
    assert {each["again"] for each in deaths} == {both}
    founds = [each["found"] for each in deaths]
    assert founds == sorted(founds), "there is one moment before which it is not there and after which it is"
    assert set(founds) == {FIRST, both}
    assert [each["killed"] for each in deaths] == [True] * (len(deaths) - 1) + [False]


class _Broken:
    """A system call that fails from its nth call on with a full disk."""

    def __init__(self, call: Callable[..., Any], nth: int) -> None:
        self.call, self.left, self.failed = call, nth, False

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            self.failed = True
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.call(*arguments, **named)


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_full_disk_at_any_call_loses_nothing_that_was_acknowledged(
    name: str, sources: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = tmp_path / "begun"
    ingest(sources[:1], begun)
    both = FIRST + SECOND - 2
    failures = 0
    for nth in range(100):
        store = tmp_path / f"{name}-{nth}"
        shutil.copytree(begun, store)
        broken = _Broken(getattr(os, name), nth)
        with monkeypatch.context() as patch:
            patch.setattr(os, name, broken)
            with contextlib.suppress(OSError):
                ingest(sources[1:], store)
        assert len(stored_ids(store)) in (FIRST, both)
        ingest(sources[1:], store)
        assert len(stored_ids(store)) == both
        if not broken.failed:
            break
        failures += 1
    assert failures >= 6
