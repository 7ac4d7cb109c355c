"""Splits of a users x products matrix: at random per user, by time, and by cold product.

Every split keeps the shape, so a row or a column means the same before and after it, and leaves every
user that had an interaction at least one to train on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from seefud.errors import InputError

__all__ = ["ColdSplit", "Split", "columns_only", "split_cold", "split_random", "split_time", "values_at"]


@dataclass(frozen=True)
class Split:
    """Two matrices [U, N] whose stored places are disjoint and together those of the whole.

    Attributes:
        train: what may be learnt from.
        held: what is to be predicted.
    """

    train: sp.csr_matrix
    held: sp.csr_matrix


@dataclass(frozen=True)
class ColdSplit:
    """Products taken out of training altogether.

    Attributes:
        warm_mask: bool [N], False for a cold product.
        train: csr [U, N], the cold columns empty.
        cold: csr [U, N], only the cold columns.
    """

    warm_mask: NDArray[np.bool_]
    train: sp.csr_matrix
    cold: sp.csr_matrix


def split_random(
    interactions: sp.csr_matrix, fraction: float = 0.15, seed: int = 0, min_interactions: int = 4
) -> Split:
    """Hold a random share of every user's products.

    A user with n products gives up floor(n * fraction) of them, or one if that is none and n is at least
    `min_interactions`; at most n - 1.

    Args:
        interactions: csr [U, N].
        fraction: share to hold, in [0, 1).
        seed: the same seed and matrix give the same split.
        min_interactions: from so many products on, a user gives up at least one.

    Raises:
        InputError: if `fraction` is outside [0, 1).
    """
    matrix = _canonical(interactions)
    rows = _row_of(matrix)
    order = np.lexsort((np.random.default_rng(seed).random(matrix.nnz), rows))
    return _hold(matrix, _first_of_each_row(matrix, order, _quota(matrix, fraction, min_interactions)))


def split_time(
    interactions: sp.csr_matrix,
    timestamps: sp.csr_matrix,
    fraction: float = 0.15,
    *,
    cut: Literal["user", "global"] = "user",
    seed: int = 0,
    min_interactions: int = 4,
) -> Split:
    """Hold the newest interactions.

    Args:
        interactions: csr [U, N].
        timestamps: csr [U, N], same stored places; seconds. NaN counts as older than everything.
        fraction: share to hold, in [0, 1).
        cut: `user` holds each user's newest, as many as `split_random` would; `global` holds everything
            newer than one instant, chosen so that about `fraction` of all interactions are, except that a
            user whose interactions are all newer keeps the oldest.
        seed: breaks ties between equal times. (By column they would fall on the less popular product.)
        min_interactions: as in `split_random`; only for `cut="user"`.

    Raises:
        InputError: if `fraction` is outside [0, 1), the places differ, or no timestamp is known.
    """
    matrix, times = _canonical(interactions), _canonical(timestamps)
    if (
        matrix.shape != times.shape
        or not np.array_equal(matrix.indptr, times.indptr)
        or not np.array_equal(matrix.indices, times.indices)
    ):
        raise InputError("split by time: the timestamps are not those of the interactions; give one per interaction")
    newness = np.where(np.isnan(times.data), -np.inf, times.data)
    if not np.isfinite(newness).any():
        raise InputError("split by time: no interaction has a timestamp; map a timestamp column or split at random")
    rows = _row_of(matrix)
    order = np.lexsort((np.random.default_rng(seed).random(matrix.nnz), -newness, rows))
    sizes = np.diff(matrix.indptr)
    quota = _quota(matrix, fraction, min_interactions)
    if cut == "global":
        wanted = int(matrix.nnz * fraction + 1e-9)
        limit = np.sort(newness)[matrix.nnz - wanted - 1]
        newer = np.bincount(rows[newness > limit], minlength=matrix.shape[0])
        quota = np.minimum(newer, np.maximum(sizes - 1, 0))
    return _hold(matrix, _first_of_each_row(matrix, order, quota))


def split_cold(interactions: sp.csr_matrix, share: float = 0.1, seed: int = 0) -> ColdSplit:
    """Take a random share of the products out of training.

    Products are drawn at random among those with interactions. One that is all that is left of some user
    is passed over, so that every user keeps something; where most users have a single product, fewer than
    `share` are therefore cold.

    Args:
        interactions: csr [U, N].
        share: of the products that have interactions, in [0, 1).
        seed: the same seed and matrix give the same split.

    Raises:
        InputError: if `share` is outside [0, 1).
    """
    matrix = _canonical(interactions)
    _check_share("share", share)
    columns = matrix.tocsc()
    candidates = np.flatnonzero(np.diff(columns.indptr))
    wanted = int(len(candidates) * share + 1e-9)
    left = np.diff(matrix.indptr).astype(np.int64)
    warm = np.ones(matrix.shape[1], dtype=bool)
    for column in np.random.default_rng(seed).permutation(candidates):
        if wanted == 0:
            break
        users = columns.indices[columns.indptr[column] : columns.indptr[column + 1]]
        if (left[users] > 1).all():
            left[users] -= 1
            warm[column] = False
            wanted -= 1
    split = _hold(matrix, ~warm[matrix.indices])
    return ColdSplit(warm, split.train, split.held)


def values_at(values: sp.csr_matrix, places: sp.csr_matrix) -> sp.csr_matrix:
    """What `values` stores at the stored places of `places`: csr of the same shape and places.

    Of use for the timestamps of the training half of a split.

    Raises:
        InputError: if `values` stores nothing at one of the places.
    """
    source, target = _canonical(values), _canonical(places)
    width = np.int64(max(source.shape[1], 1))
    have = _row_of(source) * width + source.indices
    want = _row_of(target) * width + target.indices
    found = np.searchsorted(have, want)
    if source.shape != target.shape or not np.array_equal(
        have[np.minimum(found, len(have) - 1)] if len(have) else have, want
    ):
        raise InputError("values_at: a place has no value; both matrices must come from the same interactions")
    return sp.csr_matrix((source.data[found], target.indices.copy(), target.indptr.copy()), shape=target.shape)


def _canonical(matrix: sp.csr_matrix) -> sp.csr_matrix:
    if matrix.has_sorted_indices:
        return matrix
    return matrix.sorted_indices()


def _row_of(matrix: sp.csr_matrix) -> NDArray[np.int64]:
    return np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))


def _check_share(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise InputError(f"{name} is {value}; expected a number from 0 up to, but not including, 1")


def _quota(matrix: sp.csr_matrix, fraction: float, min_interactions: int) -> NDArray[np.int64]:
    """How many products each user gives up, int64 [U]."""
    _check_share("fraction", fraction)
    sizes = np.diff(matrix.indptr).astype(np.int64)
    # the small addend keeps 100 * 0.29 at 29 although the product is 28.999999999999996
    share = np.floor(sizes * fraction + 1e-9).astype(np.int64)
    least = (sizes >= min_interactions).astype(np.int64) if fraction > 0 else 0
    return np.minimum(np.maximum(share, least), np.maximum(sizes - 1, 0))


def _first_of_each_row(matrix: sp.csr_matrix, order: NDArray[np.int64], quota: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mask of stored places, bool [nnz]: the first `quota` of each row in an order that is sorted by row."""
    rank = np.arange(matrix.nnz) - np.repeat(matrix.indptr[:-1].astype(np.int64), np.diff(matrix.indptr))
    held = np.zeros(matrix.nnz, dtype=bool)
    held[order] = rank < np.repeat(quota, np.diff(matrix.indptr))
    return held


def columns_only(matrix: sp.csr_matrix, columns: NDArray[np.bool_]) -> sp.csr_matrix:
    """The matrix with all other columns emptied.

    Args:
        matrix: csr [U, N].
        columns: bool [N], those that stay.
    """
    return _only(matrix, columns[matrix.indices])


def _hold(matrix: sp.csr_matrix, held: NDArray[np.bool_]) -> Split:
    return Split(_only(matrix, ~held), _only(matrix, held))


def _only(matrix: sp.csr_matrix, mask: NDArray[np.bool_]) -> sp.csr_matrix:
    """The places where `mask` is True, values as stored (a stored zero or NaN stays)."""
    before = np.concatenate([[0], np.cumsum(mask)])
    indptr = before[matrix.indptr].astype(matrix.indptr.dtype)
    return sp.csr_matrix((matrix.data[mask], matrix.indices[mask], indptr), shape=matrix.shape)
