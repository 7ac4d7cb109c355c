"""Rows for products that training never saw: a token table refitted to the trained rows.

After training, every product's row is known. The token table that predicts an unseen product's row best is the ridge
regression of those rows on their tokens; it ranks cold products better than the tokens as trained, because those
only had to explain what the products' own vectors left over.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.model import TINY, unit_rows

__all__ = ["cold_targets", "fit_token_rows", "fit_token_table", "mean_tokens"]

POPULARITY_PULL = 0.1
"""How far a row is moved along the popularity direction per unit of z(log(1 + count)) before the fit."""
WHITENING = 0.03
"""Ridge of the whitening of the users' profiles, whose mean squared coordinate is 1."""
LEAST_RELEVANCE = 0.05
"""A token's prior variance relative to the average one, at least: one fit must not silence a token for good."""
_ENTRIES = 1_000_000  # interactions whose dot products are computed at once


def cold_targets(rows: Array, interactions: sp.csr_matrix, z: Array) -> Array:
    """What the token table is fitted to: a row, its popularity, and whom it appeals to.

    To the trained row e_i are added z_i times a tenth of the mean profile's direction, so that a text that resembles
    popular products predicts a row nearer to everybody's profile, and the whitened mean profile of the product's
    users, in which rare tastes count as much as common ones. Of each of these profiles the product's own share is
    left out: nobody who meets a new product has it in the profile.

    Args:
        rows: float32 [N, D], unit rows.
        interactions: csr float32 [U, N], what they were trained on.
        z: float32 [N], standardised log popularity.

    Returns:
        float32 [N, D].
    """
    sums = np.asarray(interactions @ rows, dtype=np.float32)
    profiles = unit_rows(sums)
    direction = unit_rows(profiles.mean(axis=0, keepdims=True))
    gram = profiles.T @ profiles
    scale = float(np.trace(gram)) / rows.shape[1]
    gram = gram / scale if scale > 0 else gram
    audience = _audience(rows, interactions, sums)
    whitened = np.linalg.solve(gram + WHITENING * np.eye(len(gram)), audience.T).T
    return np.asarray(rows + POPULARITY_PULL * z[:, None] * direction + unit_rows(whitened), dtype=np.float32)


def _audience(rows: Array, interactions: sp.csr_matrix, sums: Array) -> Array:
    """Mean over a product's users of the unit vector of what else they have: float32 [N, D], zeros without users.

    With h the sum of a user's rows and x the weight of product i in it, the vector is (h - x e_i) / |h - x e_i|.
    """
    matrix = interactions.tocsr()
    user = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    along = np.empty(matrix.nnz, np.float32)
    for start in range(0, matrix.nnz, _ENTRIES):
        part = slice(start, start + _ENTRIES)
        along[part] = np.einsum("ij,ij->i", sums[user[part]], rows[matrix.indices[part]])
    x, length = matrix.data.astype(np.float32), np.square(rows).sum(axis=1)
    rest = np.square(sums).sum(axis=1)[user] - 2 * x * along + np.square(x) * length[matrix.indices]
    share = np.where(rest > TINY, 1 / np.sqrt(np.maximum(rest, TINY)), 0.0).astype(np.float32)
    shares = sp.csr_matrix((share, matrix.indices, matrix.indptr), shape=matrix.shape)
    own = np.bincount(matrix.indices, weights=share * x, minlength=matrix.shape[1]).astype(np.float32)
    counts = np.maximum(np.bincount(matrix.indices, minlength=matrix.shape[1]), 1)
    return np.asarray((shares.T @ sums - own[:, None] * rows) / counts[:, None], dtype=np.float32)


def mean_tokens(product_tokens: sp.csr_matrix) -> sp.csr_matrix:
    """Token bags float32 [N, V] scaled by ``n ** -1/2``, n being the number of known tokens of the product."""
    counts = np.maximum(np.asarray(product_tokens.sum(axis=1)).ravel(), 1.0)
    scaled = sp.diags((1.0 / np.sqrt(counts)).astype(np.float32)) @ product_tokens
    return sp.csr_matrix(scaled, dtype=np.float32)


def fit_token_table(product_tokens: sp.csr_matrix, rows: Array, *, ridge: float) -> Array:
    """The token table by two ridge regressions: the second knows from the first which tokens say something.

    The penalty of a token in the second fit follows from its prior variance, re-estimated by one step of expectation
    maximisation, ``v_t = |b_t|^2 / D + s^2 / (sum_i 1 / n_i + ridge)``, the sum over the products that hold the token
    and s^2 the mean squared residual: automatic relevance determination (MacKay, "Bayesian non-linear modelling for
    the prediction competition", 1994; Tipping, JMLR 2001), with the posterior taken as diagonal.

    Args:
        product_tokens: ones float32 [n, V] of the products that have trained rows.
        rows: float32 [n, D], what the tokens are to predict.
        ridge: penalty of the first fit, > 0; that of a token of average variance in the second.

    Returns:
        float32 [V, D].
    """
    first = fit_token_rows(product_tokens, rows, ridge=ridge)
    tokens = mean_tokens(product_tokens)
    noise = float(np.square(rows - tokens @ first).mean()) if rows.size else 0.0
    if noise <= 0 or not first.size:
        return first
    evidence = np.asarray(tokens.power(2).sum(axis=0)).ravel()
    variance = np.square(first).mean(axis=1) + noise / (evidence + ridge)
    scales = np.sqrt(np.maximum(variance * ridge / noise, LEAST_RELEVANCE))
    return fit_token_rows(product_tokens, rows, ridge=ridge, token_scales=scales.astype(np.float32))


def fit_token_rows(
    product_tokens: sp.csr_matrix,
    rows: Array,
    *,
    ridge: float,
    token_scales: Array | None = None,
    iterations: int = 60,
    tolerance: float = 1e-6,
) -> Array:
    """Minimises ``sum_i |e_i - n_i^(-1/2) sum b_t|^2 + ridge sum_t |b_t / s_t|^2`` by conjugate gradients.

    Args:
        product_tokens: ones float32 [n, V] of the products that have trained rows.
        rows: float32 [n, D], their rows.
        ridge: the penalty, > 0.
        token_scales: float32 [V], s, how long each token's row may easily be; all 1 if None.
        iterations: at most so many steps.
        tolerance: stop once every column's squared residual is below it.

    Returns:
        float32 [V, D], the token table.
    """
    tokens = mean_tokens(product_tokens)
    targets = np.asarray(rows, dtype=np.float32)
    if token_scales is not None:
        tokens = sp.csr_matrix(tokens @ sp.diags(token_scales), dtype=np.float32)
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
    return solution if token_scales is None else solution * token_scales[:, None]
