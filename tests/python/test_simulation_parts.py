"""The parts of the simulation against known answers: the market, the people, their logs, the measures, the picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from seefud.catalogue import Catalogue, read_catalogue
from seefud.errors import InputError
from seefud.interactions import read_interactions
from seefud.recommender import Profile
from seefud.simulation.circle import Point
from seefud.simulation.event_log import DAY, START, EventLog, ShownList
from seefud.simulation.market import LIKED, Dish, Market, make_market
from seefud.simulation.measures import best_click_through, coverage, gini, taste_found
from seefud.simulation.people import Act, Luck, browse, examination, respond
from seefud.simulation.plots import draw
from seefud.simulation.rankers import PopularityRanker, profiles
from seefud.simulation.results import FIRST, POPULARITY, REBUILT, Simulation, SimulationOptions
from seefud.simulation.rounds import simulate
from seefud.simulation.seeds import gain, series
from seefud.store.ingest import ingest
from seefud.store.json_event import json_event


def plain_market(attraction: Sequence[Sequence[float]], reserved: Sequence[Sequence[int]] | None = None) -> Market:
    """A market whose attraction is given; all dishes are met equally often."""
    table = np.array(attraction, dtype=np.float64)
    count = table.shape[1]
    dishes = tuple(Dish(f"dish {place}", "salt", ("dish", str(place))) for place in range(count))
    kept = np.zeros(table.shape, np.bool_) if reserved is None else np.array(reserved, dtype=np.bool_)
    return Market(dishes, table, kept, np.full(count, 1 / count))


# ---------------------------------------------------------------------------------------------- market


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


# ---------------------------------------------------------------------------------------------- people


def test_clicks_happen_as_often_as_looking_times_attraction() -> None:
    market = plain_market([[0.9, 0.5, 0.2, 0.05, 0.7]])
    shown = [3, 0, 4, 1, 2]
    trials = 6000
    clicks = np.zeros(5)
    for number in range(trials):
        acts = respond(market, 0, shown, Luck.draw(5, number, 0, 20, 5))
        clicks[[act.rank - 1 for act in acts if act.type == "click" and act.rank]] += 1
    wanted = np.array([1, 2, 3, 4, 5]) ** -0.7 * np.array([0.05, 0.9, 0.7, 0.5, 0.2])
    error = np.sqrt(wanted * (1 - wanted) / trials)
    assert (np.abs(clicks / trials - wanted) < 4 * error).all(), (clicks / trials, wanted)


def test_looking_falls_from_one_with_the_rank() -> None:
    assert np.allclose(examination(3), [1.0, 2**-0.7, 3**-0.7])


def test_a_list_is_answered_by_its_impressions_in_order_and_then_by_what_followed() -> None:
    market = plain_market([[1.0, 0.0, 1.0]])
    acts = respond(market, 0, [2, 1, 0], Luck.draw(0, 1, 0, 20, 3))
    assert acts[:3] == [Act("impression", 2, 1), Act("impression", 1, 2), Act("impression", 0, 3)]
    assert acts[3] == Act("click", 2, 1)  # rank 1 is always looked at
    assert all(act.dish != 1 for act in acts[3:] if act.type == "click")


def test_the_same_dish_at_the_same_rank_gets_the_same_answer_in_any_list() -> None:
    market = make_market(0, 5, 90)

    def about(acts: Sequence[Act], dish: int) -> list[Act]:
        return [act for act in acts if act.dish == dish]

    for number in range(40):
        luck = [Luck.draw(1, number, 2, 20, 90) for _ in range(2)]
        assert about(respond(market, 2, [4, 7, 9], luck[0]), 7) == about(respond(market, 2, [30, 7], luck[1]), 7)


def test_what_follows_a_click_has_the_rates_that_the_page_names() -> None:
    market = plain_market([[1.0, 0.5]])
    acts = [act for number in range(4000) for act in respond(market, 0, [0, 1], Luck.draw(9, number, 0, 20, 2))]
    loved = {kind: sum(act.type == kind and act.dish == 0 for act in acts) for kind in ("click", "purchase", "rating")}
    assert loved["click"] == 4000
    assert abs(loved["purchase"] / 4000 - 0.5) < 0.04
    assert abs(loved["rating"] / loved["purchase"] - 0.5) < 0.05
    stars = [[act.value or 0 for act in acts if act.type == "rating" and act.dish == dish] for dish in (0, 1)]
    assert set(stars[0]) | set(stars[1]) <= {1, 2, 3, 4, 5}
    assert np.mean(stars[0]) > 4.2
    assert abs(np.mean(stars[1]) - 3) < 0.2


def test_only_what_bores_is_dismissed_and_nothing_is_both_clicked_and_dismissed() -> None:
    market = plain_market([[0.01, 0.3]])
    gone = []
    for number in range(4000):
        acts = respond(market, 0, [0, 1], Luck.draw(2, number, 0, 20, 2))
        gone += [act.dish for act in acts if act.type == "dismiss"]
        assert not {act.dish for act in acts if act.type == "dismiss"} & {
            act.dish for act in acts if act.type == "click"
        }
    assert set(gone) == {0}
    assert abs(len(gone) / 4000 - 0.05 * 0.99) < 0.015


def test_searches_name_words_of_a_dish_that_is_liked_and_not_reserved() -> None:
    market = plain_market([[0.9, 0.9, 0.1]], [[1, 0, 0]])
    texts = [
        act.text
        for number in range(1000)
        for act in respond(market, 0, [2], Luck.draw(3, number, 0, 20, 3))
        if act.type == "search"
    ]
    assert abs(len(texts) / 1000 - 0.25) < 0.06
    assert {word for text in texts if text for word in text.split()} == {"dish", "1"}


def test_browsing_never_meets_what_is_reserved_and_meets_the_front_of_the_shelf_more_often() -> None:
    market = make_market(0, 300, 120)
    met = np.zeros(120)
    for person in range(300):
        for act in browse(market, person, Luck.draw(0, 0, person, 20, 120)):
            assert act.dish is not None
            assert act.rank is None
            assert not market.reserved[person, act.dish]
            met[act.dish] += act.type == "click"
    share = met / ((~market.reserved) * market.attraction).sum(axis=0)
    front = market.shelf > np.median(market.shelf)
    assert share[front].mean() > 1.2 * share[~front].mean()


# ------------------------------------------------------------------------------------------------ logs


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


# -------------------------------------------------------------------------------------------- measures


def test_gini_of_known_exposures() -> None:
    assert gini(np.full(10, 7)) == 0.0
    assert np.isclose(gini(np.array([0, 0, 0, 12])), 0.75)
    assert gini(np.zeros(4, np.int64)) == 0.0
    counts = np.random.default_rng(0).integers(0, 50, 31)
    naive = sum(abs(int(a) - int(b)) for a in counts for b in counts) / (2 * len(counts) * int(counts.sum()))
    assert np.isclose(gini(counts), naive)


def test_coverage_counts_each_dish_once_and_only_within_the_cut() -> None:
    assert coverage([[0, 1, 2], [1, 0, 3]], 8, 2) == 2 / 8
    assert coverage([[0, 1, 2], [1, 0, 3], []], 8, 3) == 4 / 8


def test_taste_found_agrees_with_a_naive_count() -> None:
    market = make_market(0, 12, 90)
    rng = np.random.default_rng(1)
    lists = [rng.permutation(np.flatnonzero(market.reserved[person])).tolist() for person in range(12)]
    recalls, gains = [], []
    for person, ranked in enumerate(lists):
        wanted = {
            int(dish) for dish in np.flatnonzero(market.reserved[person]) if market.attraction[person, dish] >= 0.5
        }
        if not wanted:
            continue
        hits = [dish in wanted for dish in ranked[:20]]
        recalls.append(sum(hits) / len(wanted))
        ideal = sum(1 / np.log2(rank + 2) for rank in range(min(20, len(wanted))))
        gains.append(sum(hit / np.log2(rank + 2) for rank, hit in enumerate(hits)) / ideal)
    assert 0 < len(recalls) <= 12
    assert np.allclose(taste_found(market, lists, 20), (np.mean(recalls), np.mean(gains)))


def test_the_truth_itself_finds_every_taste() -> None:
    market = make_market(0, 12, 90)
    best = [
        [int(dish) for dish in np.argsort(-market.attraction[person]) if market.reserved[person, dish]]
        for person in range(12)
    ]
    assert taste_found(market, best, 20)[1] == pytest.approx(1.0)


def test_the_best_click_through_is_that_of_the_sorted_truth() -> None:
    market = plain_market([[0.2, 0.9, 0.6], [0.5, 0.1, 0.3]])
    open_to = np.array([[True, True, True], [False, True, True]])
    wanted = ((0.9 + 0.6 * 2**-0.7) + (0.3 + 0.1 * 2**-0.7)) / 2 / 2
    assert best_click_through(market, open_to, 2) == pytest.approx(wanted)


# --------------------------------------------------------------------------------- several simulations


def made_simulation(seed: int, recalls: Sequence[float]) -> Simulation:
    """A result whose recalls are given, the same for all circles."""
    points = tuple(
        Point(number, recall, 0.1, 0.5, 0.8, 0.25, 100 * (number + 1 < len(recalls)), 7, "0123456789ab")
        for number, recall in enumerate(recalls)
    )
    options = SimulationOptions(rounds=len(recalls) - 1, seed=seed)
    return Simulation(options, dict.fromkeys((REBUILT, FIRST, POPULARITY), points), {REBUILT: 5}, 0, (1,))


def test_a_gain_is_the_mean_of_differences_with_its_standard_error() -> None:
    found = gain(np.array([0.1, 0.2, 0.3]), np.array([0.2, 0.4, 0.3]))
    assert found.start == pytest.approx(0.2)
    assert found.end == pytest.approx(0.3)
    assert found.difference == pytest.approx(0.1)
    assert found.standard_error == pytest.approx(0.1 / np.sqrt(3))  # differences .1, .2, 0
    assert gain(np.array([0.1]), np.array([0.3])).to_json()["standard_error"] is None


def test_a_series_has_a_line_per_seed_and_no_number_where_there_is_no_value() -> None:
    both = [made_simulation(0, [0.1, 0.2]), made_simulation(1, [0.3, 0.4])]
    assert series(both, FIRST, "recall").tolist() == [[0.1, 0.2], [0.3, 0.4]]
    clicks = series(both, FIRST, "click_through")
    assert clicks[:, 0].tolist() == [0.07, 0.07]
    assert np.isnan(clicks[:, 1]).all()
    assert series(both, FIRST, "share_of_best")[0, 0] == pytest.approx(0.28)


def test_a_result_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = made_simulation(3, [0.1, 0.25])
    found.write(tmp_path / "simulation.json")
    assert Simulation.read(tmp_path / "simulation.json") == found
    assert [each.name for each in tmp_path.iterdir()] == ["simulation.json"]


def test_the_picture_is_small_and_the_same_each_time(tmp_path: Path) -> None:
    several = [made_simulation(seed, [0.1 + 0.01 * seed, 0.2, 0.3 - 0.02 * seed]) for seed in range(3)]
    for name in ("one.png", "again.png"):
        draw(several, tmp_path / name)
    content = (tmp_path / "one.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) < 100_000
    assert content == (tmp_path / "again.png").read_bytes()
    draw(several[:1], tmp_path / "alone.svg")
    assert b"<svg" in (tmp_path / "alone.svg").read_bytes()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["again.png", "alone.svg", "one.png"]


def test_nothing_is_simulated_into_a_folder_with_other_things(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match=r"expected a new or empty folder, found files in it; choose another"):
        simulate(tmp_path, SimulationOptions(rounds=1, people=10))
    with pytest.raises(InputError, match=r"--rounds 0: expected at least 1"):
        simulate(tmp_path / "new", SimulationOptions(rounds=0))
    assert [each.name for each in tmp_path.iterdir()] == ["letter.txt"]
