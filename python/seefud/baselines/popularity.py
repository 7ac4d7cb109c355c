"""Baseline ``popularity``: everybody gets the products that most users have."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from seefud.baselines.contract import fitted

__all__ = ["Popularity"]


class Popularity:
    """Scores a product by its number of users; how often one user took it does not count."""

    name = "popularity"

    def __init__(self) -> None:
        self._counts: npt.NDArray[np.float32] | None = None

    def fit(self, train: sp.csr_matrix, product_tokens: sp.csr_matrix | None, seed: int) -> None:
        """Counts users per product."""
        self._counts = np.bincount(train.indices, minlength=train.shape[1]).astype(np.float32)

    def score(self, users: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """The same counts for every user: a read-only view ``[len(users), products]`` of one line."""
        counts = fitted(self._counts, self.name)
        return np.broadcast_to(counts, (len(users), counts.size))
