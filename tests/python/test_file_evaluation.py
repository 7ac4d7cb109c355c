"""Measuring a finished file, against a count by hand over its own recommendations."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest

from python.conftest import Built
from python.made_market import write_rows
from seefud.build_options import BuildOptions
from seefud.errors import InputError
from seefud.file_evaluation import evaluate_file
from seefud.recommender import Profile, Recommender
from seefud_converter.errors import NotAModelError

K = 5


@pytest.fixture(scope="module")
def options(built: Built) -> BuildOptions:
    return BuildOptions(holdout=built.files.holdout, baselines=("popularity",))


@pytest.fixture(scope="module")
def report(built: Built, options: BuildOptions) -> dict[str, Any]:
    return evaluate_file(built.model, built.files.products, built.files.interactions, options)


def test_agrees_with_a_count_by_hand(built: Built, report: dict[str, Any]) -> None:
    """Each person's list as an app would show it, without the dishes that nobody touched: nobody can have them held."""
    market, recommender = built.market, Recommender.open(built.model)
    touched = {title for dishes in market.liked for title in (market.titles[dish] for dish in dishes)}
    untouched = [title for title in market.titles if title not in touched]
    recalls, gains = [], []
    for person in range(len(market.liked)):
        # Everything of a person was bought, with weight 1, and a view changes nothing.
        profile = Profile([market.titles[dish] for dish in market.liked[person]])
        listed = [each.title for each in recommender.recommend(profile, K, exclude=untouched)]
        wanted = {market.titles[dish] for dish in market.later[person]} & touched
        if not wanted:
            continue
        hits = [title in wanted for title in listed]
        recalls.append(sum(hits) / min(len(wanted), K))
        best = sum(1 / math.log2(place + 2) for place in range(min(len(wanted), K)))
        gains.append(sum(hit / math.log2(place + 2) for place, hit in enumerate(hits)) / best)
    found = report["metrics"]["holdout"]
    assert found["recall@5"]["value"] == pytest.approx(sum(recalls) / len(recalls), abs=1e-6)
    assert found["ndcg@5"]["value"] == pytest.approx(sum(gains) / len(gains), abs=1e-6)
    assert report["evaluations"][0]["evaluated_users"] == len(recalls)


def test_the_order_of_the_rows_and_columns_does_not_matter(
    built: Built, options: BuildOptions, report: dict[str, Any], tmp_path: Path
) -> None:
    lines = built.files.products.read_text(encoding="utf-8").splitlines()
    shuffled = tmp_path / "product3.csv"
    shuffled.write_text("\n".join([lines[0], *reversed(lines[1:])]), encoding="utf-8")
    again = evaluate_file(built.model, shuffled, built.files.interactions, options)
    assert again["evaluations"] == report["evaluations"]


def test_products_that_the_file_does_not_hold_come_last(
    built: Built, options: BuildOptions, report: dict[str, Any], tmp_path: Path
) -> None:
    """A newer catalogue: a dish that somebody likes later and the file never saw costs recall, and is counted."""
    catalogue = tmp_path / "product3.csv"
    catalogue.write_text(
        built.files.products.read_text(encoding="utf-8") + "bakso baru,daging,bakso baru daging\n", encoding="utf-8"
    )
    text = built.files.interactions.read_text(encoding="utf-8")
    events = tmp_path / "user3.csv"
    events.write_text(text + "u00,bakso baru,purchase,1735689600\n", encoding="utf-8")
    later = built.files.holdout.read_text(encoding="utf-8")
    holdout = tmp_path / "holdout.csv"
    holdout.write_text(later + "u01,bakso baru,purchase,1735689600\n", encoding="utf-8")
    newer = evaluate_file(built.model, catalogue, events, dataclasses.replace(options, holdout=holdout))
    assert newer["products_not_in_the_file"] == 1
    before, after = (each["metrics"]["holdout"]["recall@20"]["value"] for each in (report, newer))
    assert before * 79 / 80 - 1e-6 <= after < before


def test_the_file_stands_beside_popularity(report: dict[str, Any]) -> None:
    assert [each["name"] for each in report["evaluations"]] == ["seefud (file)", "popularity"]
    assert report["metrics"]["holdout"]["recall@5"]["low"] > report["metrics"]["popularity"]["recall@5"]["value"]
    assert report["products_not_in_the_file"] == 0
    assert report["gain_over_popularity"]["ndcg@20"] > 0


def test_data_of_another_market_are_refused(built: Built, tmp_path: Path) -> None:
    products = write_rows(tmp_path / "p.csv", ("Title", "Ingredients"), [("a", ""), ("b", "")])
    events = write_rows(tmp_path / "u.csv", ("UserID", "Title", "InteractionType"), [(1, "a", 1), (1, "b", 1)])
    with pytest.raises(InputError, match=r"none of its products is in p\.csv; check that they belong together"):
        evaluate_file(built.model, products, events, BuildOptions(holdout=events))


def test_a_holdout_of_what_is_known_already_measures_nothing(built: Built, options: BuildOptions) -> None:
    same = dataclasses.replace(options, holdout=built.files.interactions)
    with pytest.raises(InputError, match="expected users with held-out products among the candidates, found none"):
        evaluate_file(built.model, built.files.products, built.files.interactions, same)


def test_another_file_is_refused(built: Built, options: BuildOptions) -> None:
    with pytest.raises(NotAModelError):
        evaluate_file(built.files.products, built.files.products, built.files.interactions, options)
