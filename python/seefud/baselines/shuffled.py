"""Baseline ``random``: a random order per user, the floor of every metric."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from seefud.baselines.contract import fitted

__all__ = ["Shuffled"]


class Shuffled:
    """Uniform scores that depend on the seed and the user row only, not on how users are batched."""

    name = "random"

    def __init__(self) -> None:
        self._products: int | None = None
        self._seed = 0

    def fit(self, train: sp.csr_matrix, product_tokens: sp.csr_matrix | None, seed: int) -> None:
        """Remembers the number of products and the seed."""
        self._products, self._seed = train.shape[1], seed

    def score(self, users: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Uniform scores within 0 to 1, float32 ``[len(users), products]``."""
        products = fitted(self._products, self.name)
        scores = np.empty((len(users), products), dtype=np.float32)
        for line, user in enumerate(users):
            np.random.default_rng((self._seed, int(user))).random(out=scores[line], dtype=np.float32)
        return scores
