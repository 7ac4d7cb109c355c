"""Places of new products in one list: the rule against lists that are merged one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from seefud.mixing import SORTED, MixedScorer, Mixing
from seefud.model import unit_rows
from seefud.ranking import HistoryScorer, ranked_lists
from seefud_converter.new_products import NewProducts

Array = npt.NDArray[Any]
PRODUCTS, NEW, USERS = 60, 15, 12


def table(seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    rows = unit_rows(rng.normal(size=(PRODUCTS, 6)).astype(np.float32))
    return rows, (0.1 * rng.normal(size=PRODUCTS)).astype(np.float32)


def histories(seed: int = 1) -> sp.csr_matrix:
    dense = np.random.default_rng(seed).random((USERS, PRODUCTS)) < 0.1
    dense[:, :NEW] = False
    dense[:, NEW] = True
    dense[USERS - 1] = False  # nobody
    return sp.csr_matrix(dense.astype(np.float32))


def new_products() -> npt.NDArray[np.bool_]:
    return np.arange(PRODUCTS) < NEW


@pytest.mark.parametrize("mixing", [SORTED, Mixing(0.2, 0.05), Mixing(-0.1, 0.3), Mixing(0.4, 0.0)])
def test_a_mixed_list_is_the_merged_one(mixing: Mixing) -> None:
    """The scorer of evaluations and the rule that recommenders follow give the same lists."""
    (rows, prior), users, new = table(), histories(), new_products()
    everyone = np.arange(USERS)
    plain = HistoryScorer(rows, users, prior)
    scores = plain(everyone)
    found = ranked_lists(MixedScorer(rows, users, prior, new, mixing, 20), users, everyone, 20)
    rule = NewProducts(lift=mixing.lift, crowding=mixing.crowding)
    known_lists, new_lists = (ranked_lists(plain, users, everyone, 20, candidates=part) for part in (~new, new))
    for user in everyone:
        known, unseen = (lists[user][lists[user] >= 0] for lists in (known_lists, new_lists))
        lifted = user != USERS - 1
        order = rule.mixed(scores[user, known].tolist(), scores[user, unseen].tolist(), 20, lifted=lifted)
        assert found[user].tolist() == [known[place] if place >= 0 else unseen[-1 - place] for place in order]


def test_the_order_of_new_products_among_themselves_stays() -> None:
    (rows, prior), users, new = table(), histories(), new_products()
    everyone = np.arange(USERS)
    plain, mixed = (
        ranked_lists(scorer, users, everyone, 10, candidates=new)
        for scorer in (HistoryScorer(rows, users, prior), MixedScorer(rows, users, prior, new, Mixing(0.1, 0.2), 10))
    )
    assert np.array_equal(plain, mixed)


def test_without_new_products_nothing_changes() -> None:
    (rows, prior), users = table(), histories()
    nothing = np.zeros(PRODUCTS, bool)
    found = MixedScorer(rows, users, prior, nothing, Mixing(0.5, 0.1))(np.arange(USERS))
    assert np.array_equal(found, HistoryScorer(rows, users, prior)(np.arange(USERS)))


scores = st.lists(st.floats(-2, 2, width=32), max_size=12).map(lambda values: sorted(values, reverse=True))


@given(scores, scores, st.integers(0, 30), st.floats(-1, 1), st.floats(0, 0.5))
def test_merging_keeps_both_orders_and_takes_the_higher_place(
    known: list[float], new: list[float], k: int, lift: float, crowding: float
) -> None:
    order = NewProducts(lift=lift, crowding=crowding).mixed(known, new, k)
    assert len(order) == min(k, len(known) + len(new))
    of_known, of_new = [place for place in order if place >= 0], [-1 - place for place in order if place < 0]
    assert of_known == list(range(len(of_known)))
    assert of_new == list(range(len(of_new)))
    places = [
        (known[place], 0) if place >= 0 else (new[-1 - place] + (lift - crowding * (-1 - place)), 1) for place in order
    ]
    assert places == sorted(places, key=lambda place: (-place[0], place[1]))


def test_crowding_gives_way_place_by_place() -> None:
    rule = NewProducts(lift=0.1, crowding=0.2)
    assert rule.mixed([0.9, 0.7, 0.5, 0.3], [0.85, 0.85, 0.85], 7) == [-1, 0, -2, 1, -3, 2, 3]
    assert rule.mixed([0.9, 0.7], [0.8, 0.8], 4, lifted=False) == [0, -1, -2, 1]
    assert rule.mixed([], [0.2, 0.1], 5) == [-1, -2]
    assert rule.mixed([0.9], [], 5) == [0]


def test_a_tie_goes_to_the_product_with_a_row() -> None:
    assert NewProducts().mixed([0.5], [0.5], 2) == [0, -1]
    assert NewProducts(lift=0.25).mixed([0.5], [0.25], 2) == [0, -1]


def test_the_prior_grows_with_the_logarithm_of_known_words() -> None:
    rule = NewProducts(cold=-0.2, words=0.1)
    assert rule.prior(0) == -0.2
    assert rule.prior(6) == pytest.approx(-0.2 + 0.1 * np.log(7))


def test_an_older_document_says_less() -> None:
    assert NewProducts.of({"prior": {"cold": None}}) == NewProducts()
    assert NewProducts.of({"prior": {"cold": -0.1}}) == NewProducts(cold=-0.1)
    full = {"prior": {"cold": -0.1, "words": 0.2}, "mixing": {"lift": 0.3, "crowding": 0.4}}
    assert NewProducts.of(full) == NewProducts(-0.1, 0.2, 0.3, 0.4)
