"""Overlap and rank-biased overlap against sums written out, and where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seefud.rank_similarity import list_overlap, rank_biased_overlap


def naive(first: list[int], second: list[int], p: float) -> float:
    k = min(len(first), len(second))
    shared = [len(set(first[:d]) & set(second[:d])) for d in range(1, k + 1)]
    return shared[-1] / k * p**k + (1 - p) / p * sum(x / d * p**d for d, x in enumerate(shared, 1))


@given(st.permutations(range(12)), st.permutations(range(12)), st.integers(1, 12), st.floats(0.1, 0.95))
def test_is_the_sum_of_its_definition(first: list[int], second: list[int], k: int, p: float) -> None:
    found = rank_biased_overlap(np.array([first[:k]]), np.array([second[:k]]), p)[0]
    assert found == pytest.approx(naive(first[:k], second[:k], p), abs=1e-12)
    overlap = list_overlap(np.array([first[:k]]), np.array([second[:k]]))[0]
    assert overlap == len(set(first[:k]) & set(second[:k])) / k


def test_known_answers() -> None:
    first = np.array([[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, -1], [-1, -1, -1], [1, -1, -1]])
    second = np.array([[1, 2, 3], [4, 5, 6], [3, 2, 1], [1, 2, 3], [-1, -1, -1], [-1, -1, -1]])
    assert list_overlap(first, second).tolist() == pytest.approx([1, 0, 1, 2 / 3, 1, 0])
    found = rank_biased_overlap(first, second)
    assert found[[0, 1, 3, 4, 5]].tolist() == pytest.approx([1, 0, 1, 1, 0])
    assert found[2] == pytest.approx(0.9**3 + 0.1 / 0.9 * (0.5 * 0.9**2 + 0.9**3))


def test_the_top_weighs_more() -> None:
    lists = np.array([[1, 2, 3, 4, 5]] * 2)
    top, bottom = rank_biased_overlap(lists, np.array([[2, 1, 3, 4, 5], [1, 2, 3, 5, 4]]))
    assert top < bottom < 1
