"""Quality of the int8 file on the holdouts, beside the baselines; what each build took stands below.

usage: python benchmarks/quality.py [ml-100k toys toys:64 sample] [--json]

Every cell is one run of the installed program, `seefud build PRODUCTS INTERACTIONS --holdout HOLDOUT`, with no other
option but the dimension where one is named. The holdout is read once, by that build. EASE, which a build
leaves out above 6,000 products, is fitted here and measured by the same function on the same split. The sample market
has no holdout file: the build splits one off.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from builds import Build, build_with_cli
from data_sets import SAMPLE, DataSet, present
from goals import GOALS, Line, goal_table
from program import Report, Table, note, run_program

CELLS = ("ml-100k", "toys", "toys:64", SAMPLE)
SHOWN = ("seefud (file)", "popularity", "itemknn", "ials", "ease")
METRICS = ("recall@20", "ndcg@20")


def main() -> int:
    """Builds and prints."""
    return run_program(__doc__, measure, _arguments)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "cells", nargs="*", type=_cell, metavar="DATA[:DIMENSION]", help=f"some of {' '.join(CELLS)}; all by default"
    )


def measure(options: argparse.Namespace) -> Report:
    """Runs the builds of the wanted cells, then the baselines they left out.

    Raises:
        SkippedError: no data set is here.
    """
    wanted: list[tuple[str, int | None]] = options.cells or [_cell(text) for text in CELLS]
    found, reasons = present(list(dict.fromkeys(name for name, _ in wanted)))
    by_name = {data.name: data for data in found}
    builds: dict[tuple[str, int | None], Build] = {}
    failures: list[str] = []
    with tempfile.TemporaryDirectory(prefix="seefud-quality-") as folder:
        for name, dimension in wanted:
            if name in by_name:
                note(f"{name}{f', dimension {dimension}' if dimension else ''}: seefud build")
                try:
                    builds[name, dimension] = _build(by_name[name], dimension, Path(folder))
                except RuntimeError as failure:  # the other cells are worth their minutes all the same
                    failures.append(f"failed: {failure}")
    # The baselines come last: what this process holds when it starts a build would count into the build's memory.
    built = {name for name, _ in builds}
    extra = {data.name: _missing_baselines(data, builds) for data in found if data.name in built}
    tables, lines, figures = [], [], []
    for (name, wish), build in builds.items():
        dimension = int(build.report["choices"]["dimension"]["value"])
        title = f"{name}, dimension {dimension}{'' if wish else ', as chosen'}"
        scores = _scores(build) | {each: value for each, value in extra[name].items() if each in SHOWN}
        tables.append(_table(title, scores, build))
        goal = f"quality {name} {dimension}"
        if goal in GOALS:
            lines.append(Line(name, f"int8 file, d{dimension}, Recall@20/NDCG@20", scores[SHOWN[0]], goal, ".5f"))
            lines += [
                Line(name, f"build, d{dimension}, wall seconds", (build.seconds,), f"seconds {name}", ".1f"),
                Line(name, f"build, d{dimension}, peak MB", (build.peak_mb,), f"peak MB {name}", ".0f"),
            ]
        if build.refused:
            reasons.append(f"{title}: refused by a gate: {build.refused}")
        figures.append(_figures(name, dimension, scores, build))
    if lines:
        tables.append(goal_table(lines))
    if figures:
        tables.append(_peers(figures))
    return Report(
        tables, {"cells": figures, "goals": [line.to_json() for line in lines]}, [*reasons, *failures], bool(failures)
    )


def _cell(text: str) -> tuple[str, int | None]:
    name, colon, dimension = text.partition(":")
    if not name or (colon and not dimension.isdecimal()):
        raise argparse.ArgumentTypeError(f"expected DATA or DATA:DIMENSION such as toys:64, found {text!r}")
    return name, int(dimension) if colon else None


def _build(data: DataSet, dimension: int | None, folder: Path) -> Build:
    options = ["--holdout", str(data.holdout)] if data.holdout else []
    if dimension is not None:
        options += ["--dimension", str(dimension)]
    return build_with_cli(data, folder / f"{data.name}-{dimension or 'chosen'}", *options)


def _scores(build: Build) -> dict[str, tuple[float, ...]]:
    """Recall@20 and NDCG@20 by scorer, as the build measured them."""
    found: dict[str, dict[str, Any]] = {each["name"]: each for each in build.report["evaluations"]}
    return {
        name: tuple(float(found[name]["metrics"][metric]["value"]) for metric in METRICS)
        for name in SHOWN
        if name in found
    }


def _missing_baselines(data: DataSet, builds: dict[tuple[str, int | None], Build]) -> dict[str, tuple[float, ...]]:
    """The shown baselines that no build of this data set measured, on the same split by the same function."""
    build = next(build for (name, _), build in builds.items() if name == data.name)
    missing = [name for name in SHOWN[1:] if name not in _scores(build)]
    missing = [name for name in missing if name not in build.report["unavailable_baselines"]]
    if not missing:
        return {}
    note(f"{data.name}: {', '.join(missing)}")
    from seefud.build_data import read_data
    from seefud.build_options import BuildOptions
    from seefud.measurement import measure_scorers

    options = BuildOptions(holdout=data.holdout, baselines=tuple(missing))
    measured = measure_scorers([], read_data(data.products, data.interactions, options), options)
    users = build.report["evaluations"][0]["evaluated_users"]
    for each in measured.evaluations:
        if each.evaluated != users:
            raise RuntimeError(f"{data.name}: {each.name} was measured on {each.evaluated} users, the file on {users}")
    return {each.name: tuple(each[metric] for metric in METRICS) for each in measured.evaluations}


def _table(title: str, scores: dict[str, tuple[float, ...]], build: Build) -> Table:
    rows = []
    for name in SHOWN:
        if name in scores:
            size = f"{build.bytes:,}" if name == SHOWN[0] else "-"
            rows.append([name, *(f"{value:.4f}" for value in scores[name]), size])
        else:
            rows.append([name, "-", "-", "-"])
    users = build.report["evaluations"][0]["evaluated_users"]
    cost = f"built in {build.seconds:.0f} s ({build.cpu_seconds:.0f} s of CPU), {build.peak_mb:.0f} MB"
    return Table(f"{title}: {users:,} users; {cost}", ["model", "Recall@20", "NDCG@20", "bytes"], rows)


def _figures(name: str, dimension: int, scores: dict[str, tuple[float, ...]], build: Build) -> dict[str, Any]:
    own = scores[SHOWN[0]]

    def above(other: str) -> bool | None:
        return all(a >= b for a, b in zip(own, scores[other], strict=True)) if other in scores else None

    return {
        "data": name,
        "dimension": dimension,
        "evaluations": {each: dict(zip(METRICS, values, strict=True)) for each, values in scores.items()},
        "not_below": {each: above(each) for each in SHOWN[1:]},
        "recipe": build.report["choices"]["recipe"]["loss"],
        "bytes": build.bytes,
        "refused": build.refused,
        **build.cost(),
    }


def _peers(figures: list[dict[str, Any]]) -> Table:
    """The defaults against the peers: never below popularity, ItemKNN and iALS d64; the aim is above EASE too."""
    words = {True: "yes", False: "NO", None: "not measured"}
    rows = []
    for each in figures:
        verdicts = [words[each["not_below"][name]] for name in SHOWN[1:]]
        rows.append([each["data"], f"d{each['dimension']}", *verdicts, each["recipe"]])
    header = ["data", "dimension", *(f">= {name}" for name in SHOWN[1:]), "chosen loss"]
    return Table("defaults: is the file at least as good, in recall and in NDCG? (aim: EASE too)", header, rows)


if __name__ == "__main__":
    sys.exit(main())
