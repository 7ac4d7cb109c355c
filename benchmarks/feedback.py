"""What `seefud feedback` says of simulated logs whose truth is known: how often intervals cover it, and verdicts.

usage: python benchmarks/feedback.py [--seeds 40] [--json]

People like products with known probabilities, models see these through noise, and looks fall with the rank, so that the
worth of every list is a sum. For each new model: what its difference to the logged order truly is on the products that
both hold, the mean estimate, coverage of the 95 % interval, the whole gain in clicks per list, and the verdicts. Then
examination by rank, and what an app does to it that shows nobody again what was clicked.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from program import Report, Table, note, run_program  # noqa: E402
from python.feedback_market import FeedbackMarket, logged, new_lists, true_difference  # noqa: E402
from seefud.arrays import Array  # noqa: E402
from seefud.feedback.position_bias import position_bias  # noqa: E402
from seefud.feedback.replay import LEAST_OVERLAP, Replay, replay  # noqa: E402

PEOPLE, PRODUCTS, ROUNDS, K = 300, 40, 8, 5
OLD = "00000000000a"
RANKS = (2, 3, 5, 8)


@dataclass
class Tally:
    """What was found of one kind of new model."""

    found: list[Replay] = field(default_factory=list)
    truth: list[float] = field(default_factory=list)
    gain: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """Means over the logs."""
        differences = [each.difference for each in self.found]
        values = np.array([each.value for each in differences], np.float64)
        low = np.array([each.low for each in differences], np.float64)
        high = np.array([each.high for each in differences], np.float64)
        truth = np.array(self.truth)
        return {
            "overlap": float(np.mean([each.overlap for each in self.found])),
            "gain": float(np.mean(self.gain)),
            "truth": float(truth.mean()),
            "estimate": float(values.mean()),
            "standard_error": float((high - low).mean() / 3.92),
            "coverage": float(((low <= truth) & (truth <= high)).mean()),
            **{name: sum(each.verdict == name for each in self.found) for name in ("better", "worse", "not decided")},
        }


def main() -> int:
    """Simulates and prints."""
    return run_program(__doc__, measure, arguments)


def arguments(parser: argparse.ArgumentParser) -> None:
    """How many logs."""
    parser.add_argument("--seeds", type=int, default=40, help="simulated logs; 40 by default")


def measure(options: argparse.Namespace) -> Report:
    """Every kind of new model on every log."""
    tallies: dict[str, Tally] = {}
    looks: dict[str, list[Array]] = {"lists differ a little": [], "what was clicked is not shown again": []}
    covered = []
    for seed in range(options.seeds):
        note(f"log {seed + 1} of {options.seeds}")
        market = FeedbackMarket.make(seed, people=PEOPLE, products=PRODUCTS)
        old = market.model(seed + 1000, 1.0)
        lists = logged(market, {OLD: old}, seed + 2000, rounds=ROUNDS, restless=0.5)
        bias = position_bias(lists)
        truth = 1.0 / bias.first
        covered += ((bias.low <= truth) & (truth <= bias.high))[1:].tolist()
        once = position_bias(logged(market, {OLD: old}, seed + 2000, rounds=ROUNDS, restless=0.5, once=True))
        for name, each in zip(looks, (bias, once), strict=True):
            looks[name].append(np.array([(each.of_rank(rank) or (np.nan,))[0] for rank in RANKS]))
        shown = (market.liking[lists.user, lists.product] * market.examination[lists.rank - 1])[lists.rank <= K].sum()
        for name, scores in new_models(market, old, seed).items():
            new = new_lists(market, lists, scores)
            tally = tallies.setdefault(name, Tally())
            tally.found.append(replay(lists, new, bias, K))
            tally.truth.append(true_difference(market, lists, new, K))
            tally.gain.append(market.worth(scores, K) - float(shown) / lists.lists)
    figures = {name: tally.figures() for name, tally in tallies.items()}
    rows = [
        [
            name,
            f"{each['overlap']:.2f}",
            *(f"{each[part]:+.3f}" for part in ("gain", "truth", "estimate")),
            f"{each['standard_error']:.3f}",
            f"{each['coverage']:.2f}",
            *(str(each[part]) for part in ("better", "worse", "not decided")),
        ]
        for name, each in figures.items()
    ]
    header = ["new model", "overlap", "gain", "truth", "estimate", "s.e.", "coverage", "better", "worse", "undecided"]
    title = (
        f"clicks@{K} per list, {options.seeds} logs of {PEOPLE} people x {ROUNDS} lists of 10; a verdict needs an "
        f"overlap of {LEAST_OVERLAP:g}"
    )
    means = {name: np.nanmean(found, 0) for name, found in looks.items()}
    ranks = Table(
        "examination relative to rank 1, mean over logs",
        ["rank", *(str(rank) for rank in RANKS)],
        [
            ["truth", *(f"{1 / rank:.3f}" for rank in RANKS)],
            *([name, *(f"{value:.3f}" for value in mean)] for name, mean in means.items()),
        ],
    )
    share = float(np.mean(covered))
    return Report(
        [Table(title, header, rows), ranks],
        {
            "replay": figures,
            "examination": {name: mean.tolist() for name, mean in means.items()},
            "examination_coverage": share,
        },
        [f"intervals of examination cover the truth: {share:.3f}"],
    )


def new_models(market: FeedbackMarket, old: Array, seed: int) -> dict[str, Array]:
    """Better, equal and worse ones, like the old model and unlike it."""
    rng = np.random.default_rng(seed + 3000)
    return {
        "sees nearly the truth": market.model(seed + 4000, 0.1),
        "a little better": market.model(seed + 5000, 0.6),
        "as noisy as the old one": market.model(seed + 6000, 1.0),
        "noisier": market.model(seed + 7000, 2.0),
        "the old one, retrained": old + rng.normal(0, 0.3, old.shape),
        "the old one, damaged": old + rng.normal(0, 2, old.shape),
        "random": rng.normal(0, 1, old.shape),
    }


if __name__ == "__main__":
    sys.exit(main())
