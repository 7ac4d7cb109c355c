"""A small simulation through the very commands: export, ingest, build, recommend, three rounds; feedback must help."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from python.conftest import Run
from seefud.feedback.report import read_feedback
from seefud.recommender import Recommender
from seefud.simulation.market import make_market
from seefud.simulation.results import FIRST, POPULARITY, REBUILT, Simulation, SimulationOptions
from seefud.simulation.rounds import simulate
from seefud.store.folder import InteractionStore
from seefud.store.json_event import json_event
from seefud.user_profile import user_profile

pytestmark = pytest.mark.slow

OPTIONS = SimulationOptions(rounds=3, seed=0, people=300)
CIRCLES = (REBUILT, FIRST, POPULARITY)


@dataclass(frozen=True)
class Ran:
    """A simulation and its folder."""

    found: Simulation
    folder: Path


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Three rounds."""
    folder = tmp_path_factory.mktemp("simulation") / "out"
    return Ran(simulate(folder, OPTIONS), folder)


def exports(folder: Path, circle: str) -> list[Path]:
    return sorted((folder / circle / "exports").iterdir())


def test_feedback_makes_the_next_file_better(ran: Ran) -> None:
    points = ran.found.points[REBUILT]
    assert [point.rounds for point in points] == [0, 1, 2, 3]
    assert points[-1].recall > points[0].recall + 0.01
    assert points[-1].ndcg > points[0].ndcg + 0.01
    # It is the file that has become better, not only the histories that have become longer.
    assert points[-1].recall > ran.found.points[FIRST][-1].recall + 0.01
    assert points[-1].recall > ran.found.points[POPULARITY][-1].recall + 0.01


def test_popularity_shows_fewer_dishes_and_less_evenly(ran: Ran) -> None:
    for model, popular in zip(ran.found.points[REBUILT], ran.found.points[POPULARITY], strict=True):
        assert popular.coverage < model.coverage
        assert popular.gini > model.gini


def test_all_circles_begin_with_the_same_people_and_every_file_is_another(ran: Ran) -> None:
    first, frozen = ran.found.points[REBUILT], ran.found.points[FIRST]
    assert first[0] == frozen[0]
    assert len({point.model for point in first}) == 4
    assert {point.model for point in frozen} == {first[0].model}
    assert {point.model for point in ran.found.points[POPULARITY]} == {None}
    seeds = [exports(ran.folder, circle)[0].read_bytes() for circle in CIRCLES]
    assert seeds[0] == seeds[1] == seeds[2]


def test_every_measure_is_in_its_range(ran: Ran) -> None:
    for circle in CIRCLES:
        for number, point in enumerate(ran.found.points[circle]):
            shares = [point.recall, point.ndcg, point.coverage, point.gini, point.best]
            assert all(0 < share < 1 for share in shares), point
            if number < OPTIONS.rounds:
                assert point.impressions == OPTIONS.people * 20
                assert point.click_through is not None
                assert 0 < point.click_through < point.best
            else:
                assert (point.impressions, point.click_through, point.share_of_best) == (0, None, None)


def test_every_exported_line_is_in_the_store_once(ran: Ran) -> None:
    assert ran.found.rejected == 0
    for circle in CIRCLES:
        lines = [line for path in exports(ran.folder, circle) for line in path.read_text("utf-8").splitlines()]
        assert len(exports(ran.folder, circle)) == OPTIONS.rounds + 1
        for line in lines:
            json_event(line)
        store = InteractionStore.open(ran.folder / circle / "store")
        assert store.events == len(lines) == ran.found.events[circle]
        assert list((store.folder / "quarantine").glob("*")) == []
        assert store.loads == OPTIONS.rounds + 1


def test_the_log_says_which_file_showed_what_at_which_rank(ran: Ran) -> None:
    points = ran.found.points[REBUILT]
    store = InteractionStore.open(ran.folder / REBUILT / "store")
    query = """
        SELECT model, list, count(*), count(*) FILTER (WHERE type = 'impression'), min(rank), max(rank),
               count(DISTINCT "user"), count(*) FILTER (WHERE type = 'click'), count(score)
        FROM read_parquet(?) WHERE list IS NOT NULL GROUP BY model, list ORDER BY list
    """
    lists = duckdb.execute(query, [store.pattern]).fetchall()
    assert [row[0] for row in lists] == [point.model for point in points[:3]]
    assert [row[1] for row in lists] == [1, 2, 3]
    for row, point in zip(lists, points[:3], strict=True):
        assert row[3] == point.impressions
        assert row[7] == point.clicks
        assert (row[4], row[5], row[6]) == (1, 20, OPTIONS.people)
        assert row[8] == row[2]
    types = {row[0] for row in duckdb.execute("SELECT DISTINCT type FROM read_parquet(?)", [store.pattern]).fetchall()}
    assert types == {"impression", "click", "favorite", "purchase", "rating", "dismiss", "search"}


def test_feedback_of_the_store_counts_the_same_clicks(ran: Ran) -> None:
    wanted: dict[str | None, tuple[int, int]] = {}
    for point in ran.found.points[REBUILT]:
        clicks, impressions = wanted.get(point.model, (0, 0))
        if point.impressions:
            wanted[point.model] = clicks + point.clicks, impressions + point.impressions
    found = read_feedback(ran.folder / REBUILT / "store")
    assert found.people == OPTIONS.people
    assert {each.model: (each.click_through.count, each.click_through.total) for each in found.models} == wanted


def test_nobody_is_shown_what_is_reserved_or_was_answered_before(ran: Ran) -> None:
    market = make_market(OPTIONS.seed, OPTIONS.people, OPTIONS.dishes)
    place = {title: dish for dish, title in enumerate(market.titles)}
    for circle in CIRCLES:
        person: dict[str, int] = {}
        answered: set[tuple[str, str]] = set()
        for path in exports(ran.folder, circle):
            events = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
            for event in events:
                who = person.setdefault(event["installation"], len(person))
                if event["type"] != "search":
                    assert not market.reserved[who, place[event["title"]]]
                if event["type"] == "impression":
                    assert (event["installation"], event["title"]) not in answered
            answered |= {(e["installation"], e["title"]) for e in events if e["type"] not in ("impression", "search")}


def test_a_list_is_what_the_recommender_says_for_that_history(ran: Ran) -> None:
    """The last build's histories are those of three rounds; the lists of round 3 came from file 2 and rounds 0 to 2."""
    path = ran.folder / REBUILT / "files" / "round-02.tflite"
    recommender = Recommender.open(path)
    last = [json.loads(line) for line in exports(ran.folder, REBUILT)[3].read_text("utf-8").splitlines()]
    who = last[0]["installation"]
    shown = [event["title"] for event in last if event["installation"] == who and event["type"] == "impression"]
    earlier = [
        json.loads(line)
        for export in exports(ran.folder, REBUILT)[:3]
        for line in export.read_text("utf-8").splitlines()
    ]
    histories = ran.folder / "histories.csv"
    rows = ["UserID,Title,InteractionType,Timestamp,Value"]
    rows += [
        f"{e['installation']},{e.get('title', e.get('text'))},{e['type']},{e['time'] / 1000},{e.get('value', '')}"
        for e in earlier
    ]
    histories.write_text("\n".join(rows) + "\n", encoding="utf-8")
    profile = user_profile(recommender, histories, who)
    # The simulated market does not push away; what was answered is excluded below.
    kept = [(title, weight) for title, weight in zip(profile.liked, profile.weights, strict=True) if weight > 0]
    liked, weights = [title for title, _ in kept], [weight for _, weight in kept]
    profile = type(profile)(liked, profile.searched, weights, search_weight=0.5)
    market = make_market(OPTIONS.seed, OPTIONS.people, OPTIONS.dishes)
    reserved = [title for title, kept in zip(market.titles, market.reserved[0], strict=True) if kept]
    answered = {e["title"] for e in earlier if e["installation"] == who and e["type"] not in ("impression", "search")}
    found = recommender.recommend(profile, 20, exclude=[*reserved, *sorted(answered)])
    assert [each.title for each in found] == shown


def test_the_build_learns_from_the_feedback_and_not_from_what_was_only_shown(ran: Ran) -> None:
    report = json.loads((ran.folder / REBUILT / "model" / "report.json").read_text("utf-8"))
    impressions = sum(point.impressions for point in ran.found.points[REBUILT])
    assert report["data"]["rows"]["impressions"] == impressions
    assert report["data"]["problems"] == []
    assert report["data"]["users"] == OPTIONS.people
    assert report["data"]["interactions"] < ran.found.events[REBUILT] - impressions


def test_the_folder_holds_the_picture_and_the_numbers(ran: Ran) -> None:
    names = {"simulation.json", "simulation.png", "products.csv", *CIRCLES}
    assert names <= {each.name for each in ran.folder.iterdir()}
    assert Simulation.read(ran.folder / "simulation.json") == ran.found
    assert (ran.folder / "simulation.png").read_bytes().startswith(b"\x89PNG")


def test_the_program_says_the_same_for_the_same_seed(ran: Ran, tmp_path: Path, run: Run) -> None:
    """One round only, so that it is short: what happened until then is the same to the byte."""
    arguments = ("--rounds", 1, "--seed", OPTIONS.seed, "--users", OPTIONS.people, "--out", tmp_path / "out", "--json")
    code, out, error = run("simulate", *arguments)
    assert code == 0, error
    assert "rebuilt: 1 rounds of feedback" in error
    found = json.loads(out)
    assert found == Simulation.read(tmp_path / "out" / "simulation.json").to_json()
    for circle in CIRCLES:
        again = Simulation.read(tmp_path / "out" / "simulation.json").points[circle]
        before = ran.found.points[circle]
        assert again[0] == before[0]
        assert (again[1].recall, again[1].gini, again[1].model) == (before[1].recall, before[1].gini, before[1].model)
        for one, other in zip(exports(tmp_path / "out", circle), exports(ran.folder, circle)[:2], strict=True):
            assert one.read_bytes() == other.read_bytes()
