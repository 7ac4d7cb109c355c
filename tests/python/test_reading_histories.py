"""Interactions that `recommend`, `verify` and `diff` read: by which names, queries, weights and scale of ratings."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from python.conftest import Built, Fails, Run, json_of, titles_of
from python.made_market import MadeMarket, write_rows
from seefud.weights import TypeWeights
from seefud_converter.bundle import read_bundle


def test_recommend_for_a_user_of_a_file(built: Built, run: Run, tmp_path: Path) -> None:
    market: MadeMarket = built.market
    arguments = ["recommend", built.model, "--user", "u01", "-k", 60]
    titles = titles_of(json_of(run, *arguments, "--interactions", built.files.interactions))
    liked = {market.titles[dish] for dish in market.liked[1]}
    assert set(titles) == set(market.titles) - liked
    assert {market.kitchen_of(title) for title in titles[:4]} == {market.taste[1]}
    # The same rows under other names.
    text = built.files.interactions.read_text(encoding="utf-8").replace("UserID", "customer", 1)
    (tmp_path / "renamed.csv").write_text(text, encoding="utf-8")
    renamed = [*arguments, "--interactions", tmp_path / "renamed.csv", "--column", "user=customer"]
    assert titles_of(json_of(run, *renamed)) == titles
    # A settings file says the same.
    settings = tmp_path / "shop.toml"
    settings.write_text('[columns]\nuser = "customer"\n', encoding="utf-8")
    renamed = [*arguments, "--interactions", tmp_path / "renamed.csv", "--settings", settings]
    assert titles_of(json_of(run, *renamed)) == titles


def test_what_a_file_is_compared_with_is_read_by_the_settings_file(built: Built, run: Run, tmp_path: Path) -> None:
    """Renamed columns, and a query: `verify` and `diff` read them as `build` does."""
    files, settings = built.files, tmp_path / "shop.toml"
    plain = pd.read_csv(files.interactions, dtype=str)
    plain.rename(columns={"UserID": "customer"}).to_csv(tmp_path / "renamed.csv", index=False)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as shop:
        plain.to_sql("orders", shop, index=False)
        shop.commit()
    settings.write_text(
        """[columns]
user = "customer"
[queries]
likings = 'SELECT UserID AS customer, Title, InteractionType FROM orders'
""",
        encoding="utf-8",
    )
    compared = json_of(run, "diff", built.model, built.model, "--interactions", files.interactions)["lists"]
    assert compared["people"] > 10
    proven = json_of(run, "verify", built.model, "--products", files.products, "--interactions", files.interactions)
    for source in (tmp_path / "renamed.csv", f"sqlite:///{tmp_path / 'shop.db'}?query=likings"):
        given = ["--interactions", source, "--settings", settings]
        assert json_of(run, "diff", built.model, built.model, *given)["lists"] == compared
        again = json_of(run, "verify", built.model, "--products", files.products, *given)
        assert again["checks"] == proven["checks"]


def test_a_rating_is_as_good_as_its_scale_says(built: Built, run: Run, fails: Fails, tmp_path: Path) -> None:
    """4 is liked of 5 and not liked of 10, in all commands that read histories."""
    title, other = built.market.titles[:2]
    head = ("UserID", "Title", "InteractionType", "Value")
    stars = [(f"u{number}", title, "rating", "4") for number in range(3)]
    alone = write_rows(tmp_path / "stars.csv", head, stars)
    mixed = write_rows(tmp_path / "mixed.csv", head, [*stars, ("v", other, "purchase", "")])
    asked = ["recommend", built.model, "--user", "u0", "--interactions", mixed, "-k", 1]
    compared = ["diff", built.model, built.model, "--interactions", mixed]
    like_it, people = [], []
    for scale in ((), ("--rating-scale", 10)):
        best = titles_of(json_of(run, *asked, *scale))[0]
        like_it.append(built.market.kitchen_of(best) == built.market.kitchen_of(title))
        people.append(json_of(run, *compared, *scale)["lists"]["people"])
    assert like_it == [True, False]
    assert people == [4, 1]
    proven = ["verify", built.model, "--products", built.files.products, "--interactions", alone]
    json_of(run, *proven)
    assert "stars.csv: none of its 3 rows is a positive interaction" in fails(*proven, "--rating-scale", 10)


def test_the_file_records_its_scale_of_ratings(
    built: Built, fails: Fails, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = read_bundle(built.model)
    assert bundle.document["rating_scale"] == 5.0
    of_ten = {**bundle.document, "rating_scale": 10.0}
    four = np.array([4.0, 10.0])
    assert TypeWeights.recorded(of_ten).factor(four).tolist() == [0.0, 1.0]
    assert TypeWeights.recorded(of_ten, 5).factor(four).tolist() == [pytest.approx(2 / 3), 1.0]
    older = {key: value for key, value in of_ten.items() if key != "rating_scale"}
    assert TypeWeights.recorded(older).scale == 5
    head = ("UserID", "Title", "InteractionType", "Value")
    path = write_rows(tmp_path / "stars.csv", head, [("u", built.market.titles[0], "rating", "4")])
    monkeypatch.setattr("seefud.parity_cases.read_bundle", lambda _: replace(bundle, document=of_ten))
    refusal = fails("verify", built.model, "--products", built.files.products, "--interactions", path)
    assert "stars.csv: none of its 1 rows is a positive interaction" in refusal


def test_verify_reads_interactions_by_the_weights_that_the_file_records(
    built: Built, run: Run, fails: Fails, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = ("UserID", "Title", "InteractionType")
    path = write_rows(tmp_path / "wishes.csv", head, [("u", built.market.titles[0], "wishlist")])
    proven = ["verify", built.model, "--products", built.files.products, "--interactions", path]
    assert "wishes.csv: none of its 1 rows is a positive interaction" in fails(*proven)
    bundle = read_bundle(built.model)
    told = replace(bundle, document={**bundle.document, "interaction_weights": {"wishlist": 1.0}})
    monkeypatch.setattr("seefud.parity_cases.read_bundle", lambda path: told)
    assert json_of(run, *proven)["checks"]


def test_what_a_user_of_a_file_did_not_like_is_pushed_away(built: Built, run: Run, tmp_path: Path) -> None:
    first, second = built.market.titles[:2]
    lines = ["UserID,Title,InteractionType", f"u,{second},purchase", f"u,{first},purchase"]
    path = tmp_path / "events.csv"

    def asked(*more: str) -> list[dict[str, Any]]:
        path.write_text("\n".join([*lines, *more, ""]), encoding="utf-8")
        given = ["--user", "u", "--interactions", path, "-k", 100, "--explain"]
        found: list[dict[str, Any]] = json_of(run, "recommend", built.model, *given)["recommendations"]
        return found

    liked, disliked = asked(), asked(f"u,{first},dismiss")
    assert {entry["title"] for entry in liked} == {entry["title"] for entry in disliked}
    assert first not in {entry["title"] for entry in disliked}
    before, after = (
        sum(reason["share"] for entry in found for reason in entry["reasons"] if reason["text"] == first)
        for found in (liked, disliked)
    )
    assert before * after < 0, "its share changes its sign"
    path.write_text(f"UserID,Title,InteractionType\nu,{first},dismiss\nv,{second},1\n", encoding="utf-8")
    only = titles_of(json_of(run, "recommend", built.model, "--user", "u", "--interactions", path, "-k", 100))
    assert first not in only
    assert second in only
