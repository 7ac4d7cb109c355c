"""Baseline ``itemknn``: products that share users with the ones in the history.

Sarwar et al., "Item-based collaborative filtering recommendation algorithms", WWW 2001.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from seefud.baselines.contract import fitted

__all__ = ["ItemKnn", "unit_rows"]

_BLOCK = 512  # products whose similarities are held at once


class ItemKnn:
    """Cosine similarity of the products' user vectors, each product keeping its ``neighbours`` nearest.

    Score of product i for a history x: ``sum_j x_j sim(j, i)`` over the history's products j that have i
    among their nearest. A product counts as one of its own neighbours, as in implicit's
    ``CosineRecommender``.
    """

    name = "itemknn"

    def __init__(self, *, neighbours: int = 200) -> None:
        self.neighbours = neighbours
        self._train: sp.csr_matrix | None = None
        self._similarity: sp.csr_matrix | None = None

    def fit(self, train: sp.csr_matrix, product_tokens: sp.csr_matrix | None, seed: int) -> None:
        """Builds the neighbour table, csr float32 ``[products, products]``, block by block."""
        columns = unit_rows(train.T.tocsr())
        users = columns.T.tocsr()
        data: list[npt.NDArray[np.float32]] = []
        indices: list[npt.NDArray[np.int32]] = []
        sizes: list[int] = []
        for start in range(0, columns.shape[0], _BLOCK):
            similar = (columns[start : start + _BLOCK] @ users).tocsr()
            similar.sort_indices()
            for line in range(similar.shape[0]):
                own = slice(similar.indptr[line], similar.indptr[line + 1])
                values, places = similar.data[own], similar.indices[own]
                if values.size > self.neighbours:
                    # A stable sort of rising places: equal similarities at the cut keep the lower row.
                    kept = np.sort(np.argsort(-values, kind="stable")[: self.neighbours])
                    values, places = values[kept], places[kept]
                data.append(values.astype(np.float32))
                indices.append(places)
                sizes.append(values.size)
        empty = np.zeros(0)
        self._similarity = sp.csr_matrix(
            (
                np.concatenate([empty.astype(np.float32), *data]),
                np.concatenate([empty.astype(np.int32), *indices]),
                np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]),
            ),
            shape=(columns.shape[0], columns.shape[0]),
        )
        self._train = train

    def score(self, users: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Sums of similarities, float32 ``[len(users), products]``; 0 for nobody's neighbour."""
        history = fitted(self._train, self.name)[users]
        return np.asarray((history @ fitted(self._similarity, self.name)).toarray(), dtype=np.float32)


def unit_rows(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """Rows scaled to Euclidean length 1, empty rows left empty; float64, so equal cosines come out equal."""
    squares = matrix.astype(np.float64).power(2).sum(axis=1)
    lengths = np.sqrt(np.asarray(squares).ravel())
    return sp.csr_matrix(sp.diags(1.0 / np.maximum(lengths, 1e-12)) @ matrix.astype(np.float64))
