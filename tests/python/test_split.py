"""Splits: nothing is lost, nobody is left empty, the shares are right, and seeds repeat."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from seefud.errors import InputError
from seefud.split import ColdSplit, Split, split_cold, split_random, split_time, values_at

SIZES = st.lists(st.integers(0, 25), min_size=1, max_size=12)
FRACTIONS = st.sampled_from([0.0, 0.1, 0.15, 0.29, 0.5, 0.99])


def matrix(sizes: list[int], products: int = 30, seed: int = 0) -> sp.csr_matrix:
    """Users with so many products each, distinct weights."""
    rng = np.random.default_rng(seed)
    columns = [np.sort(rng.permutation(products)[:size]) for size in sizes]
    indptr = np.concatenate([[0], np.cumsum(sizes)])
    indices = np.concatenate([np.zeros(0, np.int64), *columns]).astype(np.int32)
    data = np.arange(1, len(indices) + 1, dtype=np.float32)
    return sp.csr_matrix((data, indices, indptr), shape=(len(sizes), products))


def quota(size: int, fraction: float, least: int = 4) -> int:
    exact = math.floor(round(size * fraction, 6))
    return min(max(exact, 1 if size >= least and fraction else 0), max(size - 1, 0))


def assert_parts(whole: sp.csr_matrix, split: Split | tuple[sp.csr_matrix, sp.csr_matrix]) -> None:
    train, held = (split.train, split.held) if isinstance(split, Split) else split
    assert train.shape == held.shape == whole.shape
    assert train.dtype == held.dtype == whole.dtype
    assert train.nnz + held.nnz == whole.nnz
    assert np.array_equal((train + held).toarray(), whole.toarray())
    assert train.has_sorted_indices
    assert (np.diff(train.indptr) >= np.minimum(np.diff(whole.indptr), 1)).all()


@given(SIZES, FRACTIONS, st.integers(0, 3))
def test_random_split_holds_the_quota_of_each_user(sizes: list[int], fraction: float, seed: int) -> None:
    whole = matrix(sizes)
    split = split_random(whole, fraction, seed)
    assert_parts(whole, split)
    assert np.diff(split.held.indptr).tolist() == [quota(size, fraction) for size in sizes]
    again = split_random(whole, fraction, seed)
    assert np.array_equal(again.held.indices, split.held.indices)


def test_random_split_depends_on_the_seed_and_on_the_least_number() -> None:
    whole = matrix([20] * 10)
    assert (split_random(whole, seed=1).held != split_random(whole, seed=2).held).nnz > 0
    assert split_random(matrix([3]), 0.1).held.nnz == 0
    assert split_random(matrix([3]), 0.1, min_interactions=3).held.nnz == 1


def test_random_split_is_even_over_products() -> None:
    whole = sp.csr_matrix(np.ones((4000, 10), np.float32))
    counts = np.bincount(split_random(whole, 0.2, seed=3).held.indices, minlength=10)
    assert abs(counts - 800).max() < 5 * math.sqrt(800)


def times_of(whole: sp.csr_matrix, times: list[float]) -> sp.csr_matrix:
    return sp.csr_matrix((np.array(times, dtype=np.float64), whole.indices, whole.indptr), shape=whole.shape)


@given(SIZES, FRACTIONS, st.integers(0, 3))
def test_time_split_holds_the_newest_of_each_user(sizes: list[int], fraction: float, seed: int) -> None:
    whole = matrix(sizes)
    if not whole.nnz:
        return
    times = times_of(whole, np.random.default_rng(seed).integers(0, 6, whole.nnz).tolist())
    split = split_time(whole, times, fraction, seed=seed)
    assert_parts(whole, split)
    assert np.diff(split.held.indptr).tolist() == [quota(size, fraction) for size in sizes]
    for user in range(len(sizes)):
        of = dict(zip(times[user].indices, times[user].data, strict=True))
        held = [of[column] for column in split.held[user].indices]
        kept = [of[column] for column in split.train[user].indices]
        assert not held or max(kept) <= min(held)


def test_time_split_takes_unknown_times_for_old() -> None:
    whole = matrix([4])
    split = split_time(whole, times_of(whole, [5.0, math.nan, 0.0, math.nan]), 0.5)
    assert split.held.indices.tolist() == whole.indices[[0, 2]].tolist()


def test_one_cut_for_all_leaves_everyone_something() -> None:
    whole = matrix([4, 4, 2])
    times = times_of(whole, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    split = split_time(whole, times, 0.4, cut="global")
    assert_parts(whole, split)
    assert np.diff(split.held.indptr).tolist() == [0, 2, 1]  # 7, 8 and 10; the last user keeps 9
    assert split.held.data.tolist() == [7.0, 8.0, 10.0]


def test_ties_in_time_do_not_fall_on_the_last_columns() -> None:
    whole = sp.csr_matrix(np.ones((2000, 4), np.float32))
    counts = np.bincount(split_time(whole, times_of(whole, [7.0] * 8000), 0.25).held.indices, minlength=4)
    assert abs(counts - 500).max() < 5 * math.sqrt(500)


@given(SIZES, st.sampled_from([0.0, 0.1, 0.5, 0.9]), st.integers(0, 3))
def test_cold_split_empties_columns_and_no_user(sizes: list[int], share: float, seed: int) -> None:
    whole = matrix(sizes)
    split = split_cold(whole, share, seed)
    assert_parts(whole, (split.train, split.cold))
    assert split.warm_mask.dtype == np.bool_
    assert not split.train.toarray()[:, ~split.warm_mask].any()
    assert not split.cold.toarray()[:, split.warm_mask].any()
    used = np.bincount(whole.indices, minlength=30) > 0
    assert split.warm_mask[~used].all()  # nobody touched them, so they say nothing
    assert (~split.warm_mask).sum() <= int(used.sum() * share + 1e-9)


def test_cold_split_reaches_its_share_where_it_can() -> None:
    whole = matrix([20] * 50)
    split: ColdSplit = split_cold(whole, 0.1, seed=5)
    assert (~split.warm_mask).sum() == 3
    assert not np.array_equal(split.warm_mask, split_cold(whole, 0.1, seed=6).warm_mask)
    lonely = split_cold(matrix([1] * 20), 0.5)
    assert lonely.warm_mask.all()


def test_values_at_the_places_of_a_part() -> None:
    whole = matrix([6, 0, 9])
    times = times_of(whole, np.where(np.arange(15) % 4 == 0, 0.0, np.arange(15.0)).tolist())
    split = split_random(whole, 0.3)
    part = values_at(times, split.train)
    assert np.array_equal(part.indices, split.train.indices)
    assert part.data.tolist() == [times[u, i] for u, i in zip(*split.train.nonzero(), strict=True)]
    assert part.nnz == split.train.nnz  # stored zeros stay
    assert values_at(times, sp.csr_matrix(whole.shape)).nnz == 0
    with pytest.raises(InputError, match="a place has no value; both matrices must come from the same"):
        values_at(split.held, split.train)
    with pytest.raises(InputError, match="a place has no value"):
        values_at(sp.csr_matrix(whole.shape), whole)


def test_wrong_use_is_explained() -> None:
    whole = matrix([5])
    with pytest.raises(InputError, match="fraction is 1; expected a number from 0 up to, but not including, 1"):
        split_random(whole, 1)
    with pytest.raises(InputError, match=r"share is -0.1; expected"):
        split_cold(whole, -0.1)
    with pytest.raises(InputError, match="no interaction has a timestamp; map a timestamp column or split at random"):
        split_time(whole, times_of(whole, [math.nan] * 5))
    with pytest.raises(InputError, match="the timestamps are not those of the interactions"):
        split_time(whole, matrix([4]))
