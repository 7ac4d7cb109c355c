"""The choices that data make about warm products, on validation and with their evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.evaluation import Evaluation, compare, evaluate
from seefud.model import popularity_z
from seefud.ranking import HistoryScorer
from seefud.recency import faded
from seefud.shrinkage import shrunk

__all__ = [
    "SELECTION_METRIC",
    "Choice",
    "choose_popularity",
    "choose_recency",
    "measure_rows",
    "ndcg_on",
    "warm_products",
]

BETAS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2)
"""Weights tried for the popularity prior; larger ones would be coarse in int8."""
TASTES = (0.5, 0.25)
"""Weights of taste tried where the largest popularity weight was the best."""
MAX_USERS = 4000
SELECTION_METRIC = "ndcg@20"


@dataclass(frozen=True)
class Choice:
    """A chosen number and what was measured for every candidate."""

    value: float
    rule: str
    evidence: tuple[dict[str, float], ...]

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``."""
        return {"value": self.value, "rule": self.rule, "evidence": [dict(entry) for entry in self.evidence]}


def measure_rows(
    rows: Array,
    prior: Array | None,
    train: sp.csr_matrix,
    held: sp.csr_matrix,
    candidates: Array | None = None,
    history: sp.csr_matrix | None = None,
    max_users: int = MAX_USERS,
) -> Evaluation:
    """Metrics at 20 of rows and prior on validation, without intervals.

    Args:
        rows: float32 [N, D].
        prior: float32 [N] or None.
        train: csr [U, N], left out of the lists.
        held: csr [U, N], relevant.
        candidates: bool [N], what may be listed.
        history: what the profiles are made of, if not `train`.
        max_users: a sample of so many.
    """
    scorer = HistoryScorer(rows, train if history is None else history, prior)
    return evaluate(scorer, train, held, ks=(20,), candidates=candidates, bootstrap=0, max_users=max_users)


def ndcg_on(rows: Array, train: sp.csr_matrix, held: sp.csr_matrix) -> float:
    """NDCG@20 of rows without any prior, on at most `MAX_USERS` users: the measure of early stopping."""
    return measure_rows(rows, None, train, held, warm_products(train))[SELECTION_METRIC]


def choose_popularity(rows: Array, train: sp.csr_matrix, held: sp.csr_matrix, betas: Sequence[float] = BETAS) -> Choice:
    """The popularity weight, and a smaller weight of taste where that is not enough, by validation NDCG@20.

    The best is kept if its paired gain over no prior exceeds one standard error. Weights of taste below 1 are tried
    in falling order, with the largest beta, as long as each is better than the one before.

    Args:
        rows: float32 [N, D], trained on `train`.
        train: csr [U, N].
        held: csr [U, N], validation.
        betas: candidates in rising order; the first is the one to beat.

    Returns:
        The chosen beta as the value; each entry of the evidence names its `beta` and `taste`, the chosen one first.
    """
    counts = np.diff(train.tocsc().indptr)
    z, candidates = popularity_z(counts), counts > 0

    def measured(beta: float, taste: float) -> Evaluation:
        return measure_rows(shrunk(rows, taste), beta * z, train, held, candidates)

    tried = [(beta, 1.0, measured(beta, 1.0)) for beta in betas]
    best = max(tried, key=lambda entry: entry[2][SELECTION_METRIC])
    for taste in TASTES:
        if best[0] != betas[-1]:
            break
        tried.append((betas[-1], taste, measured(betas[-1], taste)))
        if tried[-1][2][SELECTION_METRIC] <= best[2][SELECTION_METRIC]:
            break
        best = tried[-1]
    gains = compare([tried[0][2], *(entry[2] for entry in tried)], SELECTION_METRIC)
    evidence = [
        {
            "beta": beta,
            "taste": taste,
            "ndcg@20": found[SELECTION_METRIC],
            "gain": gain.difference,
            "standard_error": gain.standard_error,
        }
        for (beta, taste, found), gain in zip(tried, gains, strict=True)
    ]
    chosen = max(evidence, key=lambda entry: entry["ndcg@20"])
    if chosen["gain"] <= chosen["standard_error"]:
        chosen = evidence[0]
    rule = "largest NDCG@20 on validation, kept if its paired gain exceeds one standard error"
    others = [entry for entry in evidence if entry is not chosen]
    return Choice(chosen["beta"], rule, (chosen, *others))


def choose_recency(
    rows: Array, prior: Array, train: sp.csr_matrix, timestamps: sp.csr_matrix, held: sp.csr_matrix
) -> Choice:
    """1 if fading the history by ``1 / sqrt(1 + age in days)`` gains more than one standard error, else 0.

    Args:
        rows: float32 [N, D], trained on `train`.
        prior: float32 [N].
        train: csr [U, N].
        timestamps: csr [U, N] with the stored places of `train`.
        held: csr [U, N], newer than `train`; on a random split recency loses.
    """
    candidates = warm_products(train)
    plain = measure_rows(rows, prior, train, held, candidates)
    fading = measure_rows(rows, prior, train, held, candidates, faded(train, timestamps))
    gain = compare([plain, fading], SELECTION_METRIC)[0]
    evidence = (
        {"fading": 0.0, "ndcg@20": plain[SELECTION_METRIC], "gain": 0.0, "standard_error": 0.0},
        {
            "fading": 1.0,
            "ndcg@20": fading[SELECTION_METRIC],
            "gain": gain.difference,
            "standard_error": gain.standard_error,
        },
    )
    return Choice(float(gain.exceeds()), "kept if its paired gain exceeds one standard error", evidence)


def warm_products(train: sp.csr_matrix) -> Array:
    """Which products somebody has: bool [N]."""
    return np.asarray(np.diff(train.tocsc().indptr) > 0)
