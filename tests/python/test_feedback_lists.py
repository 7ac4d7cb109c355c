"""Lists read from a store: against a second reading written naively, and logs with little or odd things in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from python.feedback_market import write_store
from seefud.errors import InputError
from seefud.feedback.logged_lists import LoggedLists, read_logged_lists
from seefud.store.folder import InteractionStore

DAY = 86_400
START = 1_764_547_200  # 2025-12-01T00:00:00Z
OLD, OTHER = "00000000000a", "00000000000b"
SHOWN = {"user": "ann", "type": "impression", "title": "Soto", "model": OLD, "rank": 1, "list": 1, "time": START}


def rows(lists: LoggedLists) -> set[tuple[Any, ...]]:
    """(user, model, product, rank, clicked, converted) of every impression."""
    return {
        (
            lists.users[lists.list_user[of]],
            lists.models[lists.list_model[of]],
            lists.products[lists.product[at]],
            int(lists.rank[at]),
            bool(lists.clicked[at]),
            bool(lists.converted[at]),
        )
        for at, of in enumerate(lists.list_of)
    }


def read(folder: Path, *events: dict[str, Any], since: date | None = None) -> LoggedLists:
    return read_logged_lists(write_store(folder, list(events)), since)


def naively(events: list[dict[str, Any]]) -> dict[tuple[Any, ...], tuple[int, bool, bool]]:
    """(user, list, model, product) to rank, clicked, converted."""
    found: dict[tuple[Any, ...], tuple[int, bool, bool]] = {}
    for event in events:
        if event["type"] != "impression" or event.get("list") is None or not event.get("rank"):
            continue
        product = (event.get("title") or event["product"]).strip().lower()
        key = (event["user"], event["list"], event.get("model") or "", product)
        rank = min(event["rank"], found[key][0] if key in found else 10**9)
        outcomes = {
            each["type"]
            for each in events
            if (each["user"], each.get("list")) == (event["user"], event["list"])
            and (each.get("title") or each.get("product") or "").strip().lower() == product
            and (not each.get("model") or not event.get("model") or each["model"] == event["model"])
            and (each["type"] != "rating" or each["value"] >= 3)
        }
        found[key] = (rank, "click" in outcomes, bool(outcomes & {"purchase", "favorite", "rating"}))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_a_store_of_all_kinds_of_events_reads_as_a_naive_reading_says(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    kinds = ["impression"] * 6 + ["click", "click", "purchase", "favorite", "rating", "view", "dismiss", "search"]
    events: list[dict[str, Any]] = []
    for _ in range(600):
        event: dict[str, Any] = {"user": f"u{rng.integers(3)}", "type": str(rng.choice(kinds)), "time": START}
        if rng.random() < 0.9:
            event["title"] = str(rng.choice(["Soto", " soto", "Gado", "RAWON", "rawon"]))
        else:
            event["product"] = str(rng.choice(["17", "18"]))
        for name, values in (("list", [1, 2, 3, None]), ("model", [OLD, OTHER, None]), ("rank", [1, 2, 3, None])):
            event[name] = values[int(rng.integers(len(values)))]
        if event["type"] == "rating":
            event["value"] = float(rng.integers(1, 6))
        if event["type"] == "search":
            event["text"] = "sate"
        events.append(event)
    lists = read_logged_lists(write_store(tmp_path / "store", events))
    expected = naively(events)
    assert lists.rank.size == len(expected)
    assert rows(lists) == {(user, model, product, *outcome) for (user, _, model, product), outcome in expected.items()}
    assert lists.lists == len({key[:3] for key in expected})
    assert np.all(np.diff(lists.list_of) >= 0)
    assert np.all(np.diff(lists.rank)[np.diff(lists.list_of) == 0] >= 0)
    impressions = [event for event in events if event["type"] == "impression"]
    usable = [event for event in impressions if event["list"] is not None and event["rank"]]
    assert lists.counts["impressions"] == len(impressions)
    assert lists.counts["impressions_without_list_or_rank"] == len(impressions) - len(usable)
    assert lists.counts["impressions_repeated"] == len(usable) - len(expected)
    clicks = [event for event in events if event["type"] == "click"]
    met = [
        event
        for event in clicks
        if any(
            (event["user"], event["list"]) == key[:2]
            and (event.get("title") or event["product"]).strip().lower() == key[3]
            and (not event["model"] or key[2] in ("", event["model"]))
            for key in expected
        )
    ]
    assert lists.counts["clicks"] == len(clicks)
    assert lists.counts["clicks_of_no_list"] == len(clicks) - len(met)


def test_a_doubled_click_is_one_click(tmp_path: Path) -> None:
    click = {**SHOWN, "type": "click", "rank": None}
    lists = read(tmp_path / "s", SHOWN, SHOWN, click, click)
    assert rows(lists) == {("ann", OLD, "soto", 1, True, False)}
    assert (lists.counts["impressions_repeated"], lists.counts["clicks"], lists.counts["clicks_of_no_list"]) == (
        1,
        2,
        0,
    )


def test_clicks_of_no_list_are_counted_and_change_nothing(tmp_path: Path) -> None:
    click = {"user": "ann", "type": "click", "title": "Soto", "time": START}
    strays = [
        click,
        {**click, "list": 2},
        {**click, "list": 1, "title": "Gado"},
        {**click, "list": 1, "user": "ben"},
        {**click, "list": 1, "model": OTHER},
    ]
    lists = read(tmp_path / "s", SHOWN, *strays)
    assert not lists.clicked.any()
    assert lists.counts["clicks_of_no_list"] == 5


def test_what_converts(tmp_path: Path) -> None:
    shown = [{**SHOWN, "title": str(title), "rank": title} for title in range(1, 7)]
    made = {"user": "ann", "list": 1, "time": START}
    kinds = [
        ("purchase", None),
        ("favorite", None),
        ("rating", 3.0),
        ("rating", 2.0),
        ("view", None),
        ("dismiss", None),
    ]
    events = [
        {**made, "title": str(title), "type": kind, "value": value} for title, (kind, value) in enumerate(kinds, 1)
    ]
    lists = read(tmp_path / "s", *shown, *events)
    assert lists.converted.tolist() == [True, True, True, False, False, False]
    assert not lists.clicked.any()


def test_lists_that_name_no_model(tmp_path: Path) -> None:
    lists = read(tmp_path / "s", {**SHOWN, "model": None}, {**SHOWN, "type": "click"}, {**SHOWN, "list": 2})
    assert lists.models == ("", OLD)
    assert lists.clicked.tolist() == [True, False]


def test_scores_are_those_of_the_best_rank_or_unknown(tmp_path: Path) -> None:
    again = {**SHOWN, "rank": 3, "score": 0.1}
    lists = read(tmp_path / "s", again, {**SHOWN, "score": 0.5}, {**SHOWN, "title": "Gado", "rank": 2})
    assert lists.rank.tolist() == [1, 2]
    assert lists.score.tolist() == pytest.approx([0.5, np.nan], nan_ok=True)


def test_lists_since_a_day(tmp_path: Path) -> None:
    """A list belongs to the day of its first impression; one without a time to none."""
    late = {**SHOWN, "list": 2, "time": START + DAY}
    early = [SHOWN, {**SHOWN, "rank": 2, "title": "Gado", "time": START + DAY}]
    timeless = {**SHOWN, "list": 3, "time": None}
    lists = read(tmp_path / "s", *early, late, timeless)
    assert lists.list_time.tolist()[:2] == [START, START + DAY]
    assert np.isnan(lists.list_time[2])
    found = read_logged_lists(InteractionStore.open(tmp_path / "s"), date(2025, 12, 2))
    assert (found.lists, found.list_time.tolist()) == (1, [START + DAY])
    assert read_logged_lists(InteractionStore.open(tmp_path / "s"), date(2025, 12, 1)).lists == 2


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([], "expected impressions, found no event; ingest what phones export"),
        (
            [{**SHOWN, "type": "click"}],
            "expected impressions with a list and a rank, found none among its events; let the app record what it "
            "shows",
        ),
        (
            [{**SHOWN, "list": None}, {**SHOWN, "rank": None}],
            "expected impressions with a list and a rank, found 2 without them; let the app record both",
        ),
        (
            [SHOWN],
            "expected impressions with a list and a rank, found none since 2026-01-01; give an earlier day with "
            "--since",
        ),
    ],
)
def test_a_store_without_lists_is_refused(tmp_path: Path, events: list[dict[str, Any]], message: str) -> None:
    store = write_store(tmp_path / "store", events)
    with pytest.raises(InputError) as caught:
        read_logged_lists(store, date(2026, 1, 1))
    assert str(caught.value) == f"{tmp_path / 'store'}: {message}"


def test_a_damaged_store_is_refused(tmp_path: Path) -> None:
    store = write_store(tmp_path / "store", [SHOWN])
    store.files()[0].write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(
        InputError, match=r"store: cannot be read \(.*\); restore it from a backup, or ingest its sources"
    ):
        read_logged_lists(store)
