"""Fading histories: known ages, unknown times, and nothing moved."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from seefud.recency import faded

DAY = 86_400.0


def matrices(entries: list[list[tuple[int, float, float]]]) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Per user (product, weight, seconds)."""
    indptr = np.cumsum([0, *(len(user) for user in entries)])
    flat = [entry for user in entries for entry in user]
    indices = np.array([entry[0] for entry in flat], np.int32)
    weights = np.array([entry[1] for entry in flat], np.float32)
    times = np.array([entry[2] for entry in flat], np.float64)
    shape = (len(entries), 9)
    return sp.csr_matrix((weights, indices, indptr), shape=shape), sp.csr_matrix((times, indices, indptr), shape=shape)


def test_weights_fade_with_the_root_of_the_age_in_days() -> None:
    start = 1.7e9
    found = faded(*matrices([[(0, 1.0, start), (1, 2.0, start - 3 * DAY), (5, 4.0, start - 15 * DAY)]]))
    assert found.data.tolist() == pytest.approx([1.0, 1.0, 1.0])
    assert found.dtype == np.float32


def test_age_is_counted_from_the_users_own_newest() -> None:
    found = faded(*matrices([[(2, 1.0, 0.0)], [], [(1, 1.0, 50 * DAY), (3, 1.0, 47 * DAY)]]))
    assert found.toarray()[0, 2] == 1.0
    assert found.toarray()[2, [1, 3]].tolist() == pytest.approx([1.0, 0.5])


def test_an_unknown_time_counts_as_the_users_oldest() -> None:
    history, times = matrices([[(0, 1.0, 8 * DAY), (1, 1.0, np.nan), (2, 1.0, 0.0)], [(4, 3.0, np.nan)]])
    found = faded(history, times).toarray()
    assert found[0, :3].tolist() == pytest.approx([1.0, 1 / 3, 1 / 3])
    assert found[1, 4] == 3.0  # nothing is known, so nothing fades


def test_half_a_day_fades_too() -> None:
    found = faded(*matrices([[(0, 1.0, DAY / 2), (1, 1.0, 0.0)]]))
    assert found.data[1] == pytest.approx(1 / np.sqrt(1.5))


HISTORIES = st.lists(
    st.lists(
        st.tuples(st.just(0), st.floats(0.125, 5, width=32), st.one_of(st.floats(0, 2e9), st.just(np.nan))), max_size=9
    ),
    min_size=1,
    max_size=4,
)


@given(HISTORIES)
def test_places_stay_and_weights_never_grow(entries: list[list[tuple[int, float, float]]]) -> None:
    numbered = [[(place, *entry[1:]) for place, entry in enumerate(user)] for user in entries]
    history, times = matrices(numbered)
    before = history.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = faded(history, times)
    assert np.array_equal(found.indptr, history.indptr)
    assert np.array_equal(found.indices, history.indices)
    assert (found.data <= history.data).all()
    assert (found.data > 0).all()
    assert np.array_equal(before.data, history.data)
    for user, row in enumerate(numbered):  # each user's newest keeps its weight
        if row:
            newest = max(range(len(row)), key=lambda place: (np.nan_to_num(row[place][2], nan=-1.0), -place))
            assert found[user, newest] == history[user, newest]
