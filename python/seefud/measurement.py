"""The holdout, read once: the very file, the float model and every baseline under the same evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.baselines import BASELINES, BaselineUnavailableError, make_baseline
from seefud.build_data import BuildData
from seefud.build_options import BuildOptions
from seefud.choices import Choices
from seefud.cold_evaluation import ColdEvaluation, cold_evaluation
from seefud.evaluation import Evaluation, compare, evaluate
from seefud.experiment import Experiment
from seefud.mixing import MixedScorer
from seefud.model import Model
from seefud.ranking import HistoryScorer, ScoreFunction, relevant_products
from seefud.split import split_cold
from seefud_converter.runtime import Runtime

__all__ = ["FILE", "Measurement", "default_baselines", "file_scorer", "measure", "measure_cold", "measure_scorers"]

FILE, FLOAT = "seefud (file)", "seefud (float)"
EASE_PRODUCTS = 6_000
"""Above so many products EASE is left to those who ask for it by name: its matrix takes minutes and gigabytes."""
COLD_SEED = 37
MAX_USERS = 20_000


@dataclass(frozen=True)
class Measurement:
    """All scorers on the holdout; the file comes first.

    Attributes:
        evaluations: in the order of the table; empty where nobody has enough products to hold one back.
        unavailable: baseline to the reason why it was not measured.
    """

    evaluations: tuple[Evaluation, ...]
    unavailable: dict[str, str]

    @property
    def file(self) -> Evaluation:
        """The quantized file's."""
        return self.evaluations[0]

    @property
    def metrics(self) -> dict[str, Any]:
        """What goes into the file: its metrics and popularity's, each with its interval."""
        if not self.evaluations:
            return {}
        found = {"holdout": self._values(self.file)}
        for evaluation in self.evaluations:
            if evaluation.name == "popularity":
                found["popularity"] = self._values(evaluation)
        return found

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``."""
        return {
            "metrics": self.metrics,
            "evaluations": [each.to_json() for each in self.evaluations],
            "unavailable_baselines": self.unavailable,
            "gain_over_popularity": self._gain("popularity"),
        }

    def _gain(self, name: str) -> dict[str, float] | None:
        other = next((each for each in self.evaluations if each.name == name), None)
        if other is None:
            return None
        found = compare([other, self.file], "ndcg@20")[0]
        return {"ndcg@20": found.difference, "standard_error": found.standard_error}

    @staticmethod
    def _values(evaluation: Evaluation) -> dict[str, dict[str, float]]:
        entries: dict[str, dict[str, float]] = evaluation.to_json()["metrics"]
        return {name: {part: round(value, 6) for part, value in entry.items()} for name, entry in entries.items()}


def default_baselines(products: int, tokens: int) -> tuple[str, ...]:
    """Those that fit the size of the data."""
    names = ["random", "popularity", "itemknn"]
    if tokens:
        names.append("content")
    if products <= EASE_PRODUCTS:
        names.append("ease")
    return (*names, "ials")


def file_scorer(bundle: Path | Runtime, history: sp.csr_matrix, threads: int = 1) -> ScoreFunction:
    """Scores by running the file, user by user.

    Args:
        bundle: the `.tflite`, or an open one.
        history: csr float32 [U, N].
        threads: of the interpreter.
    """
    runtime = bundle if isinstance(bundle, Runtime) else Runtime.open(bundle, threads=threads)

    def score(users: Array) -> Array:
        scores = np.empty((len(users), history.shape[1]), np.float32)
        for place, user in enumerate(users):
            row = slice(history.indptr[user], history.indptr[user + 1])
            scores[place] = runtime.score(runtime.profile(history.indices[row], history.data[row]))
        return scores

    return score


def measure(model: Model, bundle: Path, history: sp.csr_matrix, data: BuildData, options: BuildOptions) -> Measurement:
    """Evaluates file, float model and baselines on the holdout.

    Args:
        model: trained on `data.development`.
        bundle: its file.
        history: `data.development` with the weights in force (faded, if recency was chosen).
        data: with the holdout.
        options: `baselines`, `seed` and `threads`.

    Raises:
        InputError: a holdout file was given and no pair of it can be measured.
    """
    train = data.development
    known = np.asarray(np.diff(train.tocsc().indptr) > 0)
    if options.holdout is None and not relevant_products(train, data.held, known).users.size:
        return Measurement((), {})
    return measure_scorers(
        [
            (FILE, file_scorer(bundle, history, options.threads)),
            (FLOAT, HistoryScorer(model.rows, history, model.prior)),
        ],
        data,
        options,
    )


def measure_scorers(
    scorers: Sequence[tuple[str, ScoreFunction]], data: BuildData, options: BuildOptions
) -> Measurement:
    """Evaluates some scorers and the baselines on the holdout.

    Args:
        scorers: name and score function, the file's first.
        data: with the holdout.
        options: `baselines` and `seed`.
    """
    train, held, tokens = data.development, data.held, data.prepared.product_tokens
    candidates = np.asarray(np.diff(train.tocsc().indptr) > 0)

    def evaluated(name: str, score: ScoreFunction) -> Evaluation:
        return evaluate(score, train, held, name=name, candidates=candidates, max_users=MAX_USERS, seed=options.seed)

    found = [evaluated(name, score) for name, score in scorers]
    unavailable: dict[str, str] = {}
    names = options.baselines if options.baselines is not None else default_baselines(train.shape[1], tokens.shape[1])
    # Popularity is the floor of the quality gate, whoever else was asked for.
    chosen = {name: make_baseline(name) for name in {*names, "popularity"}}
    for name in sorted(chosen, key=list(BASELINES).index):
        baseline = chosen[name]
        try:
            baseline.fit(train, tokens if tokens.shape[1] else None, options.seed)
        except BaselineUnavailableError as error:
            unavailable[name] = str(error)
            continue
        found.append(evaluated(name, baseline.score))
    return Measurement(tuple(found), unavailable)


def measure_cold(experiment: Experiment, choices: Choices, data: BuildData, seed: int) -> tuple[ColdEvaluation, ...]:
    """The table of cold products: a tenth of the products leaves training; TF-IDF neighbours stand beside the model."""
    split = split_cold(data.development, 0.1, COLD_SEED + seed)
    if not split.cold.nnz:
        return ()
    model = experiment.fit("cold", split.train, choices)
    content = make_baseline("content")
    content.fit(split.train, experiment.product_tokens, seed)
    warm_held = sp.csr_matrix(data.held @ sp.diags(split.warm_mask.astype(np.float32)))
    warm_held.eliminate_zeros()
    known = np.asarray(np.diff(split.train.tocsc().indptr) > 0)
    ours = MixedScorer(model.rows, split.train, model.prior, ~split.warm_mask, model.mixing)
    scorers: dict[str, ScoreFunction] = {"seefud": ours, "content": content.score}
    return cold_evaluation(
        scorers,
        split.train,
        split.cold,
        split.warm_mask,
        warm_held if warm_held[:, known].nnz else None,
        max_users=MAX_USERS,
        bootstrap=200,
        seed=seed,
    )
