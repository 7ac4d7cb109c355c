"""The choices that data make about cold products: the token table's penalty and their prior, on validation.

A tenth of the products plays cold: their rows come from a token table fitted to the others, and they leave the
histories. So no further training is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.cold_start import cold_targets, fit_token_rows
from seefud.errors import InputError
from seefud.fitting import RIDGE
from seefud.model import popularity_z, unit_rows
from seefud.selection import SELECTION_METRIC, Choice, measure_rows
from seefud.split import Split

__all__ = ["choose_cold_prior", "choose_ridge"]

RIDGES = (0.5, 1.0, 3.0, 10.0)
PLAYS = 2
"""Draws of products that play cold, over which is averaged: one draw's warm loss is off by a percent or two."""
PLAYED_SHARE = 0.1
MAX_USERS = 10_000
MAX_WARM_LOSS = 0.037
"""Share of the warm products' recall@20 that cold products may cost in one mixed list.

Products that only play cold still shaped the other rows, so that validation understates the loss: at 4.5 % here,
holdouts of ml-100k lost 5.8 %. The aim is to stay below 5 % there.
"""
OFFSETS = (*np.round(np.arange(-0.6, 0.001, 0.02), 2).tolist(),)
"""Cold priors tried, relative to the mean prior of warm products; above it, a profile that says nothing would get the
products that nobody touched before the popular ones."""


@dataclass(frozen=True)
class _Play:
    """One draw of products that play cold.

    Attributes:
        rows: float32 [N, D], theirs from text.
        warm: bool [N].
        listed: bool [N], products with interactions.
        history: csr [U, N] without them.
        cold_held: csr [U, N], all their interactions.
        warm_held: csr [U, N], held interactions of the others.
    """

    rows: Array
    warm: Array
    listed: Array
    history: sp.csr_matrix
    cold_held: sp.csr_matrix
    warm_held: sp.csr_matrix


def choose_ridge(rows: Array, product_tokens: sp.csr_matrix, split: Split, seed: int = 0) -> Choice:
    """The penalty of the largest NDCG@20 of cold products among themselves, over two draws.

    Args:
        rows: float32 [N, D], trained on the split's training half.
        product_tokens: csr [N, V].
        split: training and validation.
        seed: of the draws.
    """
    rule = "largest NDCG@20 of cold products among themselves, on validation"
    evidence = []
    try:
        for ridge in RIDGES:
            found = []
            for draw in range(PLAYS):
                play = _play(rows, product_tokens, split, ridge, seed + draw)
                cold = play.listed & ~play.warm
                measured = measure_rows(play.rows, None, play.history, play.cold_held, cold, max_users=MAX_USERS)
                found.append(measured[SELECTION_METRIC])
            evidence.append({"ridge": ridge, "ndcg@20": float(np.mean(found))})
    except InputError:  # too few users or products to measure it on
        return Choice(RIDGE, "too few interactions to measure", ())
    best = max(evidence, key=lambda entry: entry["ndcg@20"])
    return Choice(best["ridge"], rule, tuple(evidence))


def choose_cold_prior(
    rows: Array, product_tokens: sp.csr_matrix, beta: float, ridge: float, split: Split, seed: int = 0
) -> Choice:
    """The largest prior of cold products that costs warm ones at most `MAX_WARM_LOSS` of recall@20 in a mixed list.

    The loss grows with the prior, so that bisection needs few measurements.

    Args:
        rows: float32 [N, D], trained on the split's training half.
        product_tokens: csr [N, V].
        beta: of the popularity prior, chosen before.
        ridge: penalty of the token table, chosen before.
        split: training and validation.
        seed: of the draws.
    """
    counts = np.diff(split.train.tocsc().indptr)
    base = beta * popularity_z(counts)
    known = counts > 0
    mean = float(base[known].mean()) if known.any() else 0.0
    lowest = mean + OFFSETS[0]
    if not product_tokens.shape[1]:
        return Choice(lowest, "no text to rank cold products by: they come last", ())
    evidence: list[dict[str, float]] = []
    try:
        plays = [_play(rows, product_tokens, split, ridge, seed + draw) for draw in range(PLAYS)]
        alone = [
            measure_rows(play.rows, base, play.history, play.warm_held, play.warm, max_users=MAX_USERS)["recall@20"]
            for play in plays
        ]

        def loss_at(offset: float) -> float:
            colds, warms = [], []
            for play in plays:
                prior = np.where(play.listed & ~play.warm, mean + offset, base).astype(np.float32)
                cold, warm = (
                    measure_rows(play.rows, prior, play.history, held, play.listed, max_users=MAX_USERS)["recall@20"]
                    for held in (play.cold_held, play.warm_held)
                )
                colds.append(cold)
                warms.append(warm)
            loss = 1.0 - float(np.sum(warms)) / max(float(np.sum(alone)), 1e-9)
            evidence.append({"prior": mean + offset, "cold_recall@20": float(np.mean(colds)), "warm_loss": loss})
            return loss

        low, high = 0, len(OFFSETS)  # OFFSETS[low] is allowed, OFFSETS[high] is not
        while high - low > 1:
            middle = (low + high) // 2
            if loss_at(OFFSETS[middle]) <= MAX_WARM_LOSS:
                low = middle
            else:
                high = middle
    except InputError:
        return Choice(lowest, "too few interactions to measure: cold products come last", ())
    rule = f"largest prior that costs at most {MAX_WARM_LOSS:.1%} of warm recall@20 in a mixed list, on validation"
    return Choice(mean + OFFSETS[low], rule, tuple(evidence))


def _play(rows: Array, product_tokens: sp.csr_matrix, split: Split, ridge: float, seed: int) -> _Play:
    counts = np.diff(split.train.tocsc().indptr)
    listed = counts > 0
    known = np.flatnonzero(listed)
    played = np.random.default_rng(seed).permutation(known)[: int(len(known) * PLAYED_SHARE)]
    warm = listed.copy()
    warm[played] = False
    history = _only(split.train, warm)
    targets = cold_targets(rows, history, popularity_z(counts))
    table = fit_token_rows(product_tokens[warm], targets[warm], ridge=ridge)
    mixed = rows.copy()
    mixed[played] = unit_rows(np.asarray(product_tokens[played] @ table, dtype=np.float32))
    return _Play(
        mixed,
        warm,
        listed,
        history,
        _only(sp.csr_matrix(split.train + split.held), listed & ~warm),
        _only(split.held, warm),
    )


def _only(matrix: sp.csr_matrix, columns: Array) -> sp.csr_matrix:
    """The matrix with all other columns emptied."""
    kept = sp.csr_matrix(matrix @ sp.diags(columns.astype(np.float32)))
    kept.eliminate_zeros()
    return kept
