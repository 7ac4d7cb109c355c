"""A new model on logged lists: a naive second computation, simulated logs whose truth is known, and refusals."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest

from python.feedback_market import FeedbackMarket, logged, new_lists, true_difference
from seefud.arrays import Array
from seefud.errors import InputError
from seefud.feedback.logged_lists import LoggedLists
from seefud.feedback.position_bias import PositionBias, position_bias
from seefud.feedback.replay import FEWEST_PEOPLE, LEAST_OVERLAP, Replay, replay
from seefud.feedback.replay_counts import CLIP, NewLists, ReplayCounts
from seefud.feedback.reranking import lists_to_replay

OLD, OTHER = "00000000000a", "00000000000b"
K = 5


def known_bias(examination: Array, replicates: int = 200) -> PositionBias:
    """Examination that is given, rank by rank, and the same in every resample."""
    examination = np.asarray(examination, np.float64)
    first = np.arange(1, examination.size + 1)
    every = np.tile(examination, (replicates, 1))
    return PositionBias("product", None, first, examination, examination, examination, 1, every)


def naively(lists: LoggedLists, new: NewLists, examination: Array, k: int) -> dict[str, float]:
    """The formulas of the module, one list and one product at a time."""
    looks = [float("nan"), *examination.tolist()]
    slots = clicks = new_clicks = new_looks = old_clicks = old_looks = 0.0
    for number in new.lists.tolist():
        places = np.flatnonzero(lists.list_of == number)
        shown = set(lists.rank[places].tolist())
        for place in places:
            rank, there, clicked = int(lists.rank[place]), int(new.rank[place]), float(lists.clicked[place])
            if rank <= k:
                slots += looks[rank]
                clicks += clicked
            if there == 0 or there not in shown:
                continue
            if there <= k:
                weight = min(CLIP, looks[there] / looks[rank])
                new_clicks += weight * clicked
                new_looks += weight * looks[rank]
            if rank <= k:
                old_clicks += clicked
                old_looks += looks[rank]
    count = len(new.lists)
    found = {
        "logged": clicks / count,
        "old": slots / count * old_clicks / old_looks,
        "new": slots / count * new_clicks / new_looks,
        "sure": (new_clicks - clicks) / count,
    }
    return {**found, "difference": found["new"] - found["old"]}


@pytest.mark.parametrize("k", [1, 3, 5, 8])
@pytest.mark.parametrize("seed", range(3))
def test_the_estimates_are_what_the_formulas_say(seed: int, k: int) -> None:
    """Steep looks, so that some weights are clipped; lists with gaps; only some of them replayed."""
    market = FeedbackMarket.make(seed, people=30, products=20, length=8, steepness=2.0)
    lists = logged(market, {OLD: market.model(1, 1.0), OTHER: market.model(2, 1.0)}, 5, rounds=2, restless=0.5)
    kept = np.random.default_rng(seed).random(lists.rank.size) < 0.9
    names = ("list_of", "product", "rank", "score", "clicked", "converted")
    lists = replace(lists, **{name: getattr(lists, name)[kept] for name in names})
    new = new_lists(market, lists, market.model(3, 0.5))
    chosen = np.flatnonzero(lists.list_model == 0)
    new = NewLists(chosen, np.where(lists.list_model[lists.list_of] == 0, new.rank, 0))
    found = replay(lists, new, known_bias(market.examination), k)
    for name, value in naively(lists, new, market.examination, k).items():
        assert getattr(found, name).value == pytest.approx(value, rel=1e-9), name
    assert (found.lists, found.people) == (chosen.size, 30)
    assert found.clipped is not None
    assert found.clipped > 0 or k == 8
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["new"]["value"] == found.new.value


def test_the_logged_order_itself_is_worth_what_was_clicked() -> None:
    market = FeedbackMarket.make(1, people=60)
    lists = logged(market, {OLD: market.model(1, 1.0)}, 5, restless=0.5)
    found = replay(lists, NewLists(np.arange(lists.lists), lists.rank), position_bias(lists), K)
    assert found.overlap == 1
    per_list = lists.clicked[lists.rank <= K].sum() / lists.lists
    for each in (found.logged, found.old, found.new):
        assert each.value == pytest.approx(per_list)
    assert found.difference.value == pytest.approx(0, abs=1e-12)
    assert found.sure.value == pytest.approx(0, abs=1e-12)
    assert (found.verdict, found.clipped) == ("not decided", 0)


def test_weights_are_clipped() -> None:
    """A product that comes from rank 30 to rank 1 counts its click ten times, not thirty."""
    lists = one_list(30)
    rank = np.roll(np.arange(1, 31), -1)
    rank[-1], rank[:-1] = 1, np.arange(2, 31)
    lists = replace(lists, clicked=np.arange(30) == 29)
    found = replay(lists, NewLists(np.array([0]), rank), known_bias(1.0 / np.arange(1, 31)), 1)
    assert found.sure.value == pytest.approx(CLIP)
    assert found.clipped == 1


def test_a_rank_that_was_not_shown_is_not_filled() -> None:
    """The list showed its ranks 1 and 3 only; the new model's second product would not have been seen."""
    lists = one_list(2)
    lists = replace(lists, rank=np.array([1, 3]), clicked=np.array([True, True]))
    found = replay(lists, NewLists(np.array([0]), np.array([2, 1])), known_bias(np.ones(3)), 3)
    assert found.overlap == 0.5
    assert found.sure.value == pytest.approx(1 - 2)


def one_list(length: int) -> LoggedLists:
    """One person, one list."""
    zeros = np.zeros(1, np.int64)
    return LoggedLists(
        users=("ann",),
        models=(OLD,),
        products=tuple(map(str, range(length))),
        list_user=zeros,
        list_model=zeros,
        list_time=np.zeros(1),
        list_of=np.zeros(length, np.int64),
        product=np.arange(length),
        rank=np.arange(1, length + 1),
        score=np.zeros(length),
        clicked=np.zeros(length, np.bool_),
        converted=np.zeros(length, np.bool_),
    )


# ---- logs whose truth is known

KINDS = ("better", "equal", "worse")
SEEDS = 14


@dataclass(frozen=True)
class Trial:
    """One log and one new model.

    Attributes:
        found: the estimate.
        truth: what the difference estimates, from likings instead of clicks.
        gain: the whole truth, in clicks per list: worth of the new model less that of the logged lists.
    """

    found: Replay
    truth: float
    gain: float


@pytest.fixture(scope="module")
def trials() -> dict[str, list[Trial]]:
    """A model that sees nearly the truth, another one as noisy as the logged one, and that one damaged."""
    found: dict[str, list[Trial]] = {name: [] for name in KINDS}
    for seed in range(SEEDS):
        market = FeedbackMarket.make(seed, people=500, products=40)
        old = market.model(seed + 100, 1.0)
        lists = logged(market, {OLD: old}, seed + 200, rounds=8, restless=0.5)
        bias = position_bias(lists)
        top = lists.rank <= K
        shown = (market.liking[lists.user, lists.product] * market.examination[lists.rank - 1])[top].sum() / lists.lists
        damage = np.random.default_rng(seed + 3000).normal(0, 2, old.shape)
        models = (market.model(seed + 1000, 0.1), market.model(seed + 2000, 1.0), old + damage)
        for name, scores in zip(KINDS, models, strict=True):
            new = new_lists(market, lists, scores)
            truth, gain = true_difference(market, lists, new, K), market.worth(scores, K) - shown
            found[name].append(Trial(replay(lists, new, bias, K), truth, gain))
    return found


def every(trials: dict[str, list[Trial]]) -> list[Trial]:
    return [trial for group in trials.values() for trial in group]


@pytest.mark.slow
def test_intervals_cover_the_truth_at_their_rate(trials: dict[str, list[Trial]]) -> None:
    """42 intervals of 95 %: fewer than 36 would happen once in a hundred suites."""
    covered = 0
    for each in every(trials):
        low, high = each.found.difference.low, each.found.difference.high
        assert low is not None
        assert high is not None
        covered += low <= each.truth <= high
    assert covered >= 36


def test_with_known_looks_the_estimate_has_no_bias() -> None:
    """The same lists, 200 times clicked anew."""
    market = FeedbackMarket.make(1, people=200)
    lists = logged(market, {OLD: market.model(101, 1.0)}, 201, restless=0.5)
    new = new_lists(market, lists, market.model(1001, 0.1))
    chance = market.liking[lists.user, lists.product] * market.examination[lists.rank - 1]
    rng = np.random.default_rng(1)
    found = []
    for _ in range(200):
        clicked = replace(lists, clicked=rng.random(chance.size) < chance)
        counts = ReplayCounts.of(clicked, new, known_bias(market.examination, 2), K)
        found.append(counts.figures(market.examination, np.ones(200))["difference"])
    error = np.std(found, ddof=1) / np.sqrt(200)
    assert error < 0.01
    assert abs(np.mean(found) - true_difference(market, lists, new, K)) < 3 * error


@pytest.mark.slow
def test_fitted_looks_add_little_bias(trials: dict[str, list[Trial]]) -> None:
    """Less than half a standard error, as a ratio may have; the mean over logs has a chance error of its own."""
    for name, group in trials.items():
        fitted = [each.found.difference for each in group]
        bias = np.mean([each.value or 0.0 for each in fitted]) - np.mean([each.truth for each in group])
        error = np.mean([(each.high or 0.0) - (each.low or 0.0) for each in fitted]) / 3.92
        assert abs(bias) < (0.5 + 2 / np.sqrt(SEEDS)) * error, name


@pytest.mark.slow
def test_what_is_estimated_points_to_the_better_model(trials: dict[str, list[Trial]]) -> None:
    """It is smaller than the whole truth, for it leaves out what only one of the lists holds."""
    for name, sign in (("better", 1), ("worse", -1)):
        assert all(np.sign(each.gain) == sign for each in trials[name])
        assert all(np.sign(each.truth) == sign for each in trials[name])
        assert np.mean([abs(each.truth) for each in trials[name]]) < np.mean([abs(each.gain) for each in trials[name]])


@pytest.mark.slow
def test_verdicts(trials: dict[str, list[Trial]]) -> None:
    verdicts = {name: [each.found.verdict for each in group] for name, group in trials.items()}
    assert verdicts["better"].count("better") >= 0.9 * SEEDS
    assert "worse" not in verdicts["better"]
    assert "better" not in verdicts["worse"]
    assert verdicts["worse"].count("worse") >= 0.4 * SEEDS
    assert verdicts["equal"].count("not decided") >= 0.8 * SEEDS


@pytest.mark.slow
def test_the_lower_bound_is_one(trials: dict[str, list[Trial]]) -> None:
    for each in every(trials):
        assert each.found.sure.low is not None
        assert each.found.sure.low < each.gain


# ---- no decision


def small_log(people: int) -> tuple[FeedbackMarket, LoggedLists]:
    market = FeedbackMarket.make(3, people=people)
    return market, logged(market, {OLD: market.model(1, 1.0)}, 5, rounds=8, restless=0.5)


def test_a_model_that_shows_other_products_gets_no_verdict() -> None:
    """Of its first five products the lists showed one, the best of theirs."""
    market, lists = small_log(200)
    liking = market.liking[lists.user, lists.product]
    best = np.lexsort((-liking, lists.list_of)).reshape(lists.lists, -1)[:, :1]
    rank = np.zeros(lists.rank.size, np.int64)
    rank[best[:, 0]] = 1
    found = replay(lists, NewLists(np.arange(lists.lists), rank), known_bias(market.examination), K)
    assert found.overlap is not None
    assert found.overlap < LEAST_OVERLAP
    assert found.verdict == "not decided"
    assert found.reason == (
        f"only 20% of the new model's products were shown in these lists, at least {LEAST_OVERLAP:.0%} are needed; the "
        "log cannot speak for the others"
    )


def test_few_people_get_no_verdict() -> None:
    market, lists = small_log(FEWEST_PEOPLE - 1)
    found = replay(lists, new_lists(market, lists, market.model(2, 0.0)), known_bias(market.examination), K)
    assert (found.verdict, found.reason) == ("not decided", "only 19 people; at least 20 are needed")
    alone = replay(one_list(3), NewLists(np.array([0]), np.array([3, 1, 2])), known_bias(np.ones(3)), K)
    assert (alone.difference.value, alone.difference.low) == (0, None)
    assert alone.reason == "only 1 people; at least 20 are needed"


def test_without_examination_there_is_no_verdict() -> None:
    market, lists = small_log(30)
    unknown = position_bias(replace(lists, clicked=np.zeros_like(lists.clicked)))
    found = replay(lists, new_lists(market, lists, market.model(2, 0.0)), unknown, K)
    assert found.verdict == "not decided"
    assert found.reason == "how much lower ranks are looked at is not known: no shown product was clicked"
    assert found.difference.value is None
    nothing = replay(lists, NewLists(np.empty(0, np.int64), np.zeros_like(lists.rank)), position_bias(lists), K)
    assert (nothing.lists, nothing.reason) == (0, "no list to try it on has a time")


def test_no_common_product_with_a_click_gets_no_verdict() -> None:
    """Half of each list is in the new one, and nobody ever clicked that half's products at its ranks."""
    market, lists = small_log(30)
    half = np.where(lists.rank <= 4, 0, lists.rank - 4)
    lists = replace(lists, clicked=lists.clicked & (lists.rank <= 4))
    found = replay(lists, NewLists(np.arange(lists.lists), half), known_bias(market.examination), 4)
    assert (found.overlap, found.old.value) == (1, None)
    assert (found.verdict, found.reason) == ("not decided", "too few clicks on products that both lists hold")


def test_k_must_be_positive() -> None:
    _, lists = small_log(30)
    with pytest.raises(InputError, match="k is 0; expected at least 1 rank that counts"):
        replay(lists, NewLists(np.arange(lists.lists), lists.rank), position_bias(lists), 0)


# ---- which lists


def test_lists_to_replay_are_those_of_drawn_people() -> None:
    _, lists = small_log(50)
    assert lists_to_replay(lists).tolist() == list(range(400))
    timeless = replace(lists, list_time=np.where(np.arange(400) < 3, np.nan, lists.list_time))
    assert lists_to_replay(timeless).tolist() == list(range(3, 400))
    some = lists_to_replay(lists, most=100)
    assert some.size == 96
    assert np.unique(lists.list_user[some]).size == 12
    assert some.tolist() == lists_to_replay(lists, most=100).tolist()
    assert lists_to_replay(lists, most=1).size == 8


def test_lists_to_replay_may_be_of_one_model() -> None:
    market = FeedbackMarket.make(3, people=5)
    lists = logged(market, {"": market.model(1, 1.0), OLD: market.model(2, 1.0)}, 5)
    assert lists.list_model[lists_to_replay(lists, against=OLD)].tolist() == [1] * 20
    with pytest.raises(InputError) as caught:
        lists_to_replay(lists, against=OTHER)
    assert str(caught.value) == (
        f"--against {OTHER}: no list is of this model; the models of the lists are (none named), {OLD}"
    )
