"""What a simulation measures, against known answers and naive counts."""

from __future__ import annotations

import numpy as np
import pytest

from python.plain_market import plain_market
from seefud.simulation.market import make_market
from seefud.simulation.measures import best_click_through, coverage, gini, taste_found


def test_gini_of_known_exposures() -> None:
    assert gini(np.full(10, 7)) == 0.0
    assert np.isclose(gini(np.array([0, 0, 0, 12])), 0.75)
    assert gini(np.zeros(4, np.int64)) == 0.0
    counts = np.random.default_rng(0).integers(0, 50, 31)
    naive = sum(abs(int(a) - int(b)) for a in counts for b in counts) / (2 * len(counts) * int(counts.sum()))
    assert np.isclose(gini(counts), naive)


def test_coverage_counts_each_dish_once_and_only_within_the_cut() -> None:
    assert coverage([[0, 1, 2], [1, 0, 3]], 8, 2) == 2 / 8
    assert coverage([[0, 1, 2], [1, 0, 3], []], 8, 3) == 4 / 8


def test_taste_found_agrees_with_a_naive_count() -> None:
    market = make_market(0, 12, 90)
    rng = np.random.default_rng(1)
    lists = [rng.permutation(np.flatnonzero(market.reserved[person])).tolist() for person in range(12)]
    recalls, gains = [], []
    for person, ranked in enumerate(lists):
        wanted = {
            int(dish) for dish in np.flatnonzero(market.reserved[person]) if market.attraction[person, dish] >= 0.5
        }
        if not wanted:
            continue
        hits = [dish in wanted for dish in ranked[:20]]
        recalls.append(sum(hits) / len(wanted))
        ideal = sum(1 / np.log2(rank + 2) for rank in range(min(20, len(wanted))))
        gains.append(sum(hit / np.log2(rank + 2) for rank, hit in enumerate(hits)) / ideal)
    assert 0 < len(recalls) <= 12
    assert np.allclose(taste_found(market, lists, 20), (np.mean(recalls), np.mean(gains)))


def test_the_truth_itself_finds_every_taste() -> None:
    market = make_market(0, 12, 90)
    best = [
        [int(dish) for dish in np.argsort(-market.attraction[person]) if market.reserved[person, dish]]
        for person in range(12)
    ]
    assert taste_found(market, best, 20)[1] == pytest.approx(1.0)


def test_the_best_click_through_is_that_of_the_sorted_truth() -> None:
    market = plain_market([[0.2, 0.9, 0.6], [0.5, 0.1, 0.3]])
    open_to = np.array([[True, True, True], [False, True, True]])
    wanted = ((0.9 + 0.6 * 2**-0.7) + (0.3 + 0.1 * 2**-0.7)) / 2 / 2
    assert best_click_through(market, open_to, 2) == pytest.approx(wanted)
