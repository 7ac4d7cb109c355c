"""From trained rows to a model that can rank everything: rows for cold products, the token table, the prior."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.cold_start import cold_targets, fit_token_table
from seefud.kernel_error import ALLOWED_ERROR, Gain, best_gain
from seefud.mixing import SORTED, Mixing
from seefud.model import Kind, Model, PopularityPrior, popularity_z, unit_rows
from seefud.rotation import flattening_rotation

__all__ = ["RIDGE", "finish_model", "prior_of", "rotated"]

ROTATIONS = 6
"""Tried in turn until the kernel's error is allowed; none changes a score."""
RIDGE = 3.0
"""Penalty of the token table where validation cannot choose one."""


def finish_model(
    rows: Array,
    interactions: sp.csr_matrix,
    product_tokens: sp.csr_matrix,
    kind: Kind,
    popularity: PopularityPrior = PopularityPrior(),
    ridge: float = RIDGE,
    mixing: Mixing = SORTED,
) -> Model:
    """Refits the token table to the rows of products with interactions and gives the others rows from their text.

    The vectors are rotated first, which changes no score and makes int8 finer (`seefud.rotation`).

    Args:
        rows: float32 [N, D], as trained.
        interactions: csr [U, N], what they were trained on.
        product_tokens: csr [N, V] of ones.
        kind: a collaborative model gets no token table.
        popularity: weight of the popularity prior and the prior of cold products.
        ridge: penalty of the refit.
        mixing: how products without a row find their places; it changes no number here.
    """
    counts = np.diff(interactions.tocsc().indptr)
    warm = counts > 0
    has_text = kind is not Kind.COLLABORATIVE and bool(product_tokens.shape[1])
    known = np.asarray(product_tokens.sum(axis=1)).ravel() if has_text else np.zeros(len(counts))
    prior = prior_of(counts, popularity, known)
    finished, gain = _turned(np.where(warm[:, None], rows, 0.0).astype(np.float32), prior, interactions)
    token_rows = np.zeros((0, rows.shape[1]), np.float32)
    if has_text:
        targets = cold_targets(finished, interactions, popularity_z(counts))
        token_rows = fit_token_table(product_tokens[warm], targets[warm], ridge=ridge)
        finished[~warm] = unit_rows(np.asarray(product_tokens[~warm] @ token_rows, dtype=np.float32))
    return Model(kind, finished, prior, token_rows, popularity, mixing, gain)


def _turned(rows: Array, prior: Array, interactions: sp.csr_matrix) -> tuple[Array, float]:
    """Rows as they are stored, and the gain: of some rotations the first that int8 bears well, or the best."""
    tried: list[tuple[Array, Gain]] = []
    for seed in range(ROTATIONS):
        turned = rotated(rows, interactions, seed)
        tried.append((turned, best_gain(turned, prior, interactions)))
        if tried[-1][1].error <= ALLOWED_ERROR:
            return turned, tried[-1][1].value
    turned, gain = min(tried, key=lambda entry: entry[1].error)
    return turned, gain.value


def rotated(rows: Array, interactions: sp.csr_matrix, seed: int = 0) -> Array:
    """The rows as a file stores them: in a space in which they and the profiles are flat.

    Args:
        rows: float32 [N, D], as trained.
        interactions: csr [U, N], what they were trained on.
        seed: of the rotation that is begun with.
    """
    warm = np.diff(interactions.tocsc().indptr) > 0
    return rows @ flattening_rotation(np.concatenate([rows[warm], _some_profiles(rows, interactions)]), seed)


def _some_profiles(rows: Array, interactions: sp.csr_matrix) -> Array:
    """Unit profiles of at most 2,000 users at even distances."""
    users = np.unique(np.linspace(0, interactions.shape[0] - 1, min(2000, interactions.shape[0])).astype(int))
    return unit_rows(np.asarray(interactions[users] @ rows, dtype=np.float32))


def prior_of(counts: Array, popularity: PopularityPrior, token_counts: Array) -> Array:
    """The prior float32 [N]: ``beta * z(log(1 + count))``, and that of new products where the count is 0."""
    prior = popularity.beta * popularity_z(counts)
    return np.where(np.asarray(counts) > 0, prior, popularity.of_new(token_counts)).astype(np.float32)
