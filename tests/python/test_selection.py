"""Choices on data whose right choice is known: popularity alone, taste alone, newest first, cold last."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp

from seefud.cold_selection import (
    PLAYED_SHARE,
    PLAYS,
    RIDGES,
    ColdPlays,
    choose_ridge,
)
from seefud.fitting import RIDGE
from seefud.model import unit_rows
from seefud.selection import choose_popularity, choose_recency, measure_rows, ndcg_on
from seefud.shrinkage import shrunk
from seefud.split import Split, split_random

Rows = npt.NDArray[np.float32]
BLOCKS, SIZE = 5, 20
PRODUCTS = BLOCKS * SIZE


def random_rows(seed: int = 0, dimension: int = 16) -> Rows:
    return unit_rows(np.random.default_rng(seed).normal(size=(PRODUCTS, dimension)).astype(np.float32))


def block_rows(noise: float = 0.3, seed: int = 0) -> Rows:
    """Rows near an axis per block."""
    rows = np.repeat(np.eye(BLOCKS, 16), SIZE, axis=0)
    return unit_rows((rows + noise * np.random.default_rng(seed).normal(size=rows.shape) / 4).astype(np.float32))


def drawn(users: int, of: int, weights: npt.NDArray[np.float64], seed: int = 0) -> sp.csr_matrix:
    """So many products per user, drawn by a user's weights [users, products]."""
    rng = np.random.default_rng(seed)
    dense = np.zeros((users, PRODUCTS), np.float32)
    for user in range(users):
        chance = weights[user] / weights[user].sum()
        dense[user, rng.choice(PRODUCTS, of, replace=False, p=chance)] = 1.0
    return sp.csr_matrix(dense)


def popularity_data() -> Split:
    """Everybody draws from one falling popularity: nothing else can be learnt."""
    weights = np.tile(1.0 / np.arange(1, PRODUCTS + 1), (300, 1))
    return split_random(drawn(300, 8, weights), 0.25, seed=1)


def taste_data() -> Split:
    """Every user draws evenly from one block, all blocks have as many users: popularity is noise."""
    weights = np.zeros((300, PRODUCTS))
    for user in range(300):
        weights[user, (user % BLOCKS) * SIZE : (user % BLOCKS + 1) * SIZE] = 1.0
    return split_random(drawn(300, 8, weights), 0.25, seed=1)


def wide_data() -> Split:
    """Every user draws from two blocks, twice as many products as a list has places."""
    weights = np.zeros((300, PRODUCTS))
    for user in range(300):
        for block in (user % BLOCKS, (user + 1) % BLOCKS):
            weights[user, block * SIZE : (block + 1) * SIZE] = 1.0
    return split_random(drawn(300, 8, weights), 0.25, seed=1)


def test_popularity_data_choose_a_prior() -> None:
    split = popularity_data()
    choice = choose_popularity(random_rows(), split.train, split.held)
    assert choice.value > 0
    chosen = choice.evidence[0]
    assert chosen["beta"] == choice.value
    assert chosen["gain"] > chosen["standard_error"] > 0
    assert chosen["ndcg@20"] == max(entry["ndcg@20"] for entry in choice.evidence)


def test_taste_data_without_popularity_choose_none() -> None:
    split = taste_data()
    choice = choose_popularity(block_rows(), split.train, split.held)
    assert choice.value == 0.0
    assert (choice.evidence[0]["beta"], choice.evidence[0]["taste"], choice.evidence[0]["gain"]) == (0.0, 1.0, 0.0)


def test_where_taste_is_noise_its_weight_falls_beside_the_largest_beta() -> None:
    split = popularity_data()
    choice = choose_popularity(random_rows(), split.train, split.held, betas=(0.0, 0.05))
    assert choice.value == 0.05
    assert choice.evidence[0]["taste"] < 1.0


def test_shrunk_rows_stay_unit_and_their_differences_shrink() -> None:
    # The rows leave one direction free, so that nothing is given up for the common one.
    rows = np.repeat(np.eye(BLOCKS, 6, dtype=np.float32), 2, axis=0)
    rows[3] = 0.0
    found = shrunk(rows, 0.25)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), np.linalg.norm(rows, axis=1), atol=1e-6)
    known = np.delete(np.arange(len(rows)), 3)
    expected = 0.25 * rows[known] @ rows[known].T + 0.75
    np.testing.assert_allclose(found[known] @ found[known].T, expected, atol=1e-6)
    assert shrunk(rows, 1.0) is rows


def test_a_gain_within_one_standard_error_is_none() -> None:
    split = taste_data()
    # With rows that know nothing, a little prior wins or loses by chance; what is kept must be more than chance.
    choice = choose_popularity(random_rows(), split.train, split.held, betas=(0.0, 1e-4))
    entry = max(choice.evidence, key=lambda each: each["ndcg@20"])
    assert (choice.value > 0) == (entry["gain"] > max(entry["standard_error"], 0))


def test_evidence_names_every_candidate_and_is_json() -> None:
    split = taste_data()
    choice = choose_popularity(block_rows(), split.train, split.held, betas=(0.0, 0.1, 1.0))
    assert [entry["beta"] for entry in choice.evidence if entry["taste"] == 1.0] == [0.0, 0.1, 1.0]
    assert json.loads(json.dumps(choice.to_json(), allow_nan=False)) == choice.to_json()
    assert choice.to_json().keys() == {"value", "rule", "evidence"}


def test_early_stopping_measures_taste() -> None:
    split = taste_data()
    assert ndcg_on(block_rows(), split.train, split.held) > 2 * ndcg_on(random_rows(), split.train, split.held)


def test_measure_rows_takes_another_history_for_the_profile() -> None:
    split = taste_data()
    nothing = sp.csr_matrix(split.train.shape, dtype=np.float32)
    with_history = measure_rows(block_rows(), None, split.train, split.held)["ndcg@20"]
    without = measure_rows(block_rows(), None, split.train, split.held, history=nothing)["ndcg@20"]
    assert with_history > 2 * without


def moving_taste(*, moving: bool) -> tuple[sp.csr_matrix, sp.csr_matrix, sp.csr_matrix]:
    """Users of ten products of an old block and three of a new one; held are products of the new one, or of the old."""
    rng = np.random.default_rng(3)
    train, held = np.zeros((200, PRODUCTS), np.float32), np.zeros((200, PRODUCTS), np.float32)
    times = np.zeros((200, PRODUCTS))
    for user in range(200):
        old, new = rng.permutation(BLOCKS)[:2]
        before, after = (block * SIZE + rng.permutation(SIZE) for block in (old, new))
        train[user, before[:10]] = train[user, after[:3]] = 1.0
        times[user, before[:10]] = 1e9
        times[user, after[:3]] = 1e9 + 400 * 86_400
        held[user, after[3:6] if moving else before[10:13]] = 1.0
    matrix = sp.csr_matrix(train)
    stored = sp.csr_matrix((times[matrix.nonzero()], matrix.indices, matrix.indptr), shape=matrix.shape)
    return matrix, stored, sp.csr_matrix(held)


@pytest.mark.parametrize("moving", [True, False])
def test_recency_is_chosen_where_taste_moves_on(moving: bool) -> None:
    train, times, held = moving_taste(moving=moving)
    choice = choose_recency(block_rows(), np.zeros(PRODUCTS, np.float32), train, times, held)
    assert choice.value == float(moving)
    assert [entry["fading"] for entry in choice.evidence] == [0.0, 1.0]
    assert (choice.evidence[1]["ndcg@20"] > choice.evidence[0]["ndcg@20"]) == moving


def block_tokens(noise_tokens: int = 10) -> sp.csr_matrix:
    """Every product's text names its block, and something else."""
    dense = np.zeros((PRODUCTS, BLOCKS + noise_tokens), np.float32)
    dense[np.arange(PRODUCTS), np.arange(PRODUCTS) // SIZE] = 1.0
    dense[np.arange(PRODUCTS), BLOCKS + np.arange(PRODUCTS) % noise_tokens] = 1.0
    return sp.csr_matrix(dense)


def test_the_ridge_is_the_best_of_its_evidence() -> None:
    choice = choose_ridge(block_rows(), block_tokens(), ColdPlays.draw(taste_data()))
    assert [entry["ridge"] for entry in choice.evidence] == list(RIDGES)
    best = max(entry["ndcg@20"] for entry in choice.evidence)
    assert next(entry for entry in choice.evidence if entry["ridge"] == choice.value)["ndcg@20"] == best


def test_too_little_data_choose_the_cautious_values() -> None:
    one = sp.csr_matrix(([1.0], ([0], [0])), shape=(1, PRODUCTS), dtype=np.float32)
    plays = ColdPlays.draw(Split(one, sp.csr_matrix((1, PRODUCTS), dtype=np.float32)))
    assert not plays.measurable
    assert choose_ridge(block_rows(), block_tokens(), plays).value == RIDGE


def test_without_text_there_is_no_ridge_to_choose() -> None:
    choice = choose_ridge(block_rows(), block_tokens()[:, :0], ColdPlays.draw(taste_data()))
    assert (choice.value, choice.evidence) == (RIDGE, ())
    assert "no text" in choice.rule


def test_products_that_play_cold_are_in_no_history() -> None:
    split = wide_data()
    plays = ColdPlays.draw(split, seed=4)
    assert len(plays.played) == PLAYS
    known = np.diff(split.train.tocsc().indptr) > 0
    assert [int(mask.sum()) for mask in plays.played] == [int(known.sum() * PLAYED_SHARE)] * PLAYS
    assert not (plays.played[0] & plays.played[1]).any()
    for mask, held in zip(plays.played, plays.cold_held, strict=True):
        assert plays.train[:, mask].nnz == plays.warm_held[:, mask].nnz == 0
        assert held[:, ~mask].nnz == 0
        # Every interaction with them is to be found again, whichever half it was in.
        assert held.nnz == split.train[:, mask].nnz + split.held[:, mask].nnz
    untouched = ~np.any(plays.played, axis=0)
    assert plays.train.nnz == split.train[:, untouched].nnz
    assert plays.warm_held.nnz == split.held[:, untouched].nnz


def test_users_with_nothing_but_products_that_play_cold_are_not_asked() -> None:
    split = taste_data()
    first = np.flatnonzero(ColdPlays.draw(split).played[0])[:1]
    train = split.train.tolil()
    train[0] = 0
    train[0, first] = 1.0
    plays = ColdPlays.draw(Split(sp.csr_matrix(train), split.held))
    assert plays.train.shape[0] == plays.warm_held.shape[0] == split.train.shape[0] - 1
    assert (np.diff(plays.train.indptr) > 0).all()
