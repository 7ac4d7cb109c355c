"""Every choice that data makes: recipe, popularity prior, prior of cold products. All on validation, with evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from seefud.cold_start import fit_token_rows
from seefud.errors import InputError
from seefud.evaluation import Evaluation, compare, evaluate
from seefud.fitting import RIDGE
from seefud.model import popularity_z, unit_rows
from seefud.ranking import HistoryScorer
from seefud.recency import faded

__all__ = ["Choice", "choose_beta", "choose_cold_prior", "choose_recency", "ndcg_on"]

BETAS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
"""Weights tried for the popularity prior; at 1 popularity outweighs any taste."""
MAX_USERS = 4000
MAX_WARM_LOSS = 0.04
"""Share of the warm products' recall@20 that cold products may cost in one mixed list."""
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


def _measure(
    rows: np.ndarray,
    prior: np.ndarray | None,
    train: sp.csr_matrix,
    held: sp.csr_matrix,
    candidates: np.ndarray | None = None,
    history: sp.csr_matrix | None = None,
) -> Evaluation:
    scorer = HistoryScorer(rows, train if history is None else history, prior)
    return evaluate(scorer, train, held, ks=(20,), candidates=candidates, bootstrap=0, max_users=MAX_USERS)


def ndcg_on(rows: np.ndarray, train: sp.csr_matrix, held: sp.csr_matrix) -> float:
    """NDCG@20 of rows without any prior, on at most `MAX_USERS` users: the measure of early stopping."""
    return _measure(rows, None, train, held, _warm(train))[SELECTION_METRIC]


def choose_beta(
    rows: np.ndarray, train: sp.csr_matrix, held: sp.csr_matrix, betas: Sequence[float] = BETAS
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
    measured = [_measure(rows, beta * z, train, held, candidates) for beta in betas]
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
    rows: np.ndarray, prior: np.ndarray, train: sp.csr_matrix, timestamps: sp.csr_matrix, held: sp.csr_matrix
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
    plain = _measure(rows, prior, train, held, candidates)
    fading = _measure(rows, prior, train, held, candidates, faded(train, timestamps))
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


def choose_cold_prior(
    rows: np.ndarray,
    product_tokens: sp.csr_matrix,
    beta: float,
    train: sp.csr_matrix,
    held: sp.csr_matrix,
    *,
    share: float = 0.1,
    seed: int = 0,
    ridge: float = RIDGE,
) -> Choice:
    """The prior of cold products: the largest that costs warm products at most `MAX_WARM_LOSS` of their recall@20.

    A tenth of the products plays cold: their rows come from a token table fitted to the others, and they leave the
    histories. Their held interactions measure the cold side, those of the others the warm side, in one mixed list.

    Args:
        rows: float32 [N, D], trained on `train`.
        product_tokens: csr [N, V].
        beta: of the popularity prior, chosen before.
        train: csr [U, N].
        held: csr [U, N], validation.
        share: of the products that play cold.
        seed: of the draw.
        ridge: penalty of the token table.
    """
    rule = f"largest prior with at most {MAX_WARM_LOSS:.0%} of warm recall@20 lost in a mixed list, on validation"
    counts = np.diff(train.tocsc().indptr)
    known = np.flatnonzero(counts)
    floor = float(np.min(beta * popularity_z(counts)[known])) - 1.0 if known.size else -1.0
    played = np.random.default_rng(seed).permutation(known)[: int(len(known) * share)]
    if not product_tokens.shape[1] or not played.size:
        return Choice(floor, "no text to rank cold products by: they come last", ())
    warm = counts > 0
    warm[played] = False
    table = fit_token_rows(product_tokens[warm], rows[warm], ridge=ridge)
    mixed_rows = rows.copy()
    mixed_rows[played] = unit_rows(np.asarray(product_tokens[played] @ table, dtype=np.float32))
    listed = counts > 0
    history = sp.csr_matrix(train @ sp.diags(warm.astype(np.float32)))
    history.eliminate_zeros()
    cold_held = sp.csr_matrix((train + held) @ sp.diags((~warm & listed).astype(np.float32)))
    cold_held.eliminate_zeros()
    warm_held = sp.csr_matrix(held @ sp.diags(warm.astype(np.float32)))
    warm_held.eliminate_zeros()
    base = beta * popularity_z(counts)
    try:
        alone = _measure(mixed_rows, base, history, warm_held, warm)["recall@20"]
        evidence = []
        best = floor
        for offset in COLD_OFFSETS:
            cold = float(beta * popularity_z(counts)[known].mean()) + offset
            prior = base.copy()
            prior[played] = cold
            cold_recall = _measure(mixed_rows, prior, history, cold_held, listed)["recall@20"]
            warm_recall = _measure(mixed_rows, prior, history, warm_held, listed)["recall@20"]
            loss = 1.0 - warm_recall / alone if alone > 0 else 0.0
            evidence.append({"prior": cold, "cold_recall@20": cold_recall, "warm_loss": loss})
            if loss <= MAX_WARM_LOSS:
                best = max(best, cold)
    except InputError:  # too few users to measure it on
        return Choice(floor, "too few interactions to measure: cold products come last", ())
    return Choice(best, rule, tuple(evidence))


COLD_OFFSETS = (0.1, 0.05, 0.0, -0.025, -0.05, -0.075, -0.1, -0.125, -0.15, -0.2, -0.25, -0.3, -0.4)
"""Cold priors tried, relative to the mean prior of warm products."""


def _warm(train: sp.csr_matrix) -> np.ndarray:
    return np.asarray(np.diff(train.tocsc().indptr) > 0)

