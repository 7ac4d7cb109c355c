"""Where a training starts: rows that an earlier model gave to products and tokens, instead of random ones.

A row is ``r_i = a_i + n_i^(-1/2) * sum of b_t`` (docs/model.md). The tokens' vectors b are a share of the earlier
model's, which is what token dropout can live with, and a known product's own vector is what is
missing to its earlier row,

    a_i = e_i - n_i^(-1/2) * sum of b_t

so that training begins where the earlier one ended. A new product has a_i = 0: its row is the direction of its text,
the very row that the earlier file gives to a product that it does not hold.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.training_recipe import TrainingRecipe

__all__ = ["StartingRows", "shortened", "steps_per_epoch"]

TOKEN_SHARE = 0.2
"""Size of the starting token vectors relative to the earlier table."""
LEAST_ENTRIES = 10_000
"""Interactions in a batch, at least: near a good place a step's noise costs more than it does at the start."""
START_NOISE = 0.4
"""Length of the noise on a product's own vector. Rows that were learnt to the end on fewer people or products come out
worse after further training than rows that are undecided again (Ash and Adams, "On Warm-Starting Neural Network
Training", NeurIPS 2020, who shrink and perturb)."""
MOST_DROPOUT = 0.2
"""Token dropout, at most: more of it needs many steps to be of use."""


@dataclass(frozen=True)
class StartingRows:
    """Rows of an earlier model, in the order of the new data.

    Attributes:
        rows: float32 [N, D], unit rows; zeros where the earlier model knows nothing of the product.
        token_rows: float32 [V, D], as in the earlier file; zeros where it does not know the token.
    """

    rows: Array
    token_rows: Array

    @property
    def fingerprint(self) -> str:
        """SHA-256 of both tables: part of what makes two trainings the same."""
        digest = hashlib.sha256()
        for table in (self.rows, self.token_rows):
            digest.update(repr(table.shape).encode())
            digest.update(np.ascontiguousarray(table, np.float32).tobytes())
        return digest.hexdigest()

    def tables(
        self, features: sp.csr_matrix | None, ids: Array, feature_rows: Array, *, text: bool, neighbours: int
    ) -> tuple[Array, Array]:
        """The vectors of products and features to start from.

        Args:
            features: float32 [N, F], scaled: the tokens, then the neighbours. None where rows are made of ids alone.
            ids: float32 [N, D], random: kept for a product of which nothing is known.
            feature_rows: float32 [F, D], random: kept for unknown features of such a product.
            text: whether the first V features are the tokens.
            neighbours: of each product, if the last N features are its neighbours; 0 if they are not.

        Returns:
            float32 [N, D] and float32 [F, D].
        """
        known = _filled(self.rows)
        if features is None:
            return np.where(known[:, None], self.rows, ids).astype(np.float32), feature_rows
        start = np.zeros_like(feature_rows)
        if text:
            start[: len(self.token_rows)] = TOKEN_SHARE * self.token_rows
        if neighbours:
            start[-len(self.rows) :] = TOKEN_SHARE / np.sqrt(neighbours) * self.rows
        lost = ~known & ~_filled(np.asarray(features @ start, np.float32))
        random = ~_filled(start)
        random &= np.bincount(features[lost].indices, minlength=len(start)) > 0
        start = np.where(random[:, None], feature_rows, start)
        own = self.rows - np.asarray(features @ start, np.float32)
        return np.where(known[:, None], own, np.where(lost[:, None], ids, 0.0)).astype(np.float32), start


def shortened(recipe: TrainingRecipe, epochs: int, users: int, entries: int) -> TrainingRecipe:
    """The recipe for a training that starts from earlier rows: at most a third of the steps, or one pass.

    The numbers were chosen on validation splits of ml-100k and toys (docs/warm-start.md).

    Args:
        recipe: of the training from scratch.
        epochs: passes that were best for it; the whole cosine fits into a third of their steps.
        users: those with an interaction.
        entries: interactions of them all.
    """
    batch = max(recipe.batch_size, -(-LEAST_ENTRIES * users // max(entries, 1)))
    third = epochs * steps_per_epoch(users, recipe.batch_size) // 3
    return replace(
        recipe,
        batch_size=batch,
        epochs=max(1, min(epochs, third // steps_per_epoch(users, batch))),
        token_dropout=min(recipe.token_dropout, MOST_DROPOUT),
        start_noise=START_NOISE,
    )


def steps_per_epoch(users: int, batch_size: int) -> int:
    """Batches that cover every user once."""
    return max(1, -(-users // batch_size))


def _filled(rows: Array) -> Array:
    return np.asarray(np.abs(rows).max(axis=1, initial=0.0) > 0)
