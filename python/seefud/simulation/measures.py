"""What is measured each round: how well hidden tastes are found, and how evenly dishes are shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seefud.metrics import Relevant, catalogue_coverage, hit_matrix, per_user_metrics
from seefud.simulation.market import Market
from seefud.simulation.people import examination

__all__ = ["best_click_through", "coverage", "gini", "taste_found"]


def taste_found(market: Market, lists: Sequence[Sequence[int]], k: int) -> tuple[float, float]:
    """Recall@k and NDCG@k against the hidden tastes, means over the people who like a reserved dish.

    Args:
        market: with the truth.
        lists: each person's reserved dishes, best first, at least k of them.
        k: the cut.

    Returns:
        recall and NDCG, defined in `seefud.metrics`.
    """
    truth = market.truth
    people, dishes = np.nonzero(truth)
    users, counts = np.unique(people, return_counts=True)
    keys = people.astype(np.int64) * truth.shape[1] + dishes
    relevant = Relevant(users.astype(np.int64), counts.astype(np.int64), keys, truth.shape[1])
    top = _table(lists, k)[users]
    found = per_user_metrics(top, hit_matrix(top, relevant), relevant.counts, np.zeros(truth.shape[1], np.bool_), (k,))
    return float(found[f"recall@{k}"].mean()), float(found[f"ndcg@{k}"].mean())


def best_click_through(market: Market, open_to: NDArray[np.bool_], k: int) -> float:
    """The click-through that lists made by the truth itself could expect.

    Args:
        market: with the truth.
        open_to: bool [people, N]: what each person may still be shown.
        k: length of the lists.
    """
    best = -np.sort(-np.where(open_to, market.attraction, 0.0), axis=1)[:, :k]
    return float((best @ examination(best.shape[1])).mean() / k)


def gini(counts: NDArray[np.int64]) -> float:
    """The Gini coefficient of exposure: 0 where every dish is shown equally often, near 1 where one takes all.

    ``sum_i (2 i - n - 1) c_i / (n sum c)`` over rising counts, i from 1 (Gini 1912, in the form that recommender
    studies use, as Jannach et al., UMUAI 25, 2015).

    Args:
        counts: [n], not negative; dishes that were never shown included.

    Returns:
        0 to 1 - 1 / n; 0 where nothing was shown at all.
    """
    rising = np.sort(counts.astype(np.float64))
    total = rising.sum()
    if not total:
        return 0.0
    ranks = np.arange(1, len(rising) + 1)
    return float(((2 * ranks - len(rising) - 1) * rising).sum() / (len(rising) * total))


def coverage(lists: Sequence[Sequence[int]], dishes: int, k: int) -> float:
    """The share of all dishes that is in the first k of at least one list."""
    return catalogue_coverage(_table(lists, k), dishes, k)


def _table(lists: Sequence[Sequence[int]], k: int) -> NDArray[np.int32]:
    """int32 [people, k], -1 where a list ran out."""
    table = np.full((len(lists), k), -1, np.int32)
    for person, dishes in enumerate(lists):
        table[person, : len(dishes)] = list(dishes)[:k]
    return table
