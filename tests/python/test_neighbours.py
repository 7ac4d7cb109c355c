"""Co-occurrence neighbours against the dense cosine matrix."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from seefud.neighbours import co_occurrence_neighbours


def interactions(seed: int, users: int = 25, products: int = 14, density: float = 0.25) -> sp.csr_matrix:
    rng = np.random.default_rng(seed)
    dense = (rng.random((users, products)) < density) * rng.uniform(0.5, 3.0, (users, products))
    dense[:, 3] = 0  # a product that nobody used
    return sp.csr_matrix(dense.astype(np.float32))


def dense_cosines(matrix: sp.csr_matrix) -> npt.NDArray[np.float64]:
    dense = matrix.toarray().astype(np.float64)
    lengths = np.maximum(np.linalg.norm(dense, axis=0), 1e-9)
    cosines = (dense.T @ dense) / np.outer(lengths, lengths)
    np.fill_diagonal(cosines, 0.0)
    return np.asarray(cosines)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 14), st.sampled_from([1, 4, 2048]))
def test_neighbours_are_the_largest_cosines(seed: int, count: int, block: int) -> None:
    matrix = interactions(seed)
    cosines = dense_cosines(matrix)
    found = co_occurrence_neighbours(matrix, count, block).toarray()
    assert set(np.unique(found)) <= {0.0, 1.0}
    assert not found.diagonal().any()
    for product in range(matrix.shape[1]):
        chosen = found[product] > 0
        assert chosen.sum() == min(count, int((cosines[product] > 0).sum()))
        assert (cosines[product][chosen] > 0).all()
        if chosen.any():
            assert cosines[product][chosen].min() >= cosines[product][~chosen].max(initial=0.0) - 1e-6


@pytest.mark.parametrize("block", [1, 3, 2048])
def test_ties_go_to_the_lower_row(block: int) -> None:
    # Products 1 to 4 are used by the same users, so that their cosines with product 0 are equal.
    matrix = sp.csr_matrix(np.array([[1, 1, 1, 1, 1], [1, 0, 0, 0, 0], [0, 1, 1, 1, 1]], np.float32))
    found = co_occurrence_neighbours(matrix, 2, block)
    assert found[0].indices.tolist() == [1, 2]
    assert found[4].indices.tolist() == [1, 2]


def test_the_block_size_changes_nothing() -> None:
    matrix = interactions(3)
    whole = co_occurrence_neighbours(matrix, 4)
    assert whole.has_sorted_indices
    for block in (1, 5, 14):
        part = co_occurrence_neighbours(matrix, 4, block)
        assert np.array_equal(whole.indptr, part.indptr)
        assert np.array_equal(whole.indices, part.indices)


def test_shape_type_and_lonely_products() -> None:
    found = co_occurrence_neighbours(interactions(0), 4)
    assert found.shape == (14, 14)
    assert found.dtype == np.float32
    assert found[3].nnz == 0
    assert found[:, 3].nnz == 0


@pytest.mark.parametrize("shape", [(3, 0), (0, 4), (1, 1)])
def test_nothing_to_compare(shape: tuple[int, int]) -> None:
    found = co_occurrence_neighbours(sp.csr_matrix(shape, dtype=np.float32), 5)
    assert found.shape == (shape[1], shape[1])
    assert found.nnz == 0
