"""Wall time and peak memory of `seefud build PRODUCTS INTERACTIONS --out DIR`, with no option but paths.

usage: python benchmarks/build_cost.py [ml-100k toys] [--json]

The installed program runs in a process of its own. Without `--holdout` a build splits a holdout off, measures, and
then trains once more on everything: this is the longest path, and the one that a user takes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from builds import build_with_cli
from data_sets import present
from goals import GOALS, Line, goal_table
from program import Report, Table, note, run_program

DATA = ("ml-100k", "toys")


def main() -> int:
    """Builds and prints."""
    return run_program(__doc__, measure, _arguments)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", nargs="*", metavar="DATA", help=f"some of {' '.join(DATA)}; both by default")


def measure(options: argparse.Namespace) -> Report:
    """One build per data set.

    Raises:
        SkippedError: no data set is here, or the program is not installed.
    """
    found, reasons = present(options.data or list(DATA))
    rows, lines, figures = [], [], {}
    failures: list[str] = []
    with tempfile.TemporaryDirectory(prefix="seefud-build-") as folder:
        for data in found:
            note(f"{data.name}: seefud build")
            try:
                build = build_with_cli(data, Path(folder) / data.name)
            except RuntimeError as failure:
                failures.append(f"failed: {failure}")
                continue
            figures[data.name] = {**build.cost(), "bytes": build.bytes, "refused": build.refused}
            cost = build.cost()
            rows.append(
                [
                    data.name,
                    *(f"{cost[name]:,.0f}" for name in ("seconds", "cpu_seconds", "peak_mb")),
                    f"{build.bytes:,}",
                ]
            )
            if build.refused:
                reasons.append(f"{data.name}: refused by a gate: {build.refused}")
            if f"seconds {data.name}" in GOALS:
                lines += [
                    Line(data.name, "wall seconds", (build.seconds,), f"seconds {data.name}", ".1f"),
                    Line(data.name, "peak MB", (build.peak_mb,), f"peak MB {data.name}", ".0f"),
                ]
    table = Table("seefud build", ["data", "wall s", "CPU s", "peak MB", "file bytes"], rows)
    tables = [table, goal_table(lines)] if lines else [table]
    return Report(
        tables, {"builds": figures, "goals": [line.to_json() for line in lines]}, [*reasons, *failures], bool(failures)
    )


if __name__ == "__main__":
    sys.exit(main())
