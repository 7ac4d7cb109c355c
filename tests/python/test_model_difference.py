"""Two files compared: what is the same differs nowhere, and what was changed on purpose is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from python.conftest import Built
from seefud.list_difference import list_difference
from seefud.model_difference import file_facts, metric_changes, row_moves, vocabulary_change
from seefud_converter.bundle import read_bundle


def test_a_file_and_itself(built: Built) -> None:
    bundle = read_bundle(built.model)
    facts = file_facts(bundle)
    assert (facts.bytes, facts.products) == (built.model.stat().st_size, len(bundle.products))
    assert set(vocabulary_change(bundle.products, bundle.products).added) == set()
    moves = row_moves(bundle, bundle)
    assert (moves.renumbered, moves.moved, moves.neighbours_kept) == (0, 0, 1.0)
    changes = metric_changes(bundle.document, bundle.document)
    assert {each["difference"] for each in changes.values()} == {0.0}
    lists = list_difference(bundle, bundle, built.files.interactions, holdout=built.files.holdout, k=10)
    assert lists.churn == 0.0
    assert lists.to_json()["rank_biased_overlap"] == pytest.approx(1)
    assert (lists.gained, lists.lost) == ((), ())
    recall = lists.holdout["recall@10"]
    assert recall.old == recall.new > 0
    assert recall.standard_error == 0


def test_titles_that_came_and_went_and_those_that_are_only_spelt_anew() -> None:
    found = vocabulary_change(["soto", "Sate  Ayam", "gado"], ["sate ayam", "gado", "rawon"])
    assert (found.kept, found.added, found.removed) == (2, ("rawon",), ("soto",))


def test_exposure_follows_the_products_that_trade_places(built: Built) -> None:
    """The new file calls product 0 by product 1's name and the other way round: these two trade their exposure."""
    bundle = read_bundle(built.model)
    first, second, *rest = bundle.products
    found = list_difference(bundle, replace(bundle, products=(second, first, *rest)), built.files.interactions, k=10)
    assert found.people == len(built.market.taste)
    assert 0 < found.churn < 1
    assert np.isclose(sum(each.change for each in (*found.gained, *found.lost)), 0, atol=0.5)
