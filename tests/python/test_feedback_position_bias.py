"""Examination by rank: against a direct maximisation, the truth of made logs, and logs that cannot tell."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import optimize

from python.feedback_market import FeedbackMarket, logged
from seefud.arrays import Array
from seefud.feedback.logged_lists import LoggedLists
from seefud.feedback.position_bias import fit_examination, position_bias
from seefud.feedback.position_evidence import FEWEST_CLICKS, evidence_of

OLD, OTHER = "00000000000a", "00000000000b"


def restless_log(seed: int, *, people: int = 200, length: int = 10, rounds: int = 6) -> LoggedLists:
    """One model whose lists of a person differ a little."""
    market = FeedbackMarket.make(seed, people=people, length=length)
    return logged(market, {OLD: market.model(seed + 100, 1.0)}, seed + 200, rounds=rounds, restless=0.5)


def directly(lists: LoggedLists, groups: Array, size: int) -> Array:
    """Poisson maximum likelihood with a free liking for every pair of person and product, by a general optimizer."""
    pair = lists.user * len(lists.products) + lists.product
    _, unit = np.unique(pair, return_inverse=True)
    units = int(unit.max()) + 1
    clicked = lists.clicked.astype(np.float64)

    def loss(free: Array) -> float:
        looks = np.exp(np.append(0.0, free))[groups]
        # The liking that is best for given looks: clicks of the unit over its looks.
        liking = np.bincount(unit, clicked, units) / np.bincount(unit, looks, units)
        rate = looks * liking[unit]
        return float(rate.sum() - (clicked[rate > 0] * np.log(rate[rate > 0])).sum())

    found = optimize.minimize(loss, np.zeros(size - 1), method="BFGS", options={"gtol": 1e-7})
    return np.exp(np.append(0.0, found.x))


def test_the_fit_is_the_maximum_that_another_program_finds() -> None:
    lists = restless_log(1, people=60, length=5)
    bias = position_bias(lists)
    assert bias.unit == "person and product"
    assert bias.first.size >= 4
    expected = directly(lists, bias.group(lists.rank), bias.first.size)
    assert bias.examination == pytest.approx(expected, rel=1e-3)


def test_units_that_say_nothing_change_nothing() -> None:
    """A list of its own products at fixed ranks adds clicks, but none that could be compared."""
    lists = restless_log(1, people=60, length=5)
    more = replace(
        lists,
        users=(*lists.users, "new"),
        products=(*lists.products, *(f"fixed {rank}" for rank in range(5))),
        list_user=np.append(lists.list_user, 60),
        list_model=np.append(lists.list_model, 0),
        list_time=np.append(lists.list_time, 0.0),
        list_of=np.append(lists.list_of, np.full(5, lists.lists)),
        product=np.append(lists.product, len(lists.products) + np.arange(5)),
        rank=np.append(lists.rank, np.arange(1, 6)),
        score=np.append(lists.score, np.zeros(5)),
        clicked=np.append(lists.clicked, np.ones(5, np.bool_)),
        converted=np.append(lists.converted, np.zeros(5, np.bool_)),
    )
    assert position_bias(more).examination == pytest.approx(position_bias(lists).examination, rel=1e-9)


@pytest.mark.slow
def test_examination_is_recovered_and_intervals_cover_it() -> None:
    """16 logs of 10 ranks: the mean is right within 15 %, and about 95 % of the intervals hold the truth."""
    covered, found = [], []
    for seed in range(16):
        bias = position_bias(restless_log(seed, people=150))
        truth = 1.0 / bias.first
        covered += ((bias.low <= truth) & (truth <= bias.high))[1:].tolist()
        single = [bias.of_rank(rank) for rank in (2, 3, 5)]
        found.append([each[0] for each in single if each is not None])
    assert 0.88 <= np.mean(covered) <= 0.99
    assert np.exp(np.log(found).mean(0)) == pytest.approx([1 / 2, 1 / 3, 1 / 5], rel=0.15)


def test_products_of_different_people_mix_taste_with_position() -> None:
    """Each person sees one list only, without scores: products are all there is, and the fall looks too steep."""
    market = FeedbackMarket.make(2, people=3000, products=30)
    lists = logged(market, {OLD: market.model(1, 0.3)}, 3, rounds=1)
    bias = position_bias(replace(lists, score=np.full(lists.rank.size, np.nan)))
    assert bias.unit == "product"
    found = bias.of_rank(5)
    assert found is not None
    assert found[2] < 1 / 5


@pytest.mark.slow
@pytest.mark.parametrize("once", [False, True])
def test_what_was_clicked_may_vanish(once: bool) -> None:
    """Then only first showings of like scores are compared, which is right; the same persons' products would not be."""
    found, naive = [], []
    for seed in range(6):
        market = FeedbackMarket.make(seed, people=400, products=40)
        lists = logged(market, {OLD: market.model(1, 1.0)}, seed, rounds=6, restless=0.5, once=once)
        bias = position_bias(lists)
        assert bias.unit == ("score" if once else "person and product")
        found.append([(bias.of_rank(rank) or (np.nan,))[0] for rank in (2, 3, 5)])
        if once:
            pair = lists.user * len(lists.products) + lists.product
            evidence = evidence_of(lists, pair, np.arange(pair.size), "person and product")
            assert not isinstance(evidence, str)
            naive.append(fit_examination(evidence, len(lists.users)).examination[4])
    assert np.exp(np.log(found).mean(0)) == pytest.approx([1 / 2, 1 / 3, 1 / 5], rel=0.15)
    if once:
        assert np.mean(naive) < 0.1


def test_ranks_with_few_clicks_share_a_figure() -> None:
    bias = position_bias(restless_log(4, people=40))
    assert bias.first[0] == 1
    assert 2 <= bias.first.size < 10
    assert bias.of_rank(10) == bias.of_rank(int(bias.first[-1]))
    assert bias.group(np.array([1, 2, 10, 99])).tolist()[0] == 0
    assert bias.group(np.array([99]))[0] == bias.first.size - 1
    groups = json.loads(json.dumps(bias.to_json(), allow_nan=False))["groups"]
    assert groups[0]["first_rank"] == 1
    assert groups[-1]["last_rank"] is None
    assert all(low["last_rank"] + 1 == high["first_rank"] for low, high in pairwise(groups))


def test_ranks_that_nothing_links_to_the_first_are_unknown() -> None:
    """Products of ranks 1 and 2 never come to ranks 3 and 4."""
    rng = np.random.default_rng(0)
    count = 800
    swapped = rng.random((count, 2)) < 0.5
    top = np.where(swapped[:, :1], [[1, 0]], [[0, 1]])
    low = np.where(swapped[:, 1:], [[3, 2]], [[2, 3]])
    lists = LoggedLists(
        users=tuple(map(str, range(count // 8))),
        models=(OLD,),
        products=("a", "b", "c", "d"),
        list_user=np.repeat(np.arange(count // 8), 8),
        list_model=np.zeros(count, np.int64),
        list_time=np.arange(count, dtype=np.float64),
        list_of=np.repeat(np.arange(count), 4),
        product=np.concatenate([top, low], 1).ravel(),
        rank=np.tile(np.arange(1, 5), count),
        score=np.zeros(4 * count),
        clicked=(rng.random((count, 4)) < [0.5, 0.25, 0.5, 0.25]).ravel(),
        converted=np.zeros(4 * count, np.bool_),
    )
    bias = position_bias(lists)
    assert bias.first.tolist() == [1, 2, 3, 4]
    assert bias.examination[1] == pytest.approx(0.5, rel=0.3)
    assert np.isnan(bias.examination[2:]).all()
    assert bias.of_rank(3) is None
    assert bias.to_json()["groups"][2]["examination"] is None


def test_a_log_that_cannot_tell_says_why() -> None:
    market = FeedbackMarket.make(2, people=100, length=4)
    fixed = market.model(1, 0.0) * 0 - np.arange(60)  # everybody gets the same products at the same ranks
    lists = logged(market, {OLD: fixed}, 3)
    bias = position_bias(lists)
    assert bias.unit is None
    assert bias.reason == (
        "no clicked product was shown at different ranks; show some products at other ranks now and then"
    )
    assert bias.of_rank(1) is None
    assert bias.to_json() == {"unit": None, "reason": bias.reason, "clicks": 0, "groups": []}
    assert position_bias(replace(lists, clicked=np.zeros_like(lists.clicked))).reason == "no shown product was clicked"
    few = restless_log(5, people=4, rounds=2)
    assert position_bias(few).reason == (
        f"too few clicks on products that were shown at different ranks: {few_clicks(few)}, at least {FEWEST_CLICKS} "
        "are needed at each of two ranks; collect more"
    )


def few_clicks(lists: LoggedLists) -> int:
    """Clicks on products whose ranks differ, of each person's first look at them, counted one by one."""
    firsts: dict[tuple[int, int], tuple[float, int, bool]] = {}
    for at, of in enumerate(lists.list_of.tolist()):
        pair = int(lists.list_user[of]), int(lists.product[at])
        look = float(lists.list_time[of]), int(lists.rank[at]), bool(lists.clicked[at])
        firsts[pair] = min(firsts.get(pair, look), look)
    ranks: dict[int, set[int]] = {}
    for (_, product), (_, rank, _) in firsts.items():
        ranks.setdefault(product, set()).add(rank)
    return sum(clicked and len(ranks[product]) > 1 for (_, product), (_, _, clicked) in firsts.items())
