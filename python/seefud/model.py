"""The model: one unit row per product, one row per token, and a popularity prior; ranking is a dot product.

A history vector is the weighted sum of its products' rows, and a product's score is the cosine-like
``(h / |h|) . e_i + prior_i``: a linear autoencoder with a tied, unit-norm table (ELSA, Vančura et al., RecSys 2022).
This module holds the finished numbers and scores them in NumPy; `seefud.training` makes them.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.mixing import SORTED, Mixing

__all__ = ["FINE_GAIN", "Kind", "Model", "PopularityPrior", "popularity_z", "unit_rows"]

# Below this length a vector holds no information; the on-device graph uses the same guard (squared) in rsqrt.
TINY = 1e-6
LINEAR_Z = 2.0
FINE_GAIN = 0.25


class Kind(enum.StrEnum):
    """What a product's row is made of."""

    COLLABORATIVE = "collaborative"
    """Its own vector only: no text, so no cold start."""
    CONTENT = "content"
    """The sum of its tokens only."""
    HYBRID = "hybrid"
    """Both; the default."""


@dataclass(frozen=True)
class PopularityPrior:
    """How popularity enters the score.

    Attributes:
        beta: weight of ``z(log(1 + count))``; 0 when validation showed no gain.
        cold: prior of a product without interactions and without a known word.
        words: added to it times ``log(1 + n)`` for n known tokens: a longer text says more surely what a product is.
    """

    beta: float = 0.0
    cold: float = 0.0
    words: float = 0.0

    def of_new(self, token_counts: Array) -> Array:
        """The prior of products without interactions, float32 [n], by their numbers of known tokens [n]."""
        return np.asarray(self.cold + self.words * np.log1p(np.asarray(token_counts, np.float64)), dtype=np.float32)


@dataclass(frozen=True)
class Model:
    """A trained model; row i belongs to product i of the prepared data it was trained on.

    Attributes:
        kind: what the rows are made of.
        rows: float32 [N, D], unit rows; a zero row where neither interactions nor a known token exist.
        prior: float32 [N], added to the score.
        token_rows: float32 [V, D], rows of the token table; V may be 0.
        popularity: the numbers that `prior` was made from.
        mixing: how products without a row find their places among the others.
        gain: a file stores the prior divided by it; see `seefud.kernel_error`. It changes no score here.
    """

    kind: Kind
    rows: Array
    prior: Array
    token_rows: Array
    popularity: PopularityPrior
    mixing: Mixing = SORTED
    gain: float = FINE_GAIN

    @property
    def dimension(self) -> int:
        """D, the length of every vector."""
        return int(self.rows.shape[1])

    def profiles(self, histories: sp.csr_matrix) -> Array:
        """Unit profile vectors float32 [U, D] of histories [U, N]; zeros for an empty history."""
        return unit_rows(np.asarray(histories @ self.rows, dtype=np.float32))

    def scores(self, histories: sp.csr_matrix) -> Array:
        """Scores float32 [U, N] of every product for histories [U, N]; own products are not excluded."""
        scores = self.profiles(histories) @ self.rows.T
        scores += self.prior
        return np.asarray(scores)

    def text_rows(self, product_tokens: sp.csr_matrix) -> Array:
        """Unit rows float32 [n, D] of products known by their tokens [n, V] alone; zeros without a known token."""
        if self.token_rows.shape[0] == 0:
            return np.zeros((product_tokens.shape[0], self.dimension), np.float32)
        return unit_rows(np.asarray(product_tokens @ self.token_rows, dtype=np.float32))


def unit_rows(matrix: Array) -> Array:
    """Rows of float32 [n, d] divided by their length; rows shorter than `TINY` become zeros."""
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.where(length > TINY, matrix / np.maximum(length, TINY), 0.0).astype(np.float32)


def popularity_z(counts: Array) -> Array:
    """Standardised log popularity float32 [N]: ``z(log(1 + count))`` over the products that have interactions.

    Beyond 2 standard deviations it grows by the logarithm, still in order: one product that everybody has would
    otherwise make the prior's int8 column coarse for all others.
    """
    log_counts = np.log1p(np.asarray(counts, dtype=np.float64))
    known = log_counts[np.asarray(counts) > 0]
    if known.size == 0:
        return np.zeros(len(log_counts), np.float32)
    spread = max(float(known.std()), 1e-6)
    z = (log_counts - known.mean()) / spread
    size = np.abs(z)
    compressed = np.sign(z) * (LINEAR_Z + np.log1p(np.maximum(size - LINEAR_Z, 0.0)))
    return np.where(size > LINEAR_Z, compressed, z).astype(np.float32)
