"""Rows for products that training never saw: a token table refitted to the trained rows.

After training, every product's row is known. The token table that predicts an unseen product's row best is the ridge
regression of those rows on their tokens; it ranks cold products better than the tokens as trained, because those
only had to explain what the products' own vectors left over.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.model import unit_rows

__all__ = ["cold_targets", "fit_token_rows", "mean_tokens"]

POPULARITY_PULL = 0.1
"""How far a row is moved along the popularity direction per unit of z(log(1 + count)) before the fit."""
WHITENING = 0.3
"""Ridge of the whitening of the users' profiles, whose mean squared coordinate is 1."""


def cold_targets(rows: Array, interactions: sp.csr_matrix, z: Array) -> Array:
    """What the token table is fitted to: a row, its popularity, and whom it appeals to.

    To the trained row e_i are added z_i times a tenth of the mean profile's direction, so that a text that resembles
    popular products predicts a row nearer to everybody's profile, and the whitened mean profile of the product's
    users, in which rare tastes count as much as common ones. On validation, cold products among themselves, NDCG@20
    rose from .346 to .356 by the first (ml-100k) and from .136 to .138 by the second (toys).

    Args:
        rows: float32 [N, D], unit rows.
        interactions: csr float32 [U, N], what they were trained on.
        z: float32 [N], standardised log popularity.

    Returns:
        float32 [N, D].
    """
    profiles = unit_rows(np.asarray(interactions @ rows, dtype=np.float32))
    direction = unit_rows(profiles.mean(axis=0, keepdims=True))
    gram = profiles.T @ profiles
    scale = float(np.trace(gram)) / rows.shape[1]
    gram = gram / scale if scale > 0 else gram
    audience = np.asarray(interactions.T @ profiles, dtype=np.float32)
    counts = np.maximum(np.diff(interactions.tocsc().indptr), 1)
    whitened = np.linalg.solve(gram + WHITENING * np.eye(len(gram)), (audience / counts[:, None]).T).T
    return np.asarray(rows + POPULARITY_PULL * z[:, None] * direction + unit_rows(whitened), dtype=np.float32)


def mean_tokens(product_tokens: sp.csr_matrix) -> sp.csr_matrix:
    """Token bags float32 [N, V] scaled by ``n ** -1/2``, n being the number of known tokens of the product."""
    counts = np.maximum(np.asarray(product_tokens.sum(axis=1)).ravel(), 1.0)
    scaled = sp.diags((1.0 / np.sqrt(counts)).astype(np.float32)) @ product_tokens
    return sp.csr_matrix(scaled, dtype=np.float32)


def fit_token_rows(
    product_tokens: sp.csr_matrix,
    rows: Array,
    *,
    ridge: float,
    row_weights: Array | None = None,
    iterations: int = 60,
    tolerance: float = 1e-6,
) -> Array:
    """Minimises ``sum_i w_i |e_i - n_i^(-1/2) sum b_t|^2 + ridge |B|^2`` by conjugate gradients, all columns at once.

    Args:
        product_tokens: ones float32 [n, V] of the products that have trained rows.
        rows: float32 [n, D], their rows.
        ridge: the penalty, > 0.
        row_weights: float32 [n], how much each product's row counts; all 1 if None.
        iterations: at most so many steps.
        tolerance: stop once every column's squared residual is below it.

    Returns:
        float32 [V, D], the token table.
    """
    tokens = mean_tokens(product_tokens)
    targets = np.asarray(rows, dtype=np.float32)
    if row_weights is not None:
        root = np.sqrt(row_weights).astype(np.float32)
        tokens = sp.csr_matrix(sp.diags(root) @ tokens)
        targets = targets * root[:, None]
    transposed = tokens.T.tocsr()
    solution = np.zeros((tokens.shape[1], targets.shape[1]), np.float32)
    residual = np.asarray(transposed @ targets, dtype=np.float32)
    direction = residual.copy()
    error = np.square(residual).sum(axis=0)
    for _ in range(iterations):
        if error.size == 0 or float(error.max()) < tolerance:
            break
        image = transposed @ (tokens @ direction) + ridge * direction
        step = error / np.maximum((direction * image).sum(axis=0), 1e-12)
        solution += step * direction
        residual -= step * image
        new_error = np.square(residual).sum(axis=0)
        direction = residual + (new_error / np.maximum(error, 1e-12)) * direction
        error = new_error
    return solution
