"""`seefud feedback`: a real file tried on stores whose truth is known; JSON, the page, gates, wrong use."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from python.conftest import Built, Fails, Run
from python.feedback_market import write_store
from python.kitchen_log import FIRST_LIST, LENGTH, MODEL, ROUNDS, kitchen_events
from seefud.feedback.logged_lists import read_logged_lists
from seefud.feedback.page import feedback_page, write_feedback_page
from seefud.feedback.past_profiles import past_profiles
from seefud.feedback.report import Feedback, read_feedback, refusal
from seefud.feedback.reranking import lists_to_replay, rank_anew
from seefud.recommender import Profile, Recommender
from seefud.store.folder import InteractionStore
from seefud.text import canonical_title
from seefud_converter.bundle import read_bundle

DAY = 86_400
HOSTILE = '<script>alert("1")</script>'


@pytest.fixture(scope="module")
def stores(built: Built, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Lists in a random order, which the built model beats, and lists of one who knows, which it does not."""
    folder = tmp_path_factory.mktemp("stores")
    for name, skill in (("random", 0.0), ("skilled", 3.0)):
        write_store(folder / name, kitchen_events(built.market, 1, skill=skill))
    return {name: folder / name for name in ("random", "skilled")}


@pytest.fixture(scope="module")
def model_id(built: Built) -> str:
    return str(read_bundle(built.model).document["model_id"])


# ---- the new model on old lists


def test_a_better_model_is_found_before_anyone_gets_it(
    built: Built, model_id: str, stores: dict[str, Path], run: Run
) -> None:
    code, out, error = run("feedback", stores["random"], "--model", built.model, "--refuse", "undecided")
    assert (code, error) == (0, "")
    people = len(built.market.taste)
    assert f"Lists {people * ROUNDS} shown to {people} people" in out
    assert "compared: the same product shown to the same person at different ranks" in out
    assert f"Replay of {model_id}: clicks at the first 10 ranks, per list" in out
    assert "\nbetter: " in out
    assert "note: The new model must not have learnt from the clicks it is tried on" in out


def test_a_worse_model_is_refused(built: Built, model_id: str, stores: dict[str, Path], run: Run) -> None:
    code, out, error = run("feedback", stores["skilled"], "--model", built.model, "--refuse", "worse", "--json")
    assert code == 1
    found = json.loads(out, parse_constant=pytest.fail)
    assert found["replay"]["verdict"] == "worse"
    assert found["replay"]["difference"]["high"] < 0
    assert found["gate"]["passed"] is False
    change = found["replay"]["difference"]
    assert error == (
        f"error: model {model_id}: --refuse worse: expected a model that is not surely worse, found: worse "
        f"({change['value']:+.4f} clicks@10 per list, {change['low']:+.4f} to {change['high']:+.4f}), its order of the "
        "products that both lists hold is worth less; keep the old model, or collect more\n"
    )
    code, out, error = run("feedback", stores["skilled"], "--model", built.model)
    assert (code, error) == (0, "")
    assert "\nworse: " in out


def test_undecided_passes_or_not_as_asked(built: Built, tmp_path: Path, run: Run) -> None:
    """Few clicks: nothing can be said."""
    events = [event for event in kitchen_events(built.market, 1, skill=1.0) if event["type"] != "click"]
    store = write_store(tmp_path / "store", events)
    asked = ["feedback", store.folder, "--model", built.model, "--refuse"]
    code, out, error = run(*asked, "worse")
    assert (code, error) == (0, "")
    assert "not known: no shown product was clicked" in out
    assert "not decided: how much lower ranks are looked at is not known: no shown product was clicked" in out
    code, _, error = run(*asked, "undecided")
    assert code == 1
    assert "--refuse undecided: expected a model that is surely better, found: not decided, how much lower" in error


def test_new_lists_are_what_the_recommender_gives_for_the_past(built: Built, stores: dict[str, Path]) -> None:
    """Another way to the same ranks, from the events themselves, for some lists."""
    store = InteractionStore.open(stores["random"])
    lists = read_logged_lists(store)
    recommender = Recommender.open(built.model)
    chosen = lists_to_replay(lists)[::37]
    new = rank_anew(recommender, store, lists, chosen)
    assert new.lists.tolist() == chosen.tolist()
    events = kitchen_events(built.market, 1, skill=0.0)
    ranked = np.isin(lists.list_of, chosen)
    assert not new.rank[~ranked].any()
    for number in chosen.tolist():
        user, time = lists.users[lists.list_user[number]], lists.list_time[number]
        past = [
            each for each in events if each["user"] == user and each["type"] != "impression" and each["time"] < time
        ]
        newest = {each["title"]: each["time"] for each in past}
        strongest = {title: max(_worth(each) for each in past if each["title"] == title) for title in newest}
        last = max(newest.values())
        weights = [strongest[title] / np.sqrt(1 + (last - newest[title]) / DAY) for title in newest]
        best = [each.title for each in recommender.recommend(Profile(list(newest), weights=weights), LENGTH)]
        places = np.flatnonzero(lists.list_of == number)
        ranks = {canonical_title(title): rank for rank, title in enumerate(best, 1)}
        expected = [ranks.get(lists.products[product], 0) for product in lists.product[places]]
        assert new.rank[places].tolist() == expected


def _worth(event: dict[str, object]) -> float:
    return 1.0 if event["type"] == "purchase" else 0.5


def test_profiles_hold_nothing_of_the_list_or_later(built: Built, tmp_path: Path) -> None:
    first, second = built.market.titles[:2]
    shown = {"user": "ann", "type": "impression", "model": MODEL, "rank": 1}
    store = write_store(
        tmp_path / "store",
        [
            {"user": "ann", "type": "purchase", "title": first, "time": FIRST_LIST - 1},
            {"user": "ann", "type": "search", "text": "pedas", "time": FIRST_LIST - 1},
            {"user": "ann", "type": "purchase", "title": second, "time": FIRST_LIST},
            {"user": "ann", "type": "purchase", "title": second, "time": None},
            {**shown, "title": second, "list": 1, "time": FIRST_LIST},
            {**shown, "title": second, "list": 2, "time": FIRST_LIST + 1},
            {**shown, "user": "ben", "title": second, "list": 1, "time": FIRST_LIST},
        ],
    )
    lists = read_logged_lists(store)
    found = dict(past_profiles(store, lists, lists_to_replay(lists), Recommender.open(built.model)))
    assert [[str(each) for each in found[number].liked] for number in range(3)] == [[first], [first, second], []]
    assert [list(found[number].searched) for number in range(3)] == [["pedas"], ["pedas"], []]


def test_products_that_are_named_by_id_only(built: Built, tmp_path: Path, run: Run) -> None:
    """With the file of products the report is that of the titles; without, no product is the model's."""
    titles = list(built.market.titles)
    products = tmp_path / "products.csv"
    lines = "".join(f"{title},{number}\n" for number, title in enumerate(titles, 100))
    products.write_text(f"Title,sku\n{lines}", encoding="utf-8")
    events = kitchen_events(built.market, 1, skill=0.0)
    named = [{**each, "title": None, "product": str(100 + titles.index(each["title"]))} for each in events]
    asked = ["--model", built.model, "--json"]
    by_title = run("feedback", write_store(tmp_path / "titles", events).folder, *asked)[1]
    ids = write_store(tmp_path / "ids", named).folder
    settings = tmp_path / "shop.toml"
    settings.write_text('[columns]\nproduct_id = "sku"\n', encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "shop.db")) as shop:
        pd.read_csv(products).to_sql("dishes", shop, index=False)
    table = f"sqlite:///{tmp_path / 'shop.db'}?table=dishes"
    named_by = ["--column", "product_id=sku"], ["--settings", settings]
    for source, names in [(products, named_by[0]), (products, named_by[1]), (table, named_by[1])]:
        code, out, _ = run("feedback", ids, *asked, "--products", source, *names)
        assert code == 0
        assert {**json.loads(out), "store": ""} == {**json.loads(by_title), "store": ""}
    alone = json.loads(run("feedback", ids, *asked)[1])["replay"]
    assert (alone["overlap"], alone["verdict"]) == (0, "not decided")
    assert alone["reason"].startswith("only 0% of the new model's products were shown in these lists")


# ---- what is shown


def test_json(stores: dict[str, Path], run: Run) -> None:
    code, out, error = run("feedback", stores["random"], "--json")
    assert (code, error) == (0, "")
    found = json.loads(out, parse_constant=pytest.fail)
    assert found["replay"] is None
    assert found["gate"] is None
    [model] = found["models"]
    assert (model["model"], len(model["ranks"]), model["ranks"][0]["rank"]) == (MODEL, LENGTH, 1)
    rate = model["click_through"]
    assert rate["value"] == rate["count"] / rate["total"]
    assert rate["low"] < rate["value"] < rate["high"]
    assert found["position_bias"]["groups"][0]["examination"] == 1
    assert found["counts"]["impressions"] == model["impressions"]


def test_two_models_and_lists_that_name_none(built: Built, tmp_path: Path, run: Run) -> None:
    events = kitchen_events(built.market, 1, skill=0.0) + [
        {**each, "list": each["list"] + 100, "time": each["time"] + 30 * DAY}
        for each in kitchen_events(built.market, 2, skill=3.0, model=None)
        if "list" in each
    ]
    store = write_store(tmp_path / "store", events).folder
    code, out, _ = run("feedback", store)
    assert code == 0
    assert "By rank, none named" in out
    assert f"By rank, {MODEL}" in out
    assert "and 10 more ranks, all in --json" in out
    assert "note: Rates of two models differ by their people and days too" in out
    total = 2 * ROUNDS * len(built.market.taste)
    assert f"Lists {total:,} shown to" in out
    named = json.loads(run("feedback", store, "--model", built.model, "--against", MODEL, "--json")[1])
    assert named["replay"]["lists"] == total // 2
    late = json.loads(run("feedback", store, "--since", "2025-02-10", "--json")[1])
    assert [each["model"] for each in late["models"]] == [""]
    assert late["since"] == "2025-02-10"


def test_the_page(built: Built, model_id: str, stores: dict[str, Path], run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    code, _, error = run("feedback", stores["random"], "--model", built.model, "--html", page)
    assert (code, error) == (0, "")
    text = page.read_text(encoding="utf-8")
    assert text.count("<svg") == 2
    assert "<script" not in text
    assert "Content-Security-Policy" in text
    assert f"Replay of {model_id}" in text
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]


def test_the_page_escapes_and_says_what_is_unknown(stores: dict[str, Path], tmp_path: Path) -> None:
    found = read_feedback(stores["random"])
    [model] = found.models
    hostile = replace(found, models=(replace(model, model=HOSTILE),), bias=_unknown(found))
    text = feedback_page(hostile)
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 2  # in the tables and in the plot
    assert "How much a rank is looked at is not known: no shown product was clicked." in text
    assert text.count("<svg") == 1
    assert text == feedback_page(hostile), "the same feedback gives the same page"
    write_feedback_page(tmp_path / "page.html", hostile)
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == text


def _unknown(found: Feedback) -> object:
    empty = found.bias.first[:0]
    return replace(found.bias, unit=None, reason="no shown product was clicked", first=empty, examination=empty,
                   low=empty, high=empty)  # fmt: skip


def test_one_person(tmp_path: Path, built: Built, run: Run) -> None:
    events = [each for each in kitchen_events(built.market, 1, skill=0.0) if each["user"] == f"{0:032x}"]
    store = write_store(tmp_path / "store", events).folder
    page = tmp_path / "page.html"
    code, out, error = run("feedback", store, "--model", built.model, "--html", page)
    assert (code, error) == (0, "")
    assert f"Lists {ROUNDS} shown to 1 people" in out
    assert "not decided: " in out
    found = json.loads(run("feedback", store, "--json")[1], parse_constant=pytest.fail)
    assert found["overall"]["click_through"]["low"] is None


# ---- wrong use


def test_options_that_would_do_nothing_are_refused(stores: dict[str, Path], fails: Fails) -> None:
    store = stores["random"]
    for option, value in (("--count", 3), ("--against", MODEL), ("--refuse", "worse")):
        assert fails("feedback", store, option, value) == (
            f"error: {option}: expected --model too, found none; give the new file\n"
        )
    assert "--column: expected --products too, found none" in fails("feedback", store, "--column", "product_id=sku")
    with pytest.raises(Exception, match="--refuse: expected a new model to judge, found none; give it with --model"):
        refusal(read_feedback(store), "worse")


def test_bad_input_is_refused(stores: dict[str, Path], built: Built, fails: Fails, tmp_path: Path) -> None:
    assert "is no interaction store; seefud ingest SOURCE --into DIR makes one" in fails("feedback", tmp_path)
    assert "expected a .tflite file" in fails("feedback", stores["random"], "--model", tmp_path / "none.tflite")
    assert "--against 0123456789ab: no list is of this model; the models of the lists are" in fails(
        "feedback", stores["random"], "--model", built.model, "--against", "0123456789ab"
    )
    assert "found none since 2030-01-01; give an earlier day with --since" in fails(
        "feedback", stores["random"], "--since", "2030-01-01"
    )
    assert "--since yesterday: expected a day, such as 2026-11-01, found none; write it so" in fails(
        "feedback", stores["random"], "--since", "yesterday"
    )
    assert f"--html {tmp_path}: expected a file name, found a folder" in fails(
        "feedback", stores["random"], "--html", tmp_path
    )
