"""People of the simulation: looks, clicks, what follows, searches, browsing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from python.plain_market import plain_market
from seefud.simulation.market import make_market
from seefud.simulation.people import Act, Luck, browse, examination, respond


def test_clicks_happen_as_often_as_looking_times_attraction() -> None:
    market = plain_market([[0.9, 0.5, 0.2, 0.05, 0.7]])
    shown = [3, 0, 4, 1, 2]
    trials = 6000
    clicks = np.zeros(5)
    for number in range(trials):
        acts = respond(market, 0, shown, Luck.draw(5, number, 0, 20, 5))
        clicks[[act.rank - 1 for act in acts if act.type == "click" and act.rank]] += 1
    wanted = np.array([1, 2, 3, 4, 5]) ** -0.7 * np.array([0.05, 0.9, 0.7, 0.5, 0.2])
    error = np.sqrt(wanted * (1 - wanted) / trials)
    assert (np.abs(clicks / trials - wanted) < 4 * error).all(), (clicks / trials, wanted)


def test_looking_falls_from_one_with_the_rank() -> None:
    assert np.allclose(examination(3), [1.0, 2**-0.7, 3**-0.7])


def test_a_list_is_answered_by_its_impressions_in_order_and_then_by_what_followed() -> None:
    market = plain_market([[1.0, 0.0, 1.0]])
    acts = respond(market, 0, [2, 1, 0], Luck.draw(0, 1, 0, 20, 3))
    assert acts[:3] == [Act("impression", 2, 1), Act("impression", 1, 2), Act("impression", 0, 3)]
    assert acts[3] == Act("click", 2, 1)  # rank 1 is always looked at
    assert all(act.dish != 1 for act in acts[3:] if act.type == "click")


def test_the_same_dish_at_the_same_rank_gets_the_same_answer_in_any_list() -> None:
    market = make_market(0, 5, 90)

    def about(acts: Sequence[Act], dish: int) -> list[Act]:
        return [act for act in acts if act.dish == dish]

    for number in range(40):
        luck = [Luck.draw(1, number, 2, 20, 90) for _ in range(2)]
        assert about(respond(market, 2, [4, 7, 9], luck[0]), 7) == about(respond(market, 2, [30, 7], luck[1]), 7)


def test_what_follows_a_click_has_the_rates_that_the_page_names() -> None:
    market = plain_market([[1.0, 0.5]])
    acts = [act for number in range(4000) for act in respond(market, 0, [0, 1], Luck.draw(9, number, 0, 20, 2))]
    loved = {kind: sum(act.type == kind and act.dish == 0 for act in acts) for kind in ("click", "purchase", "rating")}
    assert loved["click"] == 4000
    assert abs(loved["purchase"] / 4000 - 0.5) < 0.04
    assert abs(loved["rating"] / loved["purchase"] - 0.5) < 0.05
    stars = [[act.value or 0 for act in acts if act.type == "rating" and act.dish == dish] for dish in (0, 1)]
    assert set(stars[0]) | set(stars[1]) <= {1, 2, 3, 4, 5}
    assert np.mean(stars[0]) > 4.2
    assert abs(np.mean(stars[1]) - 3) < 0.2


def test_only_what_bores_is_dismissed_and_nothing_is_both_clicked_and_dismissed() -> None:
    market = plain_market([[0.01, 0.3]])
    gone = []
    for number in range(4000):
        acts = respond(market, 0, [0, 1], Luck.draw(2, number, 0, 20, 2))
        gone += [act.dish for act in acts if act.type == "dismiss"]
        assert not {act.dish for act in acts if act.type == "dismiss"} & {
            act.dish for act in acts if act.type == "click"
        }
    assert set(gone) == {0}
    assert abs(len(gone) / 4000 - 0.05 * 0.99) < 0.015


def test_searches_name_words_of_a_dish_that_is_liked_and_not_reserved() -> None:
    market = plain_market([[0.9, 0.9, 0.1]], [[1, 0, 0]])
    texts = [
        act.text
        for number in range(1000)
        for act in respond(market, 0, [2], Luck.draw(3, number, 0, 20, 3))
        if act.type == "search"
    ]
    assert abs(len(texts) / 1000 - 0.25) < 0.06
    assert {word for text in texts if text for word in text.split()} == {"dish", "1"}


def test_browsing_never_meets_what_is_reserved_and_meets_the_front_of_the_shelf_more_often() -> None:
    market = make_market(0, 300, 120)
    met = np.zeros(120)
    for person in range(300):
        for act in browse(market, person, Luck.draw(0, 0, person, 20, 120)):
            assert act.dish is not None
            assert act.rank is None
            assert not market.reserved[person, act.dish]
            met[act.dish] += act.type == "click"
    share = met / ((~market.reserved) * market.attraction).sum(axis=0)
    front = market.shelf > np.median(market.shelf)
    assert share[front].mean() > 1.2 * share[~front].mean()
