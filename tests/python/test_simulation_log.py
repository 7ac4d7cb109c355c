"""What the phones of a simulation export, and who ranks from it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from seefud.catalogue import Catalogue
from seefud.interactions import read_interactions
from seefud.recommender import Profile
from seefud.simulation.event_log import DAY, START, EventLog, ShownList
from seefud.simulation.people import Act
from seefud.simulation.rankers import PopularityRanker, profiles
from seefud.store.ingest import ingest
from seefud.store.json_event import json_event


@pytest.fixture
def exported(tmp_path: Path) -> tuple[EventLog, Path]:
    """Two rounds of two people: one browses, one meets a list."""
    log = EventLog(7, ("sate ayam", "soto", "rujak"))
    log.add(0, 0, [Act("click", 1), Act("purchase", 1), Act("rating", 1, value=2)])
    shown = ShownList([2, 0], [0.75, 0.5], "0123456789ab")
    log.add(1, 0, [Act("click", 0)])
    acts = [Act("impression", 2, 1), Act("impression", 0, 2), Act("click", 0, 2), Act("search", text="soto enak")]
    log.add(0, 1, acts, shown)
    assert log.export(tmp_path / "round.jsonl") == 8
    assert log.export(tmp_path / "nothing.jsonl") == 0
    return log, tmp_path / "round.jsonl"


def test_every_exported_line_is_an_event_with_what_its_list_says(exported: tuple[EventLog, Path]) -> None:
    log, path = exported
    lines = path.read_text(encoding="utf-8").splitlines()
    for line in lines:
        json_event(line)
    found = [json.loads(line) for line in lines]
    mine = [event for event in found if event["installation"] == log.installation(0)]
    assert [event["sequence"] for event in mine] == list(range(7))
    assert [event["type"] for event in mine[3:]] == ["impression", "impression", "click", "search"]
    assert mine[2]["value"] == 2
    assert mine[5] == {
        "schema": 1,
        "installation": log.installation(0),
        "sequence": 5,
        "type": "click",
        "time": mine[5]["time"],
        "title": "sate ayam",
        "rank": 2,
        "list": 1,
        "score": 0.5,
        "model": "0123456789ab",
        "sum": mine[5]["sum"],
    }
    assert mine[6]["text"] == "soto enak"
    assert {"rank", "list", "model", "title"} & set(mine[6]) == set()
    assert {"rank", "list", "model"} & set(mine[0]) == set()
    times = [event["time"] for event in mine]
    assert times == sorted(times)
    assert times[2] < START + DAY <= times[3] < START + 2 * DAY


def test_an_export_is_ingested_whole_and_once(exported: tuple[EventLog, Path], tmp_path: Path) -> None:
    _, path = exported
    first = ingest([path], tmp_path / "store").sources[0]
    assert (first.read, first.new, first.quarantined) == (8, 8, 0)
    assert ingest([path], tmp_path / "store").sources[0].new == 0


def test_profiles_are_what_a_build_reads_of_each_person(exported: tuple[EventLog, Path], tmp_path: Path) -> None:
    log, path = exported
    ingest([path], tmp_path / "store")
    titles = ("Sate Ayam", "soto", "rujak")
    catalogue = Catalogue(titles, tuple(title.lower() for title in titles), ("",) * 3)
    found = profiles(read_interactions(tmp_path / "store", catalogue), catalogue)
    # Two stars take the soto back; a click is worth .5.
    assert found == {
        log.installation(0): Profile(["Sate Ayam"], ["soto enak"], [0.5], search_weight=0.5),
        log.installation(1): Profile(["Sate Ayam"], [], [0.5], search_weight=0.5),
    }


def test_popularity_counts_people_and_ties_go_to_the_earlier_dish(
    exported: tuple[EventLog, Path], tmp_path: Path
) -> None:
    _, path = exported
    ingest([path], tmp_path / "store")
    titles = ("rujak", "sate ayam", "soto")
    catalogue = Catalogue(titles, titles, ("",) * 3)
    ranker = PopularityRanker.fit(catalogue, read_interactions(tmp_path / "store", catalogue))
    assert ranker.counts.tolist() == [0, 2, 0]
    everything = np.ones(3, np.bool_)
    assert ranker.top(Profile(), everything, 3) == ShownList([1, 0, 2], [2.0, 0.0, 0.0], None)
    assert ranker.top(Profile(), np.array([True, False, True]), 1) == ShownList([0], [0.0], None)
