"""Runs the benchmarks, all of them or those that are named, each in a process of its own.

usage: python benchmarks/run.py [NAME]... [--json]; --help lists the names

A benchmark whose data or packages are not here is skipped with the reason. A goal that is missed is printed and is no
failure: exit code 1 means that a program broke.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from program import SKIPPED, note

__all__ = ["BENCHMARKS", "main"]

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Benchmark:
    """One program.

    Attributes:
        program: its file.
        shows: what it shows, in a few words.
    """

    program: str
    shows: str


# In order of effort.
BENCHMARKS: dict[str, Benchmark] = {
    "size": Benchmark("file_size.py", "bytes of a file of 100,000 x 32"),
    "speed": Benchmark("score_speed.py", "one query over 100,000 x 32 against faiss"),
    "signatures": Benchmark("signature_mutations.py", "damaged signatures, files, exported lines: none is accepted"),
    "kills": Benchmark("ingest_kills.py", "1,000 SIGKILLs during ingest: nothing lost, nothing doubled"),
    "ingest": Benchmark("ingest.py", "ingest of 10,000,000 events against DuckDB's own reading and writing"),
    "labels": Benchmark("random_labels.py", "the seefud set, whose labels are random"),
    "feedback": Benchmark("feedback.py", "a new model on simulated logs whose truth is known"),
    "training": Benchmark("training_time.py", "training time against iALS and EASE"),
    "warm": Benchmark("warm_start.py", "steps to the quality from scratch, and churn, from an old file"),
    "quality": Benchmark("quality.py", "the int8 file against all baselines"),
    "build": Benchmark("build_cost.py", "wall time and peak memory of seefud build"),
    "cold": Benchmark("cold.py", "products that training never saw"),
    "profile": Benchmark("profile_rules.py", "recency and dislikes in the profile, on stars and times"),
    "simulation": Benchmark("simulation.py", "ten rounds of feedback by people with hidden tastes, five seeds"),
}
ALIASES = {Path(benchmark.program).stem: name for name, benchmark in BENCHMARKS.items()}


def main(arguments: list[str] | None = None) -> int:
    """Runs the named benchmarks and prints what they print."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0],
        epilog="; ".join(f"{name}: {benchmark.shows}" for name, benchmark in BENCHMARKS.items()),
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {' '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--json", action="store_true", help="print one JSON object, a member per benchmark")
    options = parser.parse_args(arguments)
    names = [ALIASES.get(name, name) for name in options.names] or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"expected some of {', '.join(BENCHMARKS)}, found {', '.join(unknown)}")
    results: dict[str, Any] = {}
    broken = []
    for name in dict.fromkeys(names):
        benchmark = BENCHMARKS[name]
        note(f"== {name}: {benchmark.shows}")
        if not options.json:
            print(f"\n## {name}: {benchmark.shows}\n", flush=True)
        started = time.perf_counter()
        command = [sys.executable, str(HERE / benchmark.program), *(["--json"] if options.json else [])]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode not in (0, SKIPPED):
            broken.append(name)
            measured = json.loads(done.stdout) if options.json and done.stdout else {}
            results[name] = {**measured, "failed": f"exit code {done.returncode}"}
            if not options.json:
                print(f"{done.stdout}\nfailed with exit code {done.returncode}; see standard error", flush=True)
        elif options.json:
            results[name] = {**json.loads(done.stdout), "took_seconds": round(time.perf_counter() - started, 1)}
        else:
            print(done.stdout, end="", flush=True)
    if options.json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
