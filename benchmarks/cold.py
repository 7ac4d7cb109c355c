"""Cold products: a tenth of the products leaves training; how are they ranked, and what do the warm ones lose?

usage: python benchmarks/cold.py [ml-100k toys] [--seeds 0 1 2] [--choices once|each] [--dimension 64] [--json]

Per seed a tenth of all products is drawn. They leave the interactions to learn from wholly, and the vocabulary keeps
only words of at least two of the other products. What is to be found again is all their interactions, those of the
training file and those of the holdout; the warm half of the table is the rest of the holdout. A user who had nothing
but cold products has no history and is not measured.

Recipe, epochs, priors and the token table's penalty are chosen as a build chooses them, on a validation split of what
is left. With `--choices once` (the default) that is done once per data set, on interactions without the cold products
of *any* seed, so that no choice has seen a product that plays cold; with `each`, for every seed on its own.

TF-IDF stands there twice: as it is, and with its cold products lowered until its warm ones lose no more than a mixed
list may. How far is found on the holdout itself, in its favour; ours is chosen on validation.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from data_sets import DataSet, present
from experiments import choose_as_a_build, default_experiment
from goals import GOALS, Line, goal_table
from program import Report, Table, note, run_program

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import scipy.sparse as sp

    from seefud.choices import Choices
    from seefud.cold_evaluation import ColdEvaluation
    from seefud.prepared import Prepared
    from seefud.ranking import ScoreFunction

DATA = ("ml-100k", "toys")
SHARE = 0.1
FIRST_DRAW = 1000
LEAST_WORDS = 2
"""A word must occur in so many known products, as in a build."""
MODELS = ("seefud", "seefud, as rows of the file", "content", "content, held to the limit")
HALVINGS = 8
FAR = 1e6
MEASURES = ("cold recall", "cold ndcg", "mixed cold recall", "warm recall", "mixed warm recall")


def main() -> int:
    """Trains without the cold products, and prints."""
    return run_program(__doc__, measure, _arguments)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", nargs="*", metavar="DATA", help=f"some of {' '.join(DATA)}; both by default")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2], help="of the draws and the trainings")
    parser.add_argument("--choices", choices=("once", "each"), default="once", help="per data set, or per seed")
    parser.add_argument("--dimension", type=int, help="of the vectors; what a build chooses by default")
    parser.add_argument("--max-users", type=int, default=20_000, help="measure a sample of so many")
    parser.add_argument("--threads", type=int, default=2)


@dataclass(frozen=True)
class History:
    """Interactions of a data set, in the rows and columns of its prepared data.

    Attributes:
        prepared: of the training file.
        train: csr float32 [U, N].
        held: csr float32 [U, N], the holdout, products that training does not know included.
    """

    prepared: Prepared
    train: sp.csr_matrix
    held: sp.csr_matrix

    def cold(self, seed: int) -> npt.NDArray[np.bool_]:
        """Bool [N]: the products that play cold."""
        import numpy as np

        touched = np.asarray((self.train + self.held).sum(axis=0)).ravel() > 0
        by_title = np.array(sorted(np.flatnonzero(touched), key=lambda row: self.prepared.products[row]))
        drawn = np.random.default_rng(FIRST_DRAW + seed).permutation(len(by_title))
        cold = np.zeros(len(touched), bool)
        cold[by_title[drawn[: int(len(by_title) * SHARE)]]] = True
        return cold

    def without(self, cold: npt.NDArray[np.bool_]) -> Prepared:
        """The prepared data with a vocabulary that leaves out words that too few of the other products have."""
        import numpy as np

        bags = self.prepared.product_tokens
        kept = np.flatnonzero(np.bincount(bags[~cold].indices, minlength=bags.shape[1]) >= LEAST_WORDS)
        tokens = tuple(self.prepared.tokens[token] for token in kept)
        return replace(self.prepared, tokens=tokens, product_tokens=bags[:, kept].tocsr())


def measure(options: argparse.Namespace) -> Report:
    """All seeds on all wanted data sets.

    Raises:
        SkippedError: no data set is here.
    """
    found, reasons = present(options.data or list(DATA), with_holdout=True)
    from seefud.threads import use_threads

    use_threads(options.threads)
    tables, lines, figures = [], [], {}
    for data in found:
        per_seed, choices = _measure(data, options)
        means = {model: _mean([each[model] for each in per_seed]) for model in MODELS}
        figures[data.name] = {
            "seeds": dict(zip(map(str, options.seeds), per_seed, strict=True)),
            "mean": means,
            "choices": choices,
        }
        tables.append(_table(data.name, options.seeds, per_seed, means))
        lines += _lines(data.name, means)
    tables.append(goal_table(lines, f"goals, mean of {len(options.seeds)} seeds"))
    return Report(tables, {"cold": figures, "goals": [line.to_json() for line in lines]}, reasons)


def _measure(
    data: DataSet, options: argparse.Namespace
) -> tuple[list[dict[str, dict[str, float]]], list[dict[str, Any]]]:
    history = read_history(data)
    per_seed, chosen = [], []
    choices: Choices | None = None
    for seed in options.seeds:
        if choices is None or options.choices == "each":
            note(f"{data.name}: choosing on validation")
            away = options.seeds if options.choices == "once" else [seed]
            choices = choose(history, away, seed, options.dimension)
            summary = choices.to_json()
            chosen.append(
                {
                    "recipe": summary["recipe"]["loss"],
                    "epochs": choices.epochs,
                    **{name: summary[name]["value"] for name in ("dimension", "beta", "ridge", "cold_prior", "mixing")},
                }
            )
        note(f"{data.name}, seed {seed}: training without a tenth of the products")
        evaluations = evaluate_cold(history, choices, seed, options.max_users)
        per_seed.append({each.name: _numbers(each) for each in evaluations})
    return per_seed, chosen


def read_history(data: DataSet) -> History:
    """Reads both files of a data set."""
    import numpy as np
    import scipy.sparse as sp

    from seefud.build_data import read_data
    from seefud.build_options import BuildOptions
    from seefud.interactions import read_interactions

    assert data.holdout is not None  # `present` has seen to it
    read = read_data(data.products, data.interactions, BuildOptions(holdout=data.holdout))
    prepared = read.prepared
    frame = read_interactions(data.holdout, read.catalogue).frame
    users = {user: row for row, user in enumerate(prepared.users)}
    products = {key: row for row, key in enumerate(prepared.keys)}
    frame = frame[frame["user"].isin(users)]
    places = frame["user"].map(users).to_numpy(np.int64), frame["key"].map(products).to_numpy(np.int64)
    held = sp.csr_matrix((np.ones(len(frame), np.float32), places), shape=prepared.interactions.shape)
    return History(prepared, prepared.interactions, held)


def choose(history: History, seeds: Sequence[int], seed: int, dimension: int | None = None) -> Choices:
    """The choices of a build, on interactions without the cold products of `seeds`."""
    import numpy as np

    from seefud.split import columns_only

    cold = np.any([history.cold(each) for each in seeds], axis=0)
    train = columns_only(history.train, ~cold)
    train = train[np.diff(train.indptr) > 0]
    return choose_as_a_build(default_experiment(history.without(cold), seed, dimension), train)


def evaluate_cold(history: History, choices: Choices, seed: int, max_users: int) -> tuple[ColdEvaluation, ...]:
    """Trains on the warm products, and measures the model and TF-IDF neighbours."""
    import numpy as np

    from seefud.baselines import make_baseline
    from seefud.cold_evaluation import cold_evaluation
    from seefud.mixing import MixedScorer
    from seefud.ranking import HistoryScorer
    from seefud.split import columns_only

    cold = history.cold(seed)
    train = columns_only(history.train, ~cold)
    known = np.diff(train.indptr) > 0
    train = train[known]
    cold_pairs = columns_only(history.train + history.held, cold)[known]
    warm_held = columns_only(history.held, ~cold)[known]
    experiment = default_experiment(history.without(cold), seed)
    model = experiment.fit("cold", train, choices)
    content = make_baseline("content")
    content.fit(train, experiment.product_tokens, seed)
    scorers: dict[str, ScoreFunction] = {
        "seefud": MixedScorer(model.rows, train, model.prior, cold, model.mixing),
        "seefud, as rows of the file": HistoryScorer(model.rows, train, model.prior),
        "content": content.score,
    }

    def evaluated(name: str, score: ScoreFunction) -> ColdEvaluation:
        return cold_evaluation(
            {name: score}, train, cold_pairs, ~cold, warm_held, ks=(20,), max_users=max_users, bootstrap=0, seed=seed
        )[0]

    found = [evaluated(name, score) for name, score in scorers.items()]
    return (*found, _held_to_the_limit(evaluated, content.score, cold, train.shape[0]))


def _held_to_the_limit(
    evaluated: Callable[[str, ScoreFunction], ColdEvaluation],
    score: ScoreFunction,
    cold: npt.NDArray[np.bool_],
    people: int,
) -> ColdEvaluation:
    """The scorer with its cold products lowered by the least amount at which warm ones lose no more than the goal."""
    import numpy as np

    (most_lost,) = GOALS["warm recall lost"].at_least

    def lowered(by: float) -> ColdEvaluation:
        return evaluated(MODELS[3], lambda users: score(users) - np.float32(by) * cold)

    # Scores are not negative: so far down, cold products come last and cost nothing.
    best, low, high = lowered(FAR), 0.0, float(score(np.arange(min(512, people))).max())
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        found = lowered(middle)
        if (found.warm_loss() or 0.0) <= most_lost:
            best, high = found, middle
        else:
            low = middle
    return best


def _numbers(found: ColdEvaluation) -> dict[str, float]:
    assert found.warm_alone is not None
    assert found.warm_mixed is not None
    values = (
        found.cold_alone["recall@20"],
        found.cold_alone["ndcg@20"],
        found.cold_mixed["recall@20"],
        found.warm_alone["recall@20"],
        found.warm_mixed["recall@20"],
    )
    return dict(zip(MEASURES, values, strict=True))


def _mean(found: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: sum(each[name] for each in found) / len(found) for name in MEASURES}


def _lost(found: dict[str, float]) -> float:
    return 1.0 - found["mixed warm recall"] / found["warm recall"] if found["warm recall"] > 0 else 0.0


def _table(
    name: str,
    seeds: Sequence[int],
    per_seed: Sequence[dict[str, dict[str, float]]],
    means: dict[str, dict[str, float]],
) -> Table:
    rows = []
    for label, found in [*zip(map(str, seeds), per_seed, strict=True), ("mean", means)]:
        for model in MODELS:
            numbers = found[model]
            shown = model.replace("content", "TF-IDF")
            lost = f"{100 * _lost(numbers):.1f} %"
            rows.append([label, shown, *(f"{numbers[each]:.4f}" for each in MEASURES), lost])
    header = ["seed", "model", "cold R@20", "cold N@20", "cold in one list", "warm alone", "warm in one list", "lost"]
    return Table(f"{name}: cold products among cold ones, and both in one list (Recall@20)", header, rows)


def _lines(name: str, means: dict[str, dict[str, float]]) -> list[Line]:
    own = means["seefud"]
    ratio, equal = (
        own["mixed cold recall"] / text["mixed cold recall"] if text["mixed cold recall"] > 0 else float("inf")
        for text in (means[MODELS[2]], means[MODELS[3]])
    )
    lines = [
        Line(name, "one list: warm recall lost", (_lost(own),), "warm recall lost"),
        Line(name, "one list: cold recall over TF-IDF's", (ratio,), "cold recall over TF-IDF's", ".2f"),
        Line(name, "the same, TF-IDF held to the limit too", (equal,), "cold recall over TF-IDF's", ".2f"),
    ]
    if f"cold {name}" in GOALS:
        values = own["cold recall"], own["cold ndcg"]
        lines.insert(0, Line(name, "cold among cold, Recall@20/NDCG@20", values, f"cold {name}", ".5f"))
    return lines


if __name__ == "__main__":
    sys.exit(main())
