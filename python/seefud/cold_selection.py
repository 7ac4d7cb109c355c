"""The token table's penalty, chosen on validation with products that play cold.

Some products play cold: one model is trained without them, and their rows come from a token table fitted to the others.
A model that knew them will not do: they shaped the rows around them, which makes a text's row look more certain than it
is. Measured so, a part of ml-100k chose a penalty of .5; on other draws of products that training never saw, .5 gives
an NDCG@20 of .296 and 10 gives .325.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.cold_start import cold_targets, fit_token_table
from seefud.fitting import RIDGE
from seefud.model import popularity_z, unit_rows
from seefud.selection import SELECTION_METRIC, Choice, measure_rows
from seefud.split import Split, columns_only

__all__ = ["ColdPlays", "choose_ridge", "text_rows"]

RIDGES = (0.5, 1.0, 3.0, 10.0, 30.0)
PLAYS = 2
"""Draws of products that play cold, over which is averaged: one draw's warm loss is off by a percent or two."""
PLAYED_SHARE = 0.1
MAX_USERS = 10_000


@dataclass(frozen=True, eq=False)
class ColdPlays:
    """Products that play cold on a validation split, in draws that share none, and what is left to train on.

    Attributes:
        train: csr [U, N], the split's training half without the products of all draws and without users who had
            nothing else.
        played: bool [N] of each draw.
        cold_held: csr [U, N] of each draw: all interactions of the same users with its products.
        warm_held: csr [U, N], held interactions of the same users with products that `train` knows.
    """

    train: sp.csr_matrix
    played: tuple[Array, ...]
    cold_held: tuple[sp.csr_matrix, ...]
    warm_held: sp.csr_matrix

    @classmethod
    def draw(cls, split: Split, seed: int = 0) -> ColdPlays:
        """`PLAYS` draws of `PLAYED_SHARE` of the products with interactions.

        Args:
            split: training and validation.
            seed: of the draws.
        """
        known = np.diff(split.train.tocsc().indptr) > 0
        order = np.random.default_rng(seed).permutation(np.flatnonzero(known))
        size = int(len(order) * PLAYED_SHARE)
        played = []
        for draw in range(PLAYS):
            mask = np.zeros(len(known), bool)
            mask[order[draw * size : (draw + 1) * size]] = True
            played.append(mask)
        train = columns_only(split.train, known & ~np.any(played, axis=0))
        people = np.diff(train.indptr) > 0
        train = train[people]
        whole = sp.csr_matrix(split.train + split.held)[people]
        warm = np.asarray(np.diff(train.tocsc().indptr) > 0)
        return cls(
            train,
            tuple(played),
            tuple(columns_only(whole, mask) for mask in played),
            columns_only(split.held[people], warm),
        )

    @property
    def measurable(self) -> bool:
        """Whether every draw has something to find again, and the warm products too."""
        return bool(self.train.nnz and self.warm_held.nnz and all(held.nnz for held in self.cold_held))


def choose_ridge(rows: Array, product_tokens: sp.csr_matrix, plays: ColdPlays) -> Choice:
    """The penalty of the largest NDCG@20 of cold products among themselves, over the draws.

    Args:
        rows: float32 [N, D], trained on `plays.train`.
        product_tokens: csr [N, V].
        plays: of the validation split.
    """
    rule = "largest NDCG@20 of cold products among themselves, on validation"
    if not product_tokens.shape[1]:
        return Choice(RIDGE, "no text to fit a token table to", ())
    if not plays.measurable:
        return Choice(RIDGE, "too few interactions to measure", ())
    evidence = []
    for ridge in RIDGES:
        texts = text_rows(rows, product_tokens, ridge, plays)
        found = [
            measure_rows(texts, None, plays.train, held, played, max_users=MAX_USERS)[SELECTION_METRIC]
            for played, held in zip(plays.played, plays.cold_held, strict=True)
        ]
        evidence.append({"ridge": ridge, "ndcg@20": float(np.mean(found))})
    best = max(evidence, key=lambda entry: entry["ndcg@20"])
    return Choice(best["ridge"], rule, tuple(evidence))


def text_rows(rows: Array, product_tokens: sp.csr_matrix, ridge: float, plays: ColdPlays) -> Array:
    """The rows, those of products that play cold from a token table that is fitted to the others."""
    counts = np.diff(plays.train.tocsc().indptr)
    warm, played = counts > 0, np.any(plays.played, axis=0)
    targets = cold_targets(rows, plays.train, popularity_z(counts))
    table = fit_token_table(product_tokens[warm], targets[warm], ridge=ridge)
    mixed = rows.copy()
    mixed[played] = unit_rows(np.asarray(product_tokens[played] @ table, dtype=np.float32))
    return mixed
