"""Ingests a source again and again, each time dying by SIGKILL one step later, and says what was left in the store.

``python dying_ingest.py FOLDER FIRST SECOND``: every store begins with FIRST, acknowledged; SECOND is what dies. A step
is an open, a rename, a removal or a new folder inside the store. A line of JSON per death, and one for the ingest that
lived: step, whether it was killed, and how many events the store held, held in all, and held after another try.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

from seefud.store import InteractionStore
from seefud.store.ingest import ingest

STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"}


def forked(work: object, *arguments: object) -> int:
    """Runs a function in a copy of this process: DuckDB's threads would not live through a fork."""
    child = os.fork()
    if child == 0:
        code = 3
        try:
            work(*arguments)  # type: ignore[operator]
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


def dying(source: Path, store: Path, last: int) -> None:
    left = last

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in STEPS and arguments and str(store) in str(arguments[0]):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    ingest([source], store)


def counted(store: Path) -> tuple[int, int]:
    """Events in the files and in store.json; a doubled one is an error."""
    opened = InteractionStore.open(store)
    names = Counter(
        name
        for path in opened.files()
        for name in pq.read_table(path, columns=["event_id"], partitioning=None)["event_id"].to_pylist()
    )
    assert max(names.values(), default=1) == 1
    return len(names), opened.events


def main() -> None:
    folder, first, second = map(Path, sys.argv[1:])
    begun = folder / "begun"
    assert forked(ingest, [first], begun) == 0
    step = 0
    while True:
        step += 1
        store = folder / "store"
        shutil.rmtree(store, ignore_errors=True)
        shutil.copytree(begun, store)
        status = forked(dying, second, store, step)
        killed = os.WIFSIGNALED(status)
        assert killed or status == 0
        found, said = counted(store)
        assert forked(ingest, [second], store) == 0
        again = counted(store)[0]
        print(json.dumps({"step": step, "killed": killed, "found": found, "said": said, "again": again}), flush=True)
        if not killed:
            return


if __name__ == "__main__":
    main()
