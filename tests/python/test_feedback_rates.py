"""Rates and their intervals: known numbers, a naive count, and how often intervals cover a truth that was made."""

from __future__ import annotations

import json

import numpy as np
import pytest

from python.feedback_market import FeedbackMarket, logged
from seefud.feedback.proportions import clustered_proportion, wilson_interval
from seefud.feedback.rates import rates_of_lists, rates_of_models

Z = 1.959963984540054


def test_wilson_intervals_of_the_textbook() -> None:
    """Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    for count, trials, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson_interval(count / trials, trials, Z) == pytest.approx((low, high), abs=5e-5)


def test_people_of_one_trial_each_give_wilson_for_many() -> None:
    counts = np.zeros(5000)
    counts[:700] = 1
    found = clustered_proportion(counts, np.ones(5000))
    assert found.design_effect == pytest.approx(1, abs=1e-3)
    assert (found.low, found.high) == pytest.approx(wilson_interval(0.14, 5000, Z), abs=1e-4)


def test_people_who_always_do_the_same_count_once() -> None:
    """Ten equal trials of each person tell as much as one."""
    counts = np.where(np.arange(400) < 100, 10.0, 0.0)
    found = clustered_proportion(counts, np.full(400, 10.0))
    assert found.design_effect == pytest.approx(10, rel=0.01)
    alone = clustered_proportion(counts / 10, np.ones(400))
    assert (found.low, found.high) == pytest.approx((alone.low, alone.high), abs=1e-4)


def test_few_trials() -> None:
    nothing = clustered_proportion(np.zeros(3), np.zeros(3))
    assert (nothing.total, nothing.value, nothing.low) == (0, None, None)
    alone = clustered_proportion(np.array([3.0, 0.0]), np.array([9.0, 0.0]))
    assert (alone.people, alone.value, alone.low, alone.high) == (1, pytest.approx(1 / 3), None, None)
    never = clustered_proportion(np.zeros(30), np.full(30, 4.0), design_effect=2.0)
    assert never.low == 0
    assert never.high is not None
    assert never.high > wilson_interval(0, 60, Z)[1]


def coverage(clustered: bool) -> float:
    """How often the interval of a share of 0.1 covers it; people differ, and have 1 to 30 trials."""
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(1000):
        taste = rng.beta(0.5, 4.5, 60)
        totals = rng.integers(1, 31, 60).astype(np.float64)
        counts = rng.binomial(totals.astype(np.int64), taste).astype(np.float64)
        found = clustered_proportion(counts, totals)
        low, high = found.low, found.high
        if not clustered:
            low, high = wilson_interval(counts.sum() / totals.sum(), totals.sum(), Z)
        assert low is not None
        assert high is not None
        covered += low <= 0.1 <= high
    return covered / 1000


def test_intervals_cover_the_truth_at_their_rate() -> None:
    """95 %, give or take three standard errors of 1,000 logs and a little; an interval over impressions does not."""
    assert 0.92 <= coverage(clustered=True) <= 0.98
    assert coverage(clustered=False) < 0.8


def test_rates_are_what_a_naive_count_says() -> None:
    market = FeedbackMarket.make(3, people=30, length=6)
    lists = logged(market, {"00000000000a": market.model(1, 1), "00000000000b": market.model(2, 3)}, 5)
    for place, rates in enumerate(rates_of_models(lists)):
        of_model = [at for at, of in enumerate(lists.list_of) if lists.list_model[of] == place]
        assert rates.model == lists.models[place]
        assert rates.click_through.total == len(of_model)
        assert rates.click_through.count == sum(bool(lists.clicked[at]) for at in of_model)
        assert rates.conversion.count == sum(bool(lists.converted[at]) for at in of_model)
        numbers = {int(lists.list_of[at]) for at in of_model}
        hits = {int(lists.list_of[at]) for at in of_model if lists.clicked[at]}
        assert (rates.hit_rate.count, rates.hit_rate.total, rates.hit_rate.people) == (len(hits), len(numbers), 30)
        converted = {int(lists.list_of[at]) for at in of_model if lists.converted[at]}
        assert rates.conversion_hit_rate.count == len(converted)
        assert [each.rank for each in rates.ranks] == [1, 2, 3, 4, 5, 6]
        for each in rates.ranks:
            here = [at for at in of_model if lists.rank[at] == each.rank]
            assert each.click_through.total == len(here)
            assert each.click_through.count == sum(bool(lists.clicked[at]) for at in here)
            assert each.click_through.low is not None
            assert each.click_through.value is not None
            assert each.click_through.low < each.click_through.value
    overall = rates_of_lists(lists, np.ones(lists.lists, np.bool_))
    assert overall.model is None
    assert overall.click_through.count == int(lists.clicked.sum())
    assert json.loads(json.dumps(overall.to_json(), allow_nan=False))["lists"] == lists.lists
