"""People with hidden tastes use the recommender for ten rounds: does what they do make the next file better?

usage: python benchmarks/simulation.py [--seeds 0 1 2 3 4] [--rounds 10] [--picture FILE] [--json]

`seefud simulate` for each seed: market, people and trainings are of that seed. Printed are recall@20 of the hidden
tastes before and after the feedback, their mean difference with its standard error, and what became of clicks and
variety, beside the first file that is never rebuilt and beside popularity. --picture draws it, with bands over seeds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from program import Report, Table, note, run_program
from seefud.simulation.plots import draw
from seefud.simulation.results import FIRST, POPULARITY, REBUILT, Simulation, SimulationOptions
from seefud.simulation.rounds import simulate
from seefud.simulation.seeds import Gain, gain, series

MEASURES = {
    "recall": "recall@20",
    "ndcg": "NDCG@20",
    "click_through": "clicks per dish",
    "share_of_best": "of the best",
    "coverage": "coverage",
    "gini": "Gini",
}
CIRCLES = {REBUILT: "rebuilt each round", FIRST: "first file, never rebuilt", POPULARITY: "popularity"}
WANTED = 2.0
"""Standard errors that recall must gain."""


def main() -> int:
    """Simulates and prints."""
    return run_program(__doc__, measure, _arguments)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--picture", type=Path, help="write the picture here (.png or .svg)")


def measure(options: argparse.Namespace) -> Report:
    """One simulation per seed."""
    simulations, seconds = [], []
    for seed in options.seeds:
        note(f"seed {seed}")
        started, cpu = time.perf_counter(), time.process_time()
        with tempfile.TemporaryDirectory(prefix="seefud-simulate-") as folder:
            simulations.append(simulate(Path(folder) / "out", SimulationOptions(options.rounds, seed), note))
        seconds.append((round(time.perf_counter() - started, 1), round(time.process_time() - cpu, 1)))
    if options.picture is not None:
        draw(simulations, options.picture)
    recall = {circle: series(simulations, circle, "recall") for circle in CIRCLES}
    over_rounds = {circle: gain(values[:, 0], values[:, -1]) for circle, values in recall.items()}
    over_peers = {circle: gain(recall[circle][:, -1], recall[REBUILT][:, -1]) for circle in (FIRST, POPULARITY)}
    found = over_rounds[REBUILT]
    taken = ", ".join(f"{wall:.0f} and {cpu:.0f}" for wall, cpu in seconds)
    notes = [f"Seconds per simulation, wall and processor: {taken}."]
    if len(simulations) > 1:
        met = "met" if found.difference > WANTED * found.standard_error else "NOT met"
        errors = found.difference / found.standard_error
        notes.append(f"Goal: recall@20 gains more than {WANTED:g} standard errors: {met}, {errors:.1f}.")
    rejected = sum(each.rejected for each in simulations)
    refused = sum(len(each.refused) for each in simulations)
    notes.append(f"Exported lines that a store did not take: {rejected}. Builds that a gate refused: {refused}.")
    return Report(
        [_seeds(simulations), _gains(over_rounds, over_peers, options.rounds), _measures(simulations)],
        {
            "simulations": [each.to_json() for each in simulations],
            "recall_over_rounds": {circle: each.to_json() for circle, each in over_rounds.items()},
            "recall_over_peers": {circle: each.to_json() for circle, each in over_peers.items()},
            "seconds": seconds,
        },
        notes,
        broken=bool(rejected),
    )


def _seeds(simulations: list[Simulation]) -> Table:
    recall = series(simulations, REBUILT, "recall")
    rows = [
        [str(each.options.seed), f"{values[0]:.4f}", f"{values[-1]:.4f}", f"{values[-1] - values[0]:+.4f}"]
        for each, values in zip(simulations, recall, strict=True)
    ]
    return Table("recall@20 of hidden tastes, rebuilt each round", ("seed", "before", "after", "gained"), rows)


def _gains(over_rounds: dict[str, Gain], over_peers: dict[str, Gain], rounds: int) -> Table:
    pairs = {f"{CIRCLES[circle]}: {rounds} rounds over none": each for circle, each in over_rounds.items()}
    pairs |= {f"{CIRCLES[REBUILT]} over {CIRCLES[circle]}, at the end": each for circle, each in over_peers.items()}
    rows = [
        [name, f"{each.start:.4f}", f"{each.end:.4f}", f"{each.difference:+.4f}", f"{each.standard_error:.4f}"]
        for name, each in pairs.items()
    ]
    return Table("recall@20, means over seeds", ("what", "from", "to", "difference", "standard error"), rows)


def _measures(simulations: list[Simulation]) -> Table:
    """Everything at the first and the last round in which there is a value."""
    rows = []
    for circle, name in CIRCLES.items():
        for measured, shown in MEASURES.items():
            means = series(simulations, circle, measured).mean(axis=0)
            known = means[~np.isnan(means)]
            rows.append([name, shown, f"{known[0]:.3f}", f"{known[-1]:.3f}"])
    return Table("means over seeds", ("recommender", "measure", "first", "last"), rows)


if __name__ == "__main__":
    sys.exit(main())
