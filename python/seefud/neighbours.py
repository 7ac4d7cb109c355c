"""Products that are used by the same users: the nearest by cosine co-occurrence, as bags of products."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array

__all__ = ["co_occurrence_neighbours"]


def co_occurrence_neighbours(interactions: sp.csr_matrix, count: int, block: int = 2048) -> sp.csr_matrix:
    """For every product its `count` nearest products by the cosine of their user columns, itself left out.

    Args:
        interactions: float32 [U, N].
        count: at most so many neighbours.
        block: products per block; bounds the memory to the block's co-occurrences.

    Returns:
        float32 [N, N] of ones, sorted indices.
    """
    lengths = np.sqrt(np.asarray(interactions.multiply(interactions).sum(axis=0)).ravel())
    columns = sp.csr_matrix(interactions @ sp.diags((1.0 / np.maximum(lengths, 1e-9)).astype(np.float32)))
    by_product = columns.T.tocsr()
    indices: list[Array] = []
    sizes = np.zeros(by_product.shape[0], np.int64)
    for start in range(0, by_product.shape[0], block):
        similar = sp.csr_matrix(by_product[start : start + block] @ columns)
        for offset in range(similar.shape[0]):
            product = start + offset
            row = slice(similar.indptr[offset], similar.indptr[offset + 1])
            others, values = similar.indices[row], similar.data[row]
            keep = others != product
            others, values = others[keep], values[keep]
            if len(others) > count:  # ties to the lower row
                others = others[np.lexsort((others, -values))[:count]]
            sizes[product] = len(others)
            indices.append(np.sort(others))
    flat = np.concatenate(indices) if indices else np.zeros(0, np.int64)
    pointers = np.concatenate([[0], np.cumsum(sizes)])
    ones = np.ones(len(flat), np.float32)
    return sp.csr_matrix((ones, flat, pointers), shape=(by_product.shape[0], by_product.shape[0]))
