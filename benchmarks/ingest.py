"""Ingest of made events from Parquet, against DuckDB's own time to read and write the same Parquet.

The source is a log of 10,000,000 events in the order of their time, over 30 days, in one Parquet file. `seefud ingest`
names, de-duplicates and writes them by day and synchronises them to the disk; DuckDB, with the settings it comes with,
reads the events that lie in the store and writes them again, by day and with the same compression. Both run as
processes of their own, in turns, and the fastest of each counts. The second ingest of the same file must find nothing.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from program import Report, Table, note, run_program

__all__ = ["main"]

EVENTS = 10_000_000
ROUNDS = 2
GOAL_RATIO, GOAL_MB = 1.5, 1000

_MADE = """
    COPY (
        SELECT 'u' || (hash(i) % 200000) AS "UserID",
            'Sate jamur tahu nomor ' || (hash(i + 7) % 20000) AS "Title",
            ['view', 'click', 'purchase', 'rating'][1 + CAST(hash(i + 1) % 4 AS INTEGER)] AS "InteractionType",
            CASE WHEN hash(i + 1) % 4 = 3 THEN 1 + CAST(hash(i + 3) % 5 AS DOUBLE) END AS "Value",
            make_timestamp(1764000000000000 + i * (30 * 86400000000 // {events})) AS "Timestamp"
        FROM range({events}) AS made(i)
    ) TO '{path}' (FORMAT parquet)
"""


def main() -> int:
    """Runs the benchmark, or one of its halves."""
    if len(sys.argv) > 1 and sys.argv[1] in _HALVES:
        print(json.dumps(_HALVES[sys.argv[1]](*map(Path, sys.argv[2:]))))
        return 0
    return run_program(__doc__, _measure, _arguments)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--events", type=int, default=EVENTS, help=f"how many are made; {EVENTS:,} by default")


def _measure(options: argparse.Namespace) -> Report:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "events.parquet"
        note(f"making {options.events:,} events")
        _child("make", source, Path(str(options.events)))
        ours, peers, copies = [], [], []
        for number in range(ROUNDS):
            store = folder / f"store-{number}"
            note(f"round {number + 1}: ingest")
            ours.append(_child("ingest", source, store))
            note(f"round {number + 1}: DuckDB reads and writes the same Parquet")
            peers.append(_child("rewrite", store, folder / "again"))
            copies.append(_child("copy", source, folder / "copy.parquet"))
            shutil.rmtree(folder / "again")
            if number + 1 < ROUNDS:
                shutil.rmtree(store)
        note("the same file once more")
        again = _child("ingest", source, store)
    best = min(ours, key=lambda each: float(each["seconds"]))
    peer = min(peers, key=lambda each: float(each["seconds"]))
    copy = min(copies, key=lambda each: float(each["seconds"]))
    ratio = best["seconds"] / peer["seconds"]
    rows = [
        _row("seefud ingest", best, peer),
        _row("DuckDB, the store's Parquet read and written", peer, peer),
        _row("DuckDB, the source's five columns read and written", copy, peer),
        _row("seefud ingest, the same file again", again, peer),
    ]
    peak = max(float(each["peak_mb"]) for each in (*ours, again))
    notes = [
        f"{ratio:.2f} times DuckDB's time (goal: at most {GOAL_RATIO}), peak memory {peak:,.0f} MB (goal: below "
        f"{GOAL_MB:,}); CPU time {best['cpu'] / peer['cpu']:.2f} times.",
        f"The same file again: {again['new']:,} new, {again['known']:,} known.",
    ]
    wrong = best["new"] != options.events or again["new"] != 0 or again["known"] != options.events
    table = Table(f"{options.events:,} events", ["what", "s", "CPU s", "peak MB", "of DuckDB's"], rows)
    figures = {"events": options.events, "ratio": ratio, "peak_mb": peak}
    figures |= {"ingest": ours, "rewrite": peers, "copy": copies, "again": again}
    return Report([table], figures, notes, broken=wrong)


def _row(name: str, found: dict[str, Any], peer: dict[str, Any]) -> list[str]:
    times = found["seconds"] / peer["seconds"]
    return [name, f"{found['seconds']:.1f}", f"{found['cpu']:.1f}", f"{found['peak_mb']:,.0f}", f"{times:.2f}"]


def _child(half: str, *places: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, half, *map(str, places)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _timed(work: Any) -> dict[str, Any]:
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    found = work() or {}
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": seconds, "cpu": cpu, "peak_mb": after.ru_maxrss / 1024, **found}


def _make(path: Path, events: Path) -> dict[str, Any]:
    import duckdb

    duckdb.execute("SET enable_progress_bar = false")
    duckdb.execute(_MADE.format(events=int(events.name), path=path))
    return {}


def _ingest(source: Path, store: Path) -> dict[str, Any]:
    from seefud.store.ingest import ingest

    def work() -> dict[str, Any]:
        (found,) = ingest([source], store).sources
        return {"new": found.new, "known": found.known, "quarantined": found.quarantined}

    return _timed(work)


def _rewrite(store: Path, out: Path) -> dict[str, Any]:
    import duckdb

    settings = "FORMAT parquet, COMPRESSION lz4_raw, PARTITION_BY (day)"
    query = f"COPY (FROM read_parquet('{store}/events/*/*.parquet')) TO '{out}' ({settings})"
    return _timed(lambda: _run(duckdb, query))


def _copy(source: Path, out: Path) -> dict[str, Any]:
    import duckdb

    return _timed(lambda: _run(duckdb, f"COPY (FROM read_parquet('{source}')) TO '{out}' (FORMAT parquet)"))


def _run(duckdb: Any, query: str) -> None:
    # As it comes, but for two things that only cost it time.
    with duckdb.connect(config={"preserve_insertion_order": False}) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(query)


_HALVES = {"make": _make, "ingest": _ingest, "rewrite": _rewrite, "copy": _copy}

if __name__ == "__main__":
    sys.exit(main())
