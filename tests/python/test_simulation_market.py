"""The made market: its sizes, shares and words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seefud.catalogue import read_catalogue
from seefud.errors import InputError
from seefud.simulation.market import LIKED, make_market


def test_a_market_is_made_of_its_seed() -> None:
    one, again, other = make_market(3, 20, 90), make_market(3, 20, 90), make_market(4, 20, 90)
    assert one.dishes == again.dishes
    assert np.array_equal(one.attraction, again.attraction)
    assert np.array_equal(one.reserved, again.reserved)
    assert np.array_equal(one.shelf, again.shelf)
    assert one.dishes != other.dishes


def test_sizes_and_shares_of_a_market_are_those_that_its_page_names() -> None:
    market = make_market(0, 50, 300)
    assert market.people == 50
    assert len(set(market.titles)) == 300
    assert (market.reserved.sum(axis=1) == 100).all()
    assert np.isclose((market.attraction >= LIKED).mean(), 0.15, atol=1 / 15_000)
    assert np.array_equal(market.truth, market.reserved & (market.attraction >= 0.5))
    assert np.isclose(market.shelf.sum(), 1.0)
    assert (market.shelf > 0).all()


def test_words_of_a_dish_tell_a_part_of_its_taste() -> None:
    market = make_market(1, 400, 400)
    taste = np.corrcoef(np.log(market.attraction / (1 - market.attraction)).T)
    words = [set(dish.words) for dish in market.dishes]
    shared = np.array([[len(one & other) for other in words] for one in words])
    np.fill_diagonal(shared, 3)
    means = [float(taste[shared == count].mean()) for count in (0, 1, 2)]
    assert means[0] < means[1] < means[2] < 0.6  # two words of three: .4 * 2/3 of the taste, and luck
    assert means[2] > 0.15


def test_the_catalogue_is_read_as_it_was_made(tmp_path: Path) -> None:
    market = make_market(2, 10, 90)
    market.write(tmp_path / "products.csv")
    catalogue = read_catalogue(tmp_path / "products.csv")
    assert catalogue.titles == market.titles
    assert catalogue.ingredients == tuple(dish.ingredients for dish in market.dishes)


def test_a_market_that_cannot_be_made_is_refused() -> None:
    with pytest.raises(InputError, match=r"--users 1: expected at least 2; a model learns from what people have in"):
        make_market(0, 1, 90)
    with pytest.raises(InputError, match=r"5000 dishes: expected 90 to 1152; choose"):
        make_market(0, 10, 5000)
    with pytest.raises(InputError, match=r"89 dishes: expected 90 to 1152"):
        make_market(0, 10, 89)
