"""1,000 SIGKILLs at random points of ingest: no acknowledged event is lost, and none is doubled.

One process after another ingests small exports into the same store, and says so on a pipe after each; a SIGKILL ends it
at a random moment within its ingests. After every death the store is read: each event of an acknowledged export must
be there, none twice, and none of an export in part; store.json must count what is there. Exports overlap in half of
their events, so that every ingest has something to recognise.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

from program import Report, Table, note, run_program
from seefud.store import InteractionStore
from seefud.store.ingest import ingest
from seefud.store.line_sum import with_sum

__all__ = ["main"]

KILLS = 1_000
EXPORTS, EVENTS = 12, 40
"""Exports of a store, after which another store is begun, and events of an export."""


def main() -> int:
    """Runs the benchmark."""
    return run_program(__doc__, _measure, _arguments)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kills", type=int, default=KILLS, help=f"how many; {KILLS:,} by default")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")


def _measure(options: argparse.Namespace) -> Report:
    rng = random.Random(options.seed)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        exports = [_export(folder / f"{number}.jsonl", number) for number in range(EXPORTS)]
        # How long an ingest takes here, the slow first one aside, so that the moments fall on all of it.
        _ended(*_begun(exports, folder / "warm"), after=None)
        started = time.perf_counter()
        _ended(*_begun(exports, folder / "timed"), after=None)
        each = (time.perf_counter() - started) / EXPORTS
        number = 0
        while counts["killed"] < options.kills:
            number += 1
            store = folder / f"store-{number}"
            done = 0
            while done < EXPORTS and counts["killed"] < options.kills:
                child, pipe = _begun(exports[done:], store)
                acknowledged, killed = _ended(child, pipe, after=rng.uniform(0, 3 * each))
                done += acknowledged
                counts["killed"] += killed
                counts["acknowledged"] += acknowledged
                counts.update(_judged(store, exports, done))
                if killed and counts["killed"] % 100 == 0:
                    note(f"{counts['killed']:,} kills")
    names = (
        "killed",
        "acknowledged",
        "lost",
        "doubled",
        "in part",
        "miscounted",
        "whole but not acknowledged",
        "unfinished commits",
    )
    rows = [[name, f"{counts[name]:,}"] for name in names]
    broken = any(counts[name] for name in ("lost", "doubled", "in part", "miscounted"))
    table = Table(f"{counts['killed']:,} SIGKILLs, {each * 1000:.0f} ms an ingest", ["what", "count"], rows)
    notes = ["lost and doubled are events; in part, acknowledged and whole are exports; miscounted are stores."]
    return Report([table], {name: counts[name] for name in names}, notes, broken=broken)


def _export(path: Path, number: int) -> Path:
    first = number * EVENTS // 2
    with path.open("w", encoding="utf-8") as file:
        for sequence in range(first, first + EVENTS):
            made = {"schema": 1, "installation": "0" * 32, "sequence": sequence, "type": "click", "title": "Sate"}
            file.write(with_sum(json.dumps({**made, "time": 1_764_000_000_000 + sequence * 3_600_000})) + "\n")
    return path


def _begun(exports: list[Path], store: Path) -> tuple[int, int]:
    """A process that ingests the exports and writes a byte after each."""
    read, write = os.pipe()
    child = os.fork()
    if child:
        os.close(write)
        return child, read
    code = 3
    try:
        for export in exports:
            ingest([export], store)
            os.write(write, b".")
        code = 0
    finally:
        os._exit(code)


def _ended(child: int, pipe: int, after: float | None) -> tuple[int, bool]:
    """Waits for the end of a process, or kills it after some seconds: acknowledged exports, whether it was killed."""
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)  # a process that has ended and was not waited for takes it too
    status = os.waitpid(child, 0)[1]
    said = b""
    while more := os.read(pipe, 4096):
        said += more
    os.close(pipe)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
        raise RuntimeError(f"an ingest failed with exit code {os.WEXITSTATUS(status)}")
    return len(said), os.WIFSIGNALED(status)


def _judged(store: Path, exports: list[Path], done: int) -> Counter[str]:
    """What is wrong with a store in which the first `done` exports were acknowledged."""
    found: Counter[str] = Counter()
    if not (store / "store.json").exists():
        found["lost"] += done * EVENTS
        return found
    found["unfinished commits"] += (store / ".journal.json").exists()
    opened = InteractionStore.open(store)
    names: Counter[str] = Counter()
    for path in opened.files():
        names.update(
            pq.read_table(path, columns=["event_id"], partitioning=None, use_threads=False)["event_id"].to_pylist()
        )
    found["doubled"] += sum(times - 1 for times in names.values())
    found["miscounted"] += opened.events != len(names)
    wanted = {f"{'0' * 32}-{number}" for number in range((done + 1) * EVENTS // 2)} if done else set()
    found["lost"] += len(wanted - names.keys())
    beyond = len(names.keys() - wanted)
    # Of the export that was being read when the process died, all new events are there or none is.
    new = EVENTS if done == 0 else EVENTS // 2
    found["whole but not acknowledged"] += beyond == new
    found["in part"] += beyond not in (0, new)
    return found


if __name__ == "__main__":
    sys.exit(main())
