"""Warm start: steps to the quality of a training from scratch, and how far the lists move from the old file's.

usage: python benchmarks/warm_start.py [ml-100k toys] [--cuts user product] [--seed 0] [--dimension D] [--json]

The training file is cut in two, by user (the old model knows half of the people) or by product (it knows 80 % of the
catalogue; the others are neither in its catalogue nor in its interactions). The old model is trained on its part as a
build does it, its tables are rounded as in its file, and `seefud.warm_start` matches them to the whole. Then the whole
is learnt twice, from scratch and from the old rows, with the recipe that a build chooses on validation; after every
epoch the rows are measured on the holdout, which neither model has seen. Both curves are of the final schedules: the
steps of the shorter training are not chosen by looking at them.

Churn is 1 - overlap@20 with the old model's lists, for the same histories. The old model cannot list products that it
does not know: by product, some churn is wanted.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from data_sets import DataSet, present
from experiments import choose_as_a_build, default_experiment
from program import Report, Table, note, run_program

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import scipy.sparse as sp

    from seefud.build_data import BuildData
    from seefud.choices import Choices
    from seefud.evaluation import Evaluation
    from seefud.experiment import Experiment
    from seefud.starting_rows import StartingRows
    from seefud.warm_start import EarlierModel

DATA = ("ml-100k", "toys")
CUTS = ("user", "product")
KNOWN_USERS, KNOWN_PRODUCTS = 0.5, 0.8
FIRST_DRAW = 500
METRIC = "ndcg@20"
K = 20
LIST_USERS = 4_000
STEP_INT8 = 127


def main() -> int:
    """Trains and prints."""
    return run_program(__doc__, measure, _arguments)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", nargs="*", metavar="DATA", help=f"some of {' '.join(DATA)}; both by default")
    parser.add_argument("--cuts", nargs="+", choices=CUTS, default=list(CUTS), help="what the old model knows")
    parser.add_argument("--seed", type=int, default=0, help="of the cut and the trainings")
    parser.add_argument("--dimension", type=int, help="of the vectors; what a build chooses by default")
    parser.add_argument("--max-users", type=int, default=20_000, help="measure a sample of so many")
    parser.add_argument("--threads", type=int, default=2)


@dataclass(frozen=True)
class Curve:
    """One training, measured after every epoch.

    Attributes:
        steps: taken after each epoch.
        quality: NDCG@20 on the holdout then.
        last: the last measurement.
        rows: float32 [N, D] at the end.
        seconds: of training alone.
    """

    steps: list[int]
    quality: list[float]
    last: Evaluation
    rows: npt.NDArray[np.float32]
    seconds: float

    def reached(self, quality: float) -> int | None:
        """The steps after which it was at least as good; None if it never was."""
        return next((step for step, value in zip(self.steps, self.quality, strict=True) if value >= quality), None)


def measure(options: argparse.Namespace) -> Report:
    """All wanted cuts of all wanted data sets.

    Raises:
        SkippedError: no data set is here.
    """
    found, reasons = present(options.data or list(DATA), with_holdout=True)
    from seefud.threads import use_threads

    use_threads(options.threads)
    curves, rows, figures = [], [], []
    for data in found:
        read = _read(data)
        note(f"{data.name}: choosing on validation")
        experiment = default_experiment(read.prepared, options.seed, options.dimension)
        choices = choose_as_a_build(experiment, read.development)
        note(f"{data.name}: from scratch")
        scratch = _trained(experiment, choices, None, read, options.max_users)
        curves.append(_curve(f"{data.name}: from scratch", scratch))
        for cut in options.cuts:
            note(f"{data.name}: the old model, by {cut}")
            old = _old_model(read, cut, options.seed, options.dimension)
            note(f"{data.name}: from the old model, by {cut}")
            figure, warm = _compared(data.name, cut, old, experiment, choices, scratch, read, options)
            figures.append(figure)
            rows.append(_row(figure))
            curves.append(_curve(f"{data.name}: from the old model, by {cut}", warm))
    header = [
        "data",
        "cut",
        "old",
        "scratch",
        "steps",
        "warm",
        "steps",
        "reached",
        "ratio",
        "churn scratch",
        "churn warm",
    ]
    table = Table(f"NDCG@20 on the holdout, and churn of the lists of {K}, seed {options.seed}", header, rows)
    return Report([table, *curves], {"warm_start": figures}, reasons)


def _read(data: DataSet) -> BuildData:
    from seefud.build_data import read_data
    from seefud.build_options import BuildOptions

    return read_data(data.products, data.interactions, BuildOptions(holdout=data.holdout))


def _old_model(read: BuildData, cut: str, seed: int, dimension: int | None) -> EarlierModel:
    """What a build would have made of one part of the data, its tables rounded to int8 as in the file."""
    import numpy as np
    import scipy.sparse as sp

    from seefud.warm_start import EarlierModel

    prepared, whole = read.prepared, read.development
    users, products = whole.shape
    rng = np.random.default_rng(FIRST_DRAW + seed)
    people, known = np.ones(users, bool), np.ones(products, bool)
    if cut == "user":
        people[rng.permutation(users)[int(users * KNOWN_USERS) :]] = False
    else:
        known[rng.permutation(products)[int(products * KNOWN_PRODUCTS) :]] = False
    part = sp.csr_matrix(whole[people][:, known])
    bags = prepared.product_tokens[known]
    words = np.flatnonzero(np.bincount(bags.indices, minlength=bags.shape[1]) >= 2)
    titles = [title for title, kept in zip(prepared.products, known, strict=True) if kept]
    tokens = [prepared.tokens[word] for word in words]
    experiment = default_experiment(replace(prepared, product_tokens=bags[:, words].tocsr()), seed, dimension)
    choices = choose_as_a_build(experiment, part)
    model = experiment.fit("old", part, choices)
    training = choices.training(part, None)
    rows, token_rows = _rounded(model.rows), _rounded(model.token_rows)
    return EarlierModel("old", "0" * 12, model.kind.value, titles, tokens, rows, token_rows, training)


def _rounded(table: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """One int8 scale per table, as in the file."""
    import numpy as np

    scale = np.float32(np.abs(table).max(initial=0.0) / STEP_INT8)
    return np.asarray(np.round(table / scale) * scale if scale > 0 else table, np.float32)


def _trained(
    experiment: Experiment, choices: Choices, start: StartingRows | None, read: BuildData, max_users: int
) -> Curve:
    """Trains as a build's last training does, and looks at the holdout on the way."""
    import numpy as np

    from seefud.selection import measure_rows
    from seefud.starting_rows import steps_per_epoch

    train, held = read.development, read.held
    recipe, epochs = choices.plan(train, start)
    per_epoch = steps_per_epoch(int((np.diff(train.indptr) > 0).sum()), recipe.batch_size)
    known = np.asarray(np.diff(train.tocsc().indptr) > 0)
    found: list[Evaluation] = []
    looking = 0.0

    def look(rows: npt.NDArray[np.float32]) -> float:
        nonlocal looking
        started = time.perf_counter()
        found.append(measure_rows(rows, None, train, held, known, max_users=max_users))
        looking += time.perf_counter() - started
        return float(len(found))  # every epoch counts as the best: nothing stops, the last rows are returned

    watched = replace(recipe, validation_interval=1)
    dimension = int(choices.dimension.value) if start is None else start.rows.shape[1]
    trained = experiment.train("curve", train, watched, dimension=dimension, epochs=epochs, start=start, validate=look)
    steps = [per_epoch * (epoch + 1) for epoch in range(epochs)]
    quality = [each[METRIC] for each in found]
    return Curve(steps, quality, found[-1], trained.rows, trained.seconds - looking)


def _compared(
    name: str,
    cut: str,
    old: EarlierModel,
    experiment: Experiment,
    choices: Choices,
    scratch: Curve,
    read: BuildData,
    options: argparse.Namespace,
) -> tuple[dict[str, Any], Curve]:
    import numpy as np

    from seefud.evaluation import compare
    from seefud.rank_similarity import list_overlap
    from seefud.selection import measure_rows

    warm_start = old.matched(read.prepared)
    experiment = replace(experiment, dimensions=(old.dimension,))
    if warm_start.recipe != choices.name and warm_start.recipe in [each["name"] for each in choices.candidates]:
        note(f"{name}: the old model's recipe is {warm_start.recipe}; choosing with it")
        choices = choose_as_a_build(experiment, read.development, only=warm_start)
    warm = _trained(experiment, choices, warm_start.start, read, options.max_users)
    train, held = read.development, read.held
    known = np.asarray(np.diff(train.tocsc().indptr) > 0)
    before = measure_rows(warm_start.start.rows, None, train, held, known, max_users=options.max_users)
    gain = compare([scratch.last, warm.last], METRIC)[0]
    in_old = np.abs(warm_start.start.rows).max(axis=1) > 0
    old_lists = _lists(warm_start.start.rows, train, in_old & known)
    churn = {
        each: 1.0 - float(list_overlap(old_lists, _lists(curve.rows, train, known)).mean())
        for each, curve in (("scratch", scratch), ("warm", warm))
    }
    reached = warm.reached(scratch.quality[-1])
    figure = {
        "data": name,
        "cut": cut,
        "old dimension": old.dimension,
        "scratch dimension": scratch.rows.shape[1],
        "recipe": choices.name,
        "old ndcg@20": before[METRIC],
        "scratch ndcg@20": scratch.quality[-1],
        "scratch steps": scratch.steps[-1],
        "scratch seconds": scratch.seconds,
        "warm ndcg@20": warm.quality[-1],
        "warm steps": warm.steps[-1],
        "warm seconds": warm.seconds,
        "gain": gain.difference,
        "standard error": gain.standard_error,
        "reached": reached,
        "ratio": None if reached is None else reached / scratch.steps[-1],
        "churn": churn,
        "origin": warm_start.origin,
    }
    return figure, warm


def _lists(
    rows: npt.NDArray[np.float32], train: sp.csr_matrix, candidates: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int32]:
    """The lists of at most `LIST_USERS` people, without what they have."""
    import numpy as np

    from seefud.ranking import HistoryScorer, ranked_lists

    users = np.flatnonzero(np.diff(train.indptr) > 0)
    users = users[np.unique(np.linspace(0, len(users) - 1, min(LIST_USERS, len(users))).astype(int))]
    return ranked_lists(HistoryScorer(rows, train, None), train, users, K, candidates=candidates)


def _row(figure: dict[str, Any]) -> list[str]:
    ratio = figure["ratio"]
    return [
        figure["data"],
        figure["cut"],
        f"{figure['old ndcg@20']:.4f}",
        f"{figure['scratch ndcg@20']:.4f}",
        str(figure["scratch steps"]),
        f"{figure['warm ndcg@20']:.4f} ({figure['gain']:+.4f} ± {figure['standard error']:.4f})",
        str(figure["warm steps"]),
        "never" if ratio is None else str(figure["reached"]),
        "-" if ratio is None else f"{ratio:.2f}",
        f"{figure['churn']['scratch']:.3f}",
        f"{figure['churn']['warm']:.3f}",
    ]


def _curve(title: str, curve: Curve) -> Table:
    pairs = list(zip(curve.steps, curve.quality, strict=True))
    stride = -(-len(pairs) // 10)
    shown = pairs[::-1][::stride][::-1]  # at most ten, the last one always
    return Table(
        f"{title} ({curve.seconds:.1f} s)",
        ["steps", *(str(step) for step, _ in shown)],
        [["NDCG@20", *(f"{value:.4f}" for _, value in shown)]],
    )


if __name__ == "__main__":
    sys.exit(main())
