"""How alike two ranked lists are, for many people at once, whether or not both hold the same products."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["PERSISTENCE", "list_overlap", "rank_biased_overlap"]

Lists = npt.NDArray[Any]
Scores = npt.NDArray[np.float64]

PERSISTENCE = 0.9
"""Of rank-biased overlap: the first ten ranks carry 86 % of the weight."""


def list_overlap(first: Lists, second: Lists) -> Scores:
    """The share of the longer list's products that both lists hold, for each line.

    Args:
        first: [users, k], products without repetition, -1 where a list ran out.
        second: [users, k].

    Returns:
        float64 [users]; 1 for two empty lists.
    """
    shared = _agreements(first, second)[:, -1]
    longest = np.maximum((first >= 0).sum(1), (second >= 0).sum(1))
    return np.where(longest > 0, shared / np.maximum(longest, 1), 1.0)


def rank_biased_overlap(first: Lists, second: Lists, persistence: float = PERSISTENCE) -> Scores:
    """Extrapolated rank-biased overlap: 1 for equal lists, 0 for lists without a common product.

    `RBO_ext = X_k / k * p^k + (1 - p) / p * sum over d = 1..k of X_d / d * p^d`, with X_d the number of products that
    the first d ranks of both lists share (Webber, Moffat and Zobel, "A similarity measure for indefinite rankings",
    TOIS 28(4), 2010). Unlike Kendall's tau it needs no common products, and it weighs the top more.

    Args:
        first: [users, k], products without repetition, -1 where a list ran out.
        second: [users, k]; where one of a pair is shorter, both are cut to its length.
        persistence: p, between 0 and 1.

    Returns:
        float64 [users]; 1 for two empty lists, 0 if only one of the two is empty.
    """
    agreements = _agreements(first, second)
    ranks = np.arange(1, first.shape[1] + 1)
    filled, others = (first >= 0).sum(1), (second >= 0).sum(1)
    depth = np.minimum(filled, others)
    shares = agreements / ranks
    terms = shares * persistence**ranks * (ranks <= depth[:, None])
    last = np.take_along_axis(shares, np.maximum(depth, 1)[:, None] - 1, axis=1)[:, 0]
    found = last * persistence**depth + (1 - persistence) / persistence * terms.sum(1)
    return np.where(depth > 0, found, np.where(np.maximum(filled, others) > 0, 0.0, 1.0))


def _agreements(first: Lists, second: Lists) -> npt.NDArray[np.int64]:
    """int64 [users, k]: how many products the first d ranks of both lists share, d = 1..k."""
    users, k = first.shape
    same = (first[:, :, None] == second[:, None, :]) & (first[:, :, None] >= 0)
    # A product at ranks i and j is shared from depth max(i, j) on.
    line, i, j = np.nonzero(same)
    fresh = np.bincount(line * k + np.maximum(i, j), minlength=users * k).reshape(users, k)
    return np.asarray(np.cumsum(fresh, axis=1), np.int64)
