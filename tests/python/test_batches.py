"""Batches: seeded, resumable, every user once; which products are compared and what is dropped."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Literal

import numpy as np
import pytest
import scipy.sparse as sp

from seefud.batches import Batch, BatchSource
from seefud.training_recipe import TrainingRecipe

Loss = Literal["nmse", "softmax", "mixed"]
USERS, PRODUCTS, FEATURES = 23, 60, 15
RECIPE = TrainingRecipe(loss="mixed", batch_size=5, negatives=12, token_dropout=0.0, input_dropout=0.0)


def histories(seed: int = 0) -> sp.csr_matrix:
    """Users of up to 5 products; user 7 has none. Every weight names its user: user + 1."""
    rng = np.random.default_rng(seed)
    dense = np.zeros((USERS, PRODUCTS), np.float32)
    for user in range(USERS):
        if user != 7:
            dense[user, rng.permutation(PRODUCTS)[: rng.integers(1, 6)]] = user + 1
    return sp.csr_matrix(dense)


def bags(seed: int = 1) -> sp.csr_matrix:
    return sp.random(PRODUCTS, FEATURES, 0.2, "csr", np.float32, np.random.default_rng(seed))


def source(recipe: TrainingRecipe = RECIPE, features: sp.csr_matrix | None = None, seed: int = 3) -> BatchSource:
    return BatchSource(histories(), features, recipe=recipe, seed=seed)


def same(one: Batch, two: Batch) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(astuple(one), astuple(two), strict=True))


def test_the_same_seed_gives_the_same_batches() -> None:
    one, two = (list(source(features=bags()).epoch(4)) for _ in range(2))
    assert len(one) == 5 == source().steps_per_epoch
    assert all(same(a, b) for a, b in zip(one, two, strict=True))


def test_seed_and_epoch_change_the_order_and_the_negatives() -> None:
    first = next(source().epoch(0))
    for other in (next(source().epoch(1)), next(source(seed=4).epoch(0))):
        assert not np.array_equal(first.target, other.target)
        assert not np.array_equal(first.compared, other.compared)


@pytest.mark.parametrize("first_step", [1, 3, 5])
def test_an_epoch_goes_on_from_a_later_step(first_step: int) -> None:
    dropping = replace(RECIPE, token_dropout=0.5, input_dropout=0.3)
    whole = list(source(dropping, bags()).epoch(2))[first_step:]
    rest = list(source(dropping, bags()).epoch(2, first_step))
    assert len(rest) == len(whole) == 5 - first_step
    assert all(same(a, b) for a, b in zip(rest, whole, strict=True))


@pytest.mark.parametrize("loss", ["nmse", "softmax", "mixed"])
def test_every_user_with_products_comes_once_with_all_of_them(loss: Loss) -> None:
    seen = sp.lil_matrix((USERS, PRODUCTS), dtype=np.float32)
    users: list[int] = []
    for batch in source(replace(RECIPE, loss=loss)).epoch(0):
        assert (np.diff(batch.entry_user) >= 0).all()
        for entry_user in np.unique(batch.entry_user):
            entries = batch.entry_user == entry_user
            names = np.unique(batch.target[entries])
            assert len(names) == 1
            users.append(int(names[0]) - 1)
            seen[users[-1], batch.candidates[batch.entry_candidate[entries]]] = names[0]
    assert sorted(users) == [user for user in range(USERS) if user != 7]
    assert np.array_equal(seen.toarray(), histories().toarray())


@pytest.mark.parametrize("loss", ["softmax", "mixed"])
def test_compared_are_the_batch_own_products_and_distinct_others_that_stand_for_the_rest(loss: Loss) -> None:
    for batch in source(replace(RECIPE, loss=loss)).epoch(0):
        compared = batch.candidates[batch.compared]
        own = np.unique(batch.candidates[batch.entry_candidate])
        is_own = np.isin(compared, own)
        assert len(np.unique(compared)) == len(compared)
        assert np.array_equal(compared[: len(own)], own)
        assert not is_own[len(own) :].any()
        assert 0 < len(compared) - len(own) <= RECIPE.negatives
        assert (batch.log_weights[is_own] == 0).all()
        stand_for = np.exp(batch.log_weights[~is_own].astype(np.float64)).sum()
        assert stand_for == pytest.approx(PRODUCTS - len(own), rel=1e-5)


def test_enough_negatives_mean_all_products_with_no_weight() -> None:
    batch = next(source(replace(RECIPE, loss="softmax", negatives=PRODUCTS)).epoch(0))
    assert batch.compared.tolist() == batch.candidates.tolist() == list(range(PRODUCTS))
    assert not batch.log_weights.any()


def test_zero_negatives_mean_all_products() -> None:
    assert len(next(source(replace(RECIPE, negatives=0)).epoch(0)).compared) == PRODUCTS


def test_the_softmax_alone_needs_only_the_rows_that_it_compares() -> None:
    alone = next(source(replace(RECIPE, loss="softmax")).epoch(0))
    assert len(alone.candidates) == len(alone.compared) < PRODUCTS
    mixed = next(source(replace(RECIPE, loss="mixed")).epoch(0))
    assert len(mixed.candidates) == PRODUCTS


def test_the_squared_error_compares_nothing_and_hides_nothing() -> None:
    batch = next(source(replace(RECIPE, loss="nmse")).epoch(0))
    assert batch.compared.size == batch.log_weights.size == 0
    assert batch.shown.all()


@pytest.mark.parametrize("loss", ["nmse", "softmax"])
def test_features_are_those_of_the_candidates(loss: Loss) -> None:
    features = bags()
    for batch in source(replace(RECIPE, loss=loss), features).epoch(0):
        found = np.zeros((len(batch.candidates), FEATURES), np.float32)
        found[batch.feature_index[:, 0], batch.features[batch.feature_index[:, 1]]] = batch.feature_weight
        assert np.array_equal(found, features[batch.candidates].toarray())
        assert np.array_equal(np.lexsort(batch.feature_index.T[::-1]), np.arange(len(batch.feature_index)))
        assert len(np.unique(batch.features)) == len(batch.features)


def test_without_features_there_are_none() -> None:
    batch = next(source().epoch(0))
    assert batch.features.size == batch.feature_weight.size == 0
    assert batch.feature_index.shape == (0, 2)


def test_a_token_is_dropped_from_every_product_or_from_none() -> None:
    features = sp.csr_matrix(np.ones((PRODUCTS, 400), np.float32))
    recipe = replace(RECIPE, token_dropout=0.25)
    masks = []
    for batch in source(recipe, features).epoch(0):
        weight = np.zeros((PRODUCTS, 400), np.float32)
        weight[batch.feature_index[:, 0], batch.feature_index[:, 1]] = batch.feature_weight
        assert (weight == weight[0]).all()
        masks.append(weight[0])
    assert np.mean(masks) == pytest.approx(0.75, abs=0.05)
    assert not np.array_equal(masks[0], masks[1])  # a new mask at every step


def test_dropping_tokens_does_not_change_the_source() -> None:
    features = bags()
    dropping = source(replace(RECIPE, token_dropout=0.9), features)
    list(dropping.epoch(0))
    assert np.array_equal(features.toarray(), bags().toarray())
    assert all(same(a, b) for a, b in zip(dropping.epoch(0), dropping.epoch(0), strict=True))


def long_histories() -> sp.csr_matrix:
    return sp.csr_matrix(np.ones((20, 200), np.float32))


def test_input_dropout_drops_its_share_and_nothing_where_there_is_text() -> None:
    recipe = replace(RECIPE, loss="nmse", batch_size=20, input_dropout=0.3)
    batch = next(BatchSource(long_histories(), None, recipe=recipe, seed=0).epoch(0))
    assert batch.kept.mean() == pytest.approx(0.7, abs=0.03)
    assert next(source(recipe, bags()).epoch(0)).kept.all()


def test_each_user_hides_a_share_of_its_own() -> None:
    recipe = replace(RECIPE, loss="softmax", batch_size=20, target_share=(0.2, 0.8))
    batch = next(BatchSource(long_histories(), None, recipe=recipe, seed=0).epoch(0))
    hidden = 1 - batch.shown.reshape(20, 200).mean(axis=1)
    assert (hidden > 0.1).all()
    assert (hidden < 0.9).all()
    assert hidden.max() - hidden.min() > 0.3


def test_no_users_make_one_empty_batch_at_most() -> None:
    empty = BatchSource(sp.csr_matrix((4, PRODUCTS), dtype=np.float32), None, recipe=RECIPE, seed=0)
    assert empty.steps_per_epoch == 1
    assert [batch.target.size for batch in empty.epoch(0)] == [0]
