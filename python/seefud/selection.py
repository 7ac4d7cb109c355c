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

__all__ = ["Choice", "choose_beta", "choose_recency", "measure_rows", "ndcg_on"]

BETAS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
"""Weights tried for the popularity prior; at 1 popularity outweighs any taste."""
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
    return measure_rows(rows, None, train, held, _warm(train))[SELECTION_METRIC]


def choose_beta(
    rows: Array, train: sp.csr_matrix, held: sp.csr_matrix, betas: Sequence[float] = BETAS
) -> Choice:
    """The beta of the largest validation NDCG@20, if its paired gain over 0 exceeds one standard error; else 0.

    Args:
        rows: float32 [N, D], trained on `train`.
        train: csr [U, N].
        held: csr [U, N], validation.
        betas: candidates; the first is the one to beat.
    """
    counts = np.diff(train.tocsc().indptr)
    z, candidates = popularity_z(counts), counts > 0
    measured = [measure_rows(rows, beta * z, train, held, candidates) for beta in betas]
    differences = compare(measured, SELECTION_METRIC)
    evidence = [{"beta": betas[0], "ndcg@20": measured[0][SELECTION_METRIC], "gain": 0.0, "standard_error": 0.0}]
    best, best_gain = betas[0], 0.0
    for beta, found, difference in zip(betas[1:], measured[1:], differences, strict=True):
        evidence.append(
            {
                "beta": beta,
                "ndcg@20": found[SELECTION_METRIC],
                "gain": difference.difference,
                "standard_error": difference.standard_error,
            }
        )
        if difference.difference > best_gain:
            best, best_gain, best_error = beta, difference.difference, difference.standard_error
    if best != betas[0] and best_gain <= best_error:
        best = betas[0]
    return Choice(best, "largest NDCG@20 on validation, kept if its paired gain exceeds one standard error", tuple(evidence))


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
    candidates = _warm(train)
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


def _warm(train: sp.csr_matrix) -> Array:
    return np.asarray(np.diff(train.tocsc().indptr) > 0)

