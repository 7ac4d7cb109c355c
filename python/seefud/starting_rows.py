"""Where a training starts: rows that an earlier model gave to products and tokens, instead of random ones.

A row is ``r_i = a_i + n_i^(-1/2) * sum of b_t`` (docs/model.md). The tokens' vectors b are a share of the earlier
model's; where the recipe relies on text they are fitted to the earlier rows instead, in full. A known product's own
vector is what is missing to its earlier row,

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
from seefud.cold_start import fit_token_rows
from seefud.training_recipe import TrainingRecipe

__all__ = ["TOKEN_SHARE", "StartingRows", "shortened", "steps_per_epoch"]

TOKEN_SHARE = 0.2
"""Size of the starting token vectors relative to the earlier table, where the recipe does not rely on text."""
TEXT_RIDGE = 1.0
"""Penalty of the token vectors that are fitted to the earlier rows, where it does."""
LEAST_ENTRIES = 10_000
"""Interactions in a batch, at least: near a good place a step's noise costs more than it does at the start."""
START_NOISE = 0.2
"""Length of the noise on a product's own vector. Rows that were learnt to the end on fewer people or products come out
worse after further training than rows that are undecided again (Ash and Adams, "On Warm-Starting Neural Network
Training", NeurIPS 2020, who shrink and perturb)."""
MOST_DROPOUT = 0.2
"""Token dropout, at most, where tokens start at a share of their size: more of it needs many steps to be of use. A
recipe that drops more relies on text."""


@dataclass(frozen=True)
class StartingRows:
    """Rows of an earlier model, in the order of the new data.

    Attributes:
        rows: float32 [N, D], unit rows; zeros where the earlier model knows nothing of the product.
        token_rows: float32 [V, D], as in the earlier file; zeros where it does not know the token.
        text_alone: whether products have no vectors of their own, so that `token_rows` must give `rows` back.
    """

    rows: Array
    token_rows: Array
    text_alone: bool = False

    def relies_on_text(self, recipe: TrainingRecipe) -> bool:
        """Whether tokens start in full, as far as they explain the rows, and the recipe's dropout stays.

        Validation chooses a recipe that drops many tokens where text says much. There, products' own vectors that hold
        what text could say are a worse place to go on from, however many the steps (docs/warm-start.md).
        """
        return not self.text_alone and not recipe.neighbours and recipe.token_dropout > MOST_DROPOUT

    def with_fitted_tokens(self, product_tokens: sp.csr_matrix) -> StartingRows:
        """Token vectors by ridge regression of the known rows; tokens that the earlier model does not know stay 0.

        Those of a file are of no use for it: they are fitted to whom a product appeals to as well.

        Args:
            product_tokens: csr [N, V] of ones.
        """
        known = _filled(self.rows)
        fitted = fit_token_rows(product_tokens[known], self.rows[known], ridge=TEXT_RIDGE)
        return replace(self, token_rows=np.where(_filled(self.token_rows)[:, None], fitted, 0.0).astype(np.float32))

    def principal_axes(self) -> Array:
        """The eigenvectors of the rows' Gram matrix as columns, float32 [D, D]: the axes to train on.

        Adam scales each coordinate by itself. A file's vectors were turned so that all coordinates are alike, which
        takes that away: where rows hardly differ along a direction, every coordinate holds a little of it and none can
        be scaled for it. On the principal axes each has its own rate (Vyas et al., "SOAP: Improving and Stabilizing
        Shampoo using Adam", ICLR 2025, who run Adam on the eigenvectors of the gradients' covariance).
        """
        rows = np.asarray(self.rows, np.float64)
        axes = np.linalg.eigh(rows.T @ rows)[1]
        return np.asarray(axes, np.float32)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all of it: part of what makes two trainings the same."""
        digest = hashlib.sha256()
        for table in (self.rows, self.token_rows):
            digest.update(repr(table.shape).encode())
            digest.update(np.ascontiguousarray(table, np.float32).tobytes())
        digest.update(bytes([self.text_alone]))
        return digest.hexdigest()

    def tables(
        self,
        features: sp.csr_matrix | None,
        ids: Array,
        feature_rows: Array,
        *,
        text: bool,
        neighbours: int,
        token_share: float = TOKEN_SHARE,
    ) -> tuple[Array, Array]:
        """The vectors of products and features to start from.

        Args:
            features: float32 [N, F], scaled: the tokens, then the neighbours. None where rows are made of ids alone.
            ids: float32 [N, D], random: kept for a product of which nothing is known.
            feature_rows: float32 [F, D], random: kept for unknown features of such a product.
            text: whether the first V features are the tokens.
            neighbours: of each product, if the last N features are its neighbours; 0 if they are not.
            token_share: size of the starting token vectors relative to `token_rows`.

        Returns:
            float32 [N, D] and float32 [F, D].
        """
        known = _filled(self.rows)
        if features is None:
            return np.where(known[:, None], self.rows, ids).astype(np.float32), feature_rows
        start = np.zeros_like(feature_rows)
        if text:
            start[: len(self.token_rows)] = token_share * self.token_rows
        if neighbours:
            start[-len(self.rows) :] = TOKEN_SHARE / np.sqrt(neighbours) * self.rows
        lost = ~known & ~_filled(np.asarray(features @ start, np.float32))
        random = ~_filled(start)
        random &= np.bincount(features[lost].indices, minlength=len(start)) > 0
        start = np.where(random[:, None], feature_rows, start)
        own = self.rows - np.asarray(features @ start, np.float32)
        return np.where(known[:, None], own, np.where(lost[:, None], ids, 0.0)).astype(np.float32), start


def shortened(recipe: TrainingRecipe, start: StartingRows, epochs: int, users: int, entries: int) -> TrainingRecipe:
    """The recipe for a training that starts from earlier rows: at most a third of the steps, or one pass.

    The numbers were chosen on validation splits of ml-100k and toys (docs/warm-start.md).

    Args:
        recipe: of the training from scratch.
        start: the rows to begin with.
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
        token_dropout=recipe.token_dropout if start.relies_on_text(recipe) else min(recipe.token_dropout, MOST_DROPOUT),
        start_noise=START_NOISE,
    )


def steps_per_epoch(users: int, batch_size: int) -> int:
    """Batches that cover every user once."""
    return max(1, -(-users // batch_size))


def _filled(rows: Array) -> Array:
    return np.asarray(np.abs(rows).max(axis=1, initial=0.0) > 0)
