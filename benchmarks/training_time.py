"""How long training takes to reach its quality, beside iALS (`implicit`, 64 factors) and EASE in the same run.

usage: python benchmarks/training_time.py [ml-100k] [--rounds 3] [--threads 2] [--json]

All three learn the same interactions with the same number of threads, in turns, so that a slow spell of the machine
hits all alike; the median counts. Ours is one training by the recipe that validation chose, its graph's compilation,
the token table and the rotation included; what the choice itself took is printed below. Quality is that of the float
model and of both baselines on the holdout. iALS and EASE run with the project's defaults, whose
regularization was chosen on these very holdouts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from data_sets import present
from experiments import choose_as_a_build, default_experiment
from program import Report, SkippedError, Table, note, run_program

if TYPE_CHECKING:
    from seefud.baselines import Baseline
    from seefud.build_data import BuildData
    from seefud.choices import Choices
    from seefud.experiment import Experiment
    from seefud.ranking import ScoreFunction

DIMENSION = 64
OURS = f"seefud d{DIMENSION}"


def main() -> int:
    """Trains and prints."""
    return run_program(__doc__, measure, _arguments)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", nargs="?", default="ml-100k", metavar="DATA", help="ml-100k by default")
    parser.add_argument("--rounds", type=int, default=3, help="trainings of each")
    parser.add_argument("--threads", type=int, default=2)


def measure(options: argparse.Namespace) -> Report:
    """Trains each in turns, then measures each once.

    Raises:
        SkippedError: the data set or the package implicit is not here.
    """
    data = present([options.data])[0][0]
    if find_spec("implicit") is None:
        raise SkippedError("the package implicit is not installed; pip install 'seefud[peers]'")
    from seefud.build_data import read_data
    from seefud.build_options import BuildOptions
    from seefud.threads import use_threads

    use_threads(options.threads)
    build_options = BuildOptions(holdout=data.holdout, threads=options.threads)
    read = read_data(data.products, data.interactions, build_options)
    note(f"{data.name}: choosing on validation")
    started = time.perf_counter()
    experiment = default_experiment(read.prepared, dimension=DIMENSION)
    choices = choose_as_a_build(experiment, read.development)
    choice_seconds = time.perf_counter() - started
    trainers = _trainers(read, experiment, choices, options.threads)
    wall: dict[str, list[float]] = {name: [] for name in trainers}
    cpu: dict[str, list[float]] = {name: [] for name in trainers}
    scorers: dict[str, tuple[ScoreFunction, int]] = {}
    for turn in range(options.rounds):
        for name, train in trainers.items():
            note(f"{data.name}: {name}, round {turn + 1} of {options.rounds}")
            started, used = time.perf_counter(), time.process_time()
            scorers[name] = train()
            wall[name].append(time.perf_counter() - started)
            cpu[name].append(time.process_time() - used)
    quality = _quality(read, scorers)
    figures: dict[str, Any] = {}
    rows = []
    for name in trainers:
        figures[name] = {
            "seconds": statistics.median(wall[name]),
            "fastest": min(wall[name]),
            "cpu_seconds": statistics.median(cpu[name]),
            "bytes": scorers[name][1],
            **quality[name],
        }
        rows.append(
            [
                name,
                *(f"{figures[name][column]:.2f}" for column in ("seconds", "fastest", "cpu_seconds")),
                *(f"{figures[name][column]:.4f}" for column in ("recall@20", "ndcg@20")),
                f"{figures[name]['bytes'] / 1e6:.2f}",
            ]
        )
    header = ["model", "median s", "fastest s", "CPU s", "Recall@20", "NDCG@20", "float MB"]
    title = f"{data.name}: training, {options.threads} threads, {options.rounds} rounds in turns"
    said = f"recipe: {choices.recipe.loss}, {choices.epochs} epochs; choosing it took {choice_seconds:.1f} s once"
    return Report(
        [Table(title, header, rows)],
        {"data": data.name, "threads": options.threads, "choice_seconds": choice_seconds, "models": figures},
        [said],
    )


def _trainers(
    read: BuildData, experiment: Experiment, choices: Choices, threads: int
) -> dict[str, Callable[[], tuple[ScoreFunction, int]]]:
    """Each trains anew and returns its score function and the bytes of what it learnt, in float32."""
    from seefud.baselines import make_baseline
    from seefud.ranking import HistoryScorer

    train, users, products = read.development, *read.development.shape

    def ours() -> tuple[ScoreFunction, int]:
        model = experiment.fit("training time", train, choices)
        size = model.rows.nbytes + model.prior.nbytes + model.token_rows.nbytes
        return HistoryScorer(model.rows, train, model.prior), size

    def fitted(baseline: Baseline, size: int) -> tuple[ScoreFunction, int]:
        baseline.fit(train, None, 0)
        return baseline.score, size

    return {
        OURS: ours,
        "iALS d64": lambda: fitted(make_baseline("ials", factors=64, threads=threads), 4 * 64 * (users + products)),
        "EASE": lambda: fitted(make_baseline("ease", threads=threads), 4 * products * products),
    }


def _quality(read: BuildData, scorers: dict[str, tuple[ScoreFunction, int]]) -> dict[str, dict[str, float]]:
    import numpy as np

    from seefud.evaluation import evaluate

    candidates = np.asarray(np.diff(read.development.tocsc().indptr) > 0)
    found = {}
    for name, (score, _) in scorers.items():
        measured = evaluate(score, read.development, read.held, name=name, candidates=candidates, bootstrap=0)
        found[name] = {metric: measured[metric] for metric in ("recall@20", "ndcg@20")}
    return found


if __name__ == "__main__":
    sys.exit(main())
