"""The seefud set: 2,000 interactions drawn at random. Nothing can beat popularity there; is the model level with it?

usage: python benchmarks/random_labels.py [--json]

One run of `seefud build` with no option but paths. The file must not lie below popularity by more than popularity's
own 95 % interval, and the report must say that labels like these are random.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from builds import build_with_cli
from data_sets import data_set
from program import Report, Table, note, run_program

METRICS = ("recall@20", "ndcg@20")


def main() -> int:
    """Builds and prints."""
    return run_program(__doc__, measure)


def measure(options: argparse.Namespace) -> Report:
    """One build, its metrics beside popularity's, and its notes.

    Raises:
        SkippedError: the data set is not here, or the program is not installed.
    """
    del options
    data = data_set("seefud")
    with tempfile.TemporaryDirectory(prefix="seefud-random-labels-") as folder:
        note("seefud: seefud build")
        build = build_with_cli(data, Path(folder) / "seefud")
    found = {each["name"]: each["metrics"] for each in build.report["evaluations"]}
    own, popularity = found["seefud (file)"], found["popularity"]
    level = all(own[metric]["value"] >= popularity[metric]["low"] for metric in METRICS)
    said = [text for text in build.report["notes"] if "random" in text]
    rows = [
        [name, *(_with_interval(metrics[metric]) for metric in METRICS)]
        for name, metrics in found.items()
        if name != "seefud (float)"
    ]
    gain = build.report["gain_over_popularity"]
    verdicts = [
        ["not below popularity beyond its interval", "met" if level else "not met"],
        ["the report says that the labels are random", "met" if said else "not met"],
    ]
    notes = [
        f"paired NDCG@20 less popularity's: {gain['ndcg@20']:+.4f}, standard error {gain['standard_error']:.4f}",
        *(f"report: {text}" for text in build.report["notes"]),
    ]
    if build.refused:
        notes.append(f"refused by a gate: {build.refused}")
    figures = {
        "evaluations": {name: {metric: metrics[metric] for metric in METRICS} for name, metrics in found.items()},
        "gain_over_popularity": gain,
        "not_below_popularity": level,
        "says_so": bool(said),
        "refused": build.refused,
        **build.cost(),
    }
    users = build.report["evaluations"][0]["evaluated_users"]
    table = Table(f"seefud: {users} users, 95 % intervals", ["model", "Recall@20", "NDCG@20"], rows)
    return Report([table, Table("goals", ["measure", "reached"], verdicts)], figures, notes)


def _with_interval(found: dict[str, Any]) -> str:
    return f"{found['value']:.4f} ({found['low']:.4f}-{found['high']:.4f})"


if __name__ == "__main__":
    sys.exit(main())
