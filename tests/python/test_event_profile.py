"""The profile from logged events: the golden file, an independent second fold, and what it does to a ranking."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden import write_export, write_profile
from python.conftest import Built
from seefud.catalogue import Catalogue
from seefud.errors import InputError
from seefud.event_profile import DEFAULT_DISLIKE, Event, ProfileRules, profile_items, profile_of
from seefud.interactions import read_interactions
from seefud.recommender import Profile, Recommender
from seefud.store.json_event import json_event
from seefud.text import canonical_title

DAY = 86_400_000
TITLES = ("sate", "soto", "rawon")


# ---- the golden files


def test_the_golden_profiles_are_not_stale() -> None:
    told = "run python tests/golden/write_profile.py if a rule changed"
    assert write_profile.PATH.read_text(encoding="ascii") == write_profile.profile_json(), told


def test_the_golden_profiles_replay() -> None:
    """As another language does it: from the file alone, but for the long log, which is made by its rule."""
    content = json.loads(write_profile.PATH.read_bytes())
    rules = ProfileRules()
    assert content["defaults"] == {
        "weights": rules.weights,
        "dislike": rules.dislike,
        "recency": rules.recency,
    }
    assert len(content["cases"]) > 30
    for case in content["cases"]:
        log = write_profile.long_log(case["made"]) if "made" in case else case["events"]
        found = profile_items([Event.of(fields) for fields in log], ProfileRules(**case["rules"]))
        assert [item.text for item in found] == [item["text"] for item in case["profile"]], case["name"]
        assert [item.product for item in found] == [item.get("product") for item in case["profile"]], case["name"]
        assert [item.is_search for item in found] == [item["kind"] == "search" for item in case["profile"]]
        assert [float(np.float32(item.weight)) for item in found] == [item["weight"] for item in case["profile"]]


def test_the_golden_export_is_not_stale() -> None:
    told = "run python tests/golden/write_export.py if the record changed"
    assert write_export.PATH.read_text(encoding="ascii") == write_export.export_lines(), told


def test_the_golden_export_is_read_by_the_store() -> None:
    lines = write_export.PATH.read_text(encoding="ascii").splitlines()
    for place, (line, event) in enumerate(zip(lines, write_export.EVENTS, strict=True), 1):
        found = json_event(line)
        assert found["event_id"] == f"{write_export.INSTALLATION}-{place}"
        assert {key: value for key, value in found.items() if value is not None} == {
            "event_id": f"{write_export.INSTALLATION}-{place}",
            "user": write_export.INSTALLATION,
            "time": 1_764_000_000_000 + place,
            **event,
        }


# ---- rules


def test_an_example_by_hand() -> None:
    events = [
        Event("purchase", 0, "Sate"),
        Event("rating", 3 * DAY, "soto", value=4),
        Event("dismiss", 2 * DAY, " sate "),
        Event("search", DAY, text="ayam  pedas"),
        Event("impression", 9 * DAY, "rawon"),
    ]
    found = profile_of(events, ProfileRules(dislike=0.6))
    assert list(found.liked) == [" sate ", "soto"]
    assert found.weights == pytest.approx([-0.6 / math.sqrt(2), 2 / 3])
    assert list(found.searched) == ["ayam pedas"]
    assert found.search_weights == pytest.approx([0.5 / math.sqrt(3)])


def test_a_dislike_that_counts_nothing_still_names_the_product() -> None:
    found = profile_items([Event("dismiss", 0, "sate")], ProfileRules(dislike=0.0))
    assert [(item.text, math.copysign(1.0, item.weight), item.weight) for item in found] == [("sate", 1.0, 0.0)]


EVENTS = st.lists(
    st.builds(
        lambda kind, title, time, value: Event(kind, time * DAY, title, value=value if kind == "rating" else None),
        st.sampled_from(["view", "click", "purchase", "rating", "dismiss"]),
        st.sampled_from(TITLES),
        st.integers(0, 9),
        st.integers(1, 5),
    ),
    max_size=12,
)


@settings(deadline=None)  # it writes and reads a file
@given(EVENTS)
def test_likings_are_those_of_a_build(tmp_path_factory: pytest.TempPathFactory, events: list[Event]) -> None:
    """`seefud.interactions`, which was written apart, folds the same log."""
    path = tmp_path_factory.getbasetemp() / "events.csv"
    # Another user, so that there is always a liking; dismissals have weight 0 there too.
    rows = ["UserID,Title,InteractionType,Timestamp,Value", "2,sate,purchase,0,"]
    rows += [f"1,{e.title},{e.type},{1_000_000_000 + e.time // 1000},{e.value or ''}" for e in events]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    catalogue = Catalogue(TITLES, tuple(map(canonical_title, TITLES)), ("",) * len(TITLES))
    frame = read_interactions(path, catalogue).frame
    mine = frame[frame["user"] == "1"]
    expected = dict(zip(mine["key"], mine["weight"], strict=True))
    found = profile_items(events, ProfileRules(recency=False))
    assert {item.text: item.weight for item in found if item.weight > 0} == pytest.approx(expected)
    touched = {event.title for event in events}
    assert {item.text for item in found} == touched
    assert all(item.weight == -DEFAULT_DISLIKE for item in found if item.text not in expected)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"weights": {"view": -1.0}}, "weight of view is -1.0; expected a number from 0 to 5"),
        ({"dislike": math.nan}, "dislike is nan; expected a number from 0 to 5"),
        (
            {"weights": {"impression": 1.0}},
            "weight of impression: leave it out, what was shown says nothing of what is liked",
        ),
    ],
)
def test_rules_that_cannot_be_followed_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        ProfileRules(**fields)
    assert str(caught.value) == message


# ---- what it does to a ranking


@pytest.fixture(scope="module")
def recommender(built: Built) -> Recommender:
    return Recommender.open(built.model)


def test_a_dismissal_pushes_its_like_away_and_is_not_recommended(built: Built, recommender: Recommender) -> None:
    """Somebody likes the sea and, a little, the garden; then says "not for me" of the garden."""
    likings = [Event("purchase", 0, "udang goreng"), Event("click", 0, "terong bakar")]
    gardens = []
    for dislike in (0.0, 0.5, 1.0):
        events = [*likings, Event("dismiss", 0, "kangkung goreng")]
        found = recommender.recommend(profile_of(events, ProfileRules(dislike=dislike)), 60, explain=True)
        assert {"udang goreng", "terong bakar", "kangkung goreng"}.isdisjoint(each.title for each in found)
        garden = [each for each in found if built.market.kitchen_of(each.title) == "kebun"]
        gardens.append(sum(each.score for each in garden) / len(garden))
        for each in found:
            assert sum(reason.share for reason in each.reasons) == pytest.approx(each.score, abs=1e-6)
            assert each.reasons == tuple(sorted(each.reasons, key=lambda reason: -reason.share))
        shares = {reason.text: reason.share for reason in garden[0].reasons}
        assert shares["kangkung goreng"] < 0 < shares["terong bakar"] or dislike == 0
    assert all(before > after + 0.1 for before, after in pairwise(gardens))


def test_searches_have_weights_of_their_own(recommender: Recommender) -> None:
    both = Profile(searched=["udang", "gula merah"], search_weights=[1.0, 0.0])
    one = Profile(searched=["udang"])
    assert [each.title for each in recommender.recommend(both)] == [each.title for each in recommender.recommend(one)]
    with pytest.raises(InputError) as caught:
        recommender.recommend(Profile(searched=["udang"], search_weights=[1.0, 2.0]))
    assert str(caught.value) == "search_weights: expected 1, one per search, found 2"
