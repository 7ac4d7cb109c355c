"""Baseline ``content``: products whose words resemble those of the history. It can score products nobody has.

Term weights as in Salton and Buckley, "Term-weighting approaches in automatic text retrieval", 1988.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from seefud.baselines.contract import BaselineUnavailableError, fitted
from seefud.baselines.itemknn import unit_rows

__all__ = ["ContentNeighbours"]


class ContentNeighbours:
    """Score of product i for a history x: ``sum_j x_j cos(t_j, t_i)`` with TF-IDF vectors t.

    A token of a product counts once, so its weight is its inverse document frequency ``log(n / df)``. Both
    are taken over the products that training knows, like everything else that is learnt.
    """

    name = "content"

    def __init__(self) -> None:
        self._train: sp.csr_matrix | None = None
        self._vectors: sp.csr_matrix | None = None

    def fit(self, train: sp.csr_matrix, product_tokens: sp.csr_matrix | None, seed: int) -> None:
        """Weights and normalises the token vectors.

        Raises:
            BaselineUnavailableError: there are no product tokens.
        """
        if product_tokens is None or product_tokens.nnz == 0:
            raise BaselineUnavailableError(
                "baseline 'content': expected product tokens, found none; it needs titles or ingredients "
                "whose words occur in at least two products"
            )
        known = np.flatnonzero(np.bincount(train.indices, minlength=train.shape[1]))
        frequency = np.bincount(product_tokens[known].indices, minlength=product_tokens.shape[1])
        weights = np.log(max(known.size, 1) / np.maximum(frequency, 1))
        self._vectors = unit_rows(sp.csr_matrix(product_tokens @ sp.diags(weights))).astype(np.float32)
        self._train = train

    def score(self, users: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Sums of cosines, float32 ``[len(users), products]``; 0 for a product without known words."""
        vectors = fitted(self._vectors, self.name)
        profiles = (fitted(self._train, self.name)[users] @ vectors).toarray()
        # A dense profile times a sparse table costs users x stored tokens, far below sparse x sparse here.
        return np.ascontiguousarray((vectors @ profiles.T).T, dtype=np.float32)
