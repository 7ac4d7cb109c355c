"""Top-k against a naive sort, and what counts as the same list."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seefud_converter.ranking import overlap, same_up_to_ties, top_k


def naive(scores: np.ndarray, k: int, exclude: list[int]) -> list[int]:
    left = [row for row in range(len(scores)) if row not in exclude]
    return sorted(left, key=lambda row: (-scores[row], row))[:k]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.sampled_from([1, 2, 63, 64, 65, 191, 1500, 6000, 6017]),
    levels=st.sampled_from([1, 3, 40, 10**6]),
    k=st.sampled_from([0, 1, 7, 20, 300]),
    excluded=st.integers(0, 30),
)
def test_top_k_is_the_naive_sort(seed: int, count: int, levels: int, k: int, excluded: int) -> None:
    draw = np.random.default_rng(seed)
    scores = (draw.integers(0, levels, count) / levels - 0.5).astype(np.float32)
    exclude = draw.integers(-1, count, excluded)
    before = scores.copy()
    found = top_k(scores, k, exclude)
    assert found.rows.tolist() == naive(scores, k, exclude.tolist())
    assert found.rows.dtype == np.int32
    assert np.array_equal(found.scores, scores[found.rows])
    assert np.array_equal(scores, before), "the caller's scores were changed"


def test_top_k_of_nothing() -> None:
    assert len(top_k(np.zeros(0, np.float32), 5).rows) == 0
    assert len(top_k(np.zeros(3, np.float32), 5, [0, 1, 2]).rows) == 0


SCORES = np.array([0.9, 0.5, 0.500001, 0.3, 0.3, 0.1])


@pytest.mark.parametrize(
    ("rows", "exclude", "same"),
    [
        ([0, 2, 1], [], True),
        ([0, 1, 2], [], True),  # 1 and 2 are a tie at this tolerance
        ([0, 1, 2, 4], [], True),  # 3 or 4, both are right at the end
        ([0, 3, 2], [], False),
        ([0, 1, 1], [], False),
        ([0, 2, 1], [0], False),
        ([2, 1, 4], [0], True),
        ([5, 4, 3, 2, 1, 0], [], False),
    ],
)
def test_same_up_to_ties(rows: list[int], exclude: list[int], same: bool) -> None:
    assert same_up_to_ties(np.array(rows, np.int32), SCORES, exclude, 1e-5) is same


def test_overlap() -> None:
    def rows(*values: int) -> np.ndarray:
        return np.array(values, np.int32)

    assert overlap(rows(1, 2, 3, 4), rows(4, 5, 6, 1)) == 0.5
    assert overlap(rows(1, 2), rows(1, 2, 3, 4)) == 0.5
    assert overlap(rows(), rows()) == 1.0
