"""New products on validation: what a rule costs and gains against lists measured one by one, and what is chosen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp

from seefud import mixing_selection
from seefud.cold_selection import ColdPlays, text_rows
from seefud.evaluation import evaluate
from seefud.mixed_lists import BestLists, MixedLists
from seefud.mixing import MixedScorer, Mixing
from seefud.mixing_selection import (
    CROWDINGS,
    LOWEST,
    MAX_WARM_LOSS,
    SURE,
    SURE_OF_ROWS,
    WORDS,
    choose_cold_prior,
    choose_mixing,
    chosen_lift,
)
from seefud.model import unit_rows
from seefud.ranking import HistoryScorer
from seefud.split import Split, split_random

Rows = npt.NDArray[np.float32]
BLOCKS, SIZE = 5, 40
PRODUCTS = BLOCKS * SIZE


def rows(seed: int = 0) -> Rows:
    """Rows near an axis per block."""
    noise = np.random.default_rng(seed).normal(size=(PRODUCTS, 16))
    return unit_rows((np.repeat(np.eye(BLOCKS, 16), SIZE, axis=0) + 0.15 * noise).astype(np.float32))


def bags() -> sp.csr_matrix:
    """Every product's text names its block; every second one says something else besides."""
    dense = np.zeros((PRODUCTS, BLOCKS + 10), np.float32)
    dense[np.arange(PRODUCTS), np.arange(PRODUCTS) // SIZE] = 1.0
    dense[np.arange(0, PRODUCTS, 2), BLOCKS + np.arange(0, PRODUCTS, 2) % 10] = 1.0
    return sp.csr_matrix(dense)


def market() -> Split:
    """Every user draws from two blocks, far more products than a list has places."""
    rng = np.random.default_rng(0)
    dense = np.zeros((300, PRODUCTS), np.float32)
    for user in range(300):
        block = np.concatenate([np.arange(SIZE) + (user + step) % BLOCKS * SIZE for step in (0, 1)])
        dense[user, rng.choice(block, 12, replace=False)] = 1.0
    return split_random(sp.csr_matrix(dense), 0.25, seed=1)


@pytest.fixture(scope="module")
def plays() -> ColdPlays:
    return ColdPlays.draw(market())


def lists_of(plays: ColdPlays, prior: Rows, draw: int = 0, k: int = 20) -> MixedLists:
    scorer, played = HistoryScorer(rows(), plays.train), plays.played[draw]
    warm = np.diff(plays.train.tocsc().indptr) > 0
    users = np.arange(plays.train.shape[0])
    parts = ((plays.warm_held, warm), (plays.cold_held[draw], played))
    return MixedLists(*(BestLists.take(scorer, (rows(), prior), plays.train, *part, users, k) for part in parts))


@pytest.mark.parametrize("mixing", [Mixing(), Mixing(0.1, 0.03), Mixing(0.2, 0.1), Mixing(-0.3, 0.0)])
@pytest.mark.parametrize("k", [3, 20])
def test_an_outcome_is_what_full_rankings_say(plays: ColdPlays, mixing: Mixing, k: int) -> None:
    prior = (0.05 * np.random.default_rng(2).normal(size=PRODUCTS)).astype(np.float32)
    played = plays.played[0]
    warm = np.diff(plays.train.tocsc().indptr) > 0
    scorer = MixedScorer(rows(), plays.train, prior, played, mixing, k)

    def recall(held: sp.csr_matrix, candidates: npt.NDArray[np.bool_]) -> float:
        return evaluate(scorer, plays.train, held, ks=(k,), candidates=candidates, bootstrap=0)[f"recall@{k}"]

    found = lists_of(plays, prior, k=k).outcome(mixing)
    alone, mixed = recall(plays.warm_held, warm), recall(plays.warm_held, warm | played)
    assert found.warm_loss == pytest.approx(1 - mixed / alone, abs=1e-6)
    assert found.cold_recall == pytest.approx(recall(plays.cold_held[0], warm | played), abs=1e-6)


def test_raising_every_new_product_is_a_larger_lift(plays: ColdPlays) -> None:
    lists = lists_of(plays, np.zeros(PRODUCTS, np.float32))
    assert lists.outcome(Mixing(0.0, 0.05), 0.2) == lists.outcome(Mixing(0.2, 0.05), 0.0)


def test_the_standard_error_is_that_of_a_sum_over_new_products(plays: ColdPlays) -> None:
    lists = lists_of(plays, np.zeros(PRODUCTS, np.float32))
    mixing = Mixing(0.1, 0.05)
    found = lists.outcome(mixing)
    cost = np.zeros(PRODUCTS)
    alone = lists.warm.found.sum()
    for user in range(len(lists.warm.scores)):
        boosted = lists.new.scores[user] + mixing.boosts(20)
        inside = [r for r in range(20) if boosted[r] > lists.warm.scores[user][19 - r]]
        lost = lists.warm.found[user][20 - len(inside) :].sum() if inside else 0.0
        for r in inside:
            cost[lists.new.rows[user][r]] += lost / len(inside) / alone
    own = cost[plays.played[0]]
    assert found.warm_loss == pytest.approx(own.sum())
    assert found.standard_error == pytest.approx(own.std(ddof=1) * np.sqrt(len(own)))


def test_the_chosen_rule_is_the_best_at_the_allowed_cost(plays: ColdPlays) -> None:
    choice = choose_mixing(rows(), bags(), 0.05, 1.0, plays)
    assert {(entry["words"], entry["crowding"]) for entry in choice.evidence} == {
        (w, c) for w in WORDS for c in CROWDINGS
    }
    for entry in choice.evidence:
        assert entry["warm_loss"] + SURE * entry["standard_error"] <= MAX_WARM_LOSS
    assert choice.evidence[0]["cold_recall@20"] == max(entry["cold_recall@20"] for entry in choice.evidence) > 0
    assert choice.value == choice.evidence[0]["crowding"]
    assert f"{MAX_WARM_LOSS:.1%}" in choice.rule


def test_the_rule_that_ships_gives_the_measured_lists(plays: ColdPlays) -> None:
    """Words, prior and lift together place new products where the evidence says."""
    mixing = choose_mixing(rows(), bags(), 0.05, 1.0, plays)
    best = mixing.evidence[0]
    cold = choose_cold_prior(rows(), bags(), 0.05, 1.0, best["words"], plays)
    rule = Mixing(chosen_lift(mixing, cold, bags(), plays), mixing.value)
    texts = text_rows(rows(), bags(), 1.0, plays)
    counts = np.diff(plays.train.tocsc().indptr)
    warm = counts > 0
    base = (0.05 * mixing_selection.popularity_z(counts)).astype(np.float32)
    of_new = cold.value + best["words"] * np.log1p(np.asarray(bags().sum(axis=1)).ravel())
    recalls = []
    for played, held in zip(plays.played, plays.cold_held, strict=True):
        prior = np.where(played, of_new, base).astype(np.float32)
        scorer = MixedScorer(texts, plays.train, prior, played, rule)
        found = evaluate(scorer, plays.train, held, ks=(20,), candidates=warm | played, bootstrap=0)
        recalls.append(found["recall@20"])
    assert np.mean(recalls) == pytest.approx(best["cold_recall@20"], abs=1e-3)


@pytest.mark.parametrize("words", [0.0, 0.1])
def test_the_cold_prior_is_the_largest_that_costs_no_more_than_allowed(plays: ColdPlays, words: float) -> None:
    choice = choose_cold_prior(rows(), bags(), 0.1, 1.0, words, plays)
    measured = sorted(choice.evidence, key=lambda entry: entry["prior"])
    cost = [entry["warm_loss"] + SURE_OF_ROWS * entry["standard_error"] for entry in measured]
    below = [entry["prior"] for entry, each in zip(measured, cost, strict=True) if each <= MAX_WARM_LOSS]
    above = [entry["prior"] for entry, each in zip(measured, cost, strict=True) if each > MAX_WARM_LOSS]
    assert choice.value == max(below)
    assert 0 < min(above) - choice.value < 0.002  # the bisection came to its end
    recalls = [entry["cold_recall@20"] for entry in measured]
    assert recalls == sorted(recalls)


def test_the_limit_decides(plays: ColdPlays, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = choose_cold_prior(rows(), bags(), 0.0, 1.0, 0.0, plays).value
    monkeypatch.setattr(mixing_selection, "MAX_WARM_LOSS", 10.0)
    assert choose_cold_prior(rows(), bags(), 0.0, 1.0, 0.0, plays).value == 0.0, "never above the mean prior"
    monkeypatch.setattr(mixing_selection, "MAX_WARM_LOSS", 0.0)
    strict = choose_cold_prior(rows(), bags(), 0.0, 1.0, 0.0, plays)
    assert strict.value < usual < 0
    assert all(entry["warm_loss"] == 0 for entry in strict.evidence if entry["prior"] <= strict.value)


def test_without_text_new_products_get_the_least_prior_of_the_others(plays: ColdPlays) -> None:
    without = bags()[:, :0]
    cold, mixing = (
        choose_cold_prior(rows(), without, 0.1, 1.0, 0.0, plays),
        choose_mixing(rows(), without, 0.1, 1.0, plays),
    )
    counts = np.diff(plays.train.tocsc().indptr)
    least = 0.1 * mixing_selection.popularity_z(counts)[counts > 0].min()
    assert (cold.value, mixing.value, mixing.evidence) == (pytest.approx(least), 0.0, ())
    assert choose_cold_prior(rows(), without, 0.0, 1.0, 0.0, plays).value == 0.0
    assert "no text" in cold.rule
    assert "no text" in mixing.rule
    assert chosen_lift(mixing, cold, without, plays) == 0.0


def test_too_little_data_choose_the_cautious_values() -> None:
    one = sp.csr_matrix(([1.0], ([0], [0])), shape=(1, PRODUCTS), dtype=np.float32)
    plays = ColdPlays.draw(Split(one, sp.csr_matrix((1, PRODUCTS), dtype=np.float32)))
    cold, mixing = (
        choose_cold_prior(rows(), bags(), 0.0, 1.0, 0.0, plays),
        choose_mixing(rows(), bags(), 0.0, 1.0, plays),
    )
    assert (cold.value, mixing.value, mixing.evidence) == (LOWEST, 0.0, ())
    assert "too few" in cold.rule
    assert "too few" in mixing.rule
