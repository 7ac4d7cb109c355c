"""The length of the vectors: longer ones are taken where validation gains by them, and only there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.dimension_selection import FEW_PRODUCTS, WORTH, candidate_dimensions, choose_dimension
from seefud.experiment import Experiment
from seefud.model import Kind
from seefud.selection import ndcg_on
from seefud.split import Split, split_random
from seefud.training_recipe import TrainingRecipe

BLOCKS, SIZE, USERS = 24, 8, 600
RECIPE = TrainingRecipe(epochs=12, batch_size=64, validation_interval=4, input_dropout=0.2)


def many_tastes() -> Split:
    """Everybody has five products of one of 24 blocks: as many directions, which 4 numbers cannot hold."""
    rng = np.random.default_rng(0)
    dense = np.zeros((USERS, BLOCKS * SIZE), np.float32)
    for user in range(USERS):
        dense[user, (user % BLOCKS) * SIZE + rng.choice(SIZE, 5, replace=False)] = 1.0
    return split_random(sp.csr_matrix(dense), 0.3, seed=1)


def block_rows(dimension: int) -> Array:
    """Rows of 24 blocks on the axes of so few or many dimensions; with fewer than 24 some share an axis."""
    return np.repeat(np.eye(dimension, dtype=np.float32)[np.arange(BLOCKS) % dimension], SIZE, axis=0)


def without_text(dimensions: tuple[int, ...]) -> Experiment:
    return Experiment(sp.csr_matrix((BLOCKS * SIZE, 0), dtype=np.float32), Kind.HYBRID, dimensions)


def test_longer_vectors_are_taken_where_they_hold_more() -> None:
    split = many_tastes()
    short, long = block_rows(2), block_rows(24)
    choice = choose_dimension((short, long), split.train, split.held)
    measured = [ndcg_on(rows, split.train, split.held) for rows in (short, long)]
    assert choice.value == 24
    assert [entry["dimension"] for entry in choice.evidence] == [24, 2], "the chosen one first"
    assert [entry["ndcg@20"] for entry in choice.evidence] == pytest.approx(measured[::-1])
    assert choice.evidence[0]["gain"] == pytest.approx(measured[1] - measured[0])
    assert choice.evidence[0]["gain"] > choice.evidence[0]["standard_error"] > 0


def test_equal_vectors_stay_short() -> None:
    split = many_tastes()
    short = block_rows(24)
    long = np.pad(short, ((0, 0), (0, 24)))
    choice = choose_dimension((short, long), split.train, split.held)
    assert choice.value == 24
    assert choice.evidence[0]["gain"] == 0.0


def test_a_sure_gain_that_is_small_is_not_worth_twice_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    split = many_tastes()
    rows = block_rows(2), block_rows(24)
    gain = choose_dimension(rows, split.train, split.held).evidence[0]["gain"]
    relative = gain / ndcg_on(rows[0], split.train, split.held)
    assert relative > WORTH
    monkeypatch.setattr("seefud.dimension_selection.WORTH", relative * 1.001)
    assert choose_dimension(rows, split.train, split.held).value == 2
    monkeypatch.setattr("seefud.dimension_selection.WORTH", relative * 0.999)
    assert choose_dimension(rows, split.train, split.held).value == 24


def test_few_products_are_not_given_long_vectors() -> None:
    assert candidate_dimensions(FEW_PRODUCTS - 1) == (64,)
    assert candidate_dimensions(FEW_PRODUCTS) == (64, 128)


def test_all_that_follows_has_the_chosen_length() -> None:
    split = many_tastes()
    experiment = without_text((4, 24))
    choices = experiment.choose(split, [("plain", RECIPE)])
    assert choices.dimension.value == 24
    assert choices.rows.shape[1] == 24
    assert experiment.fit("whole", split.train, choices).dimension == 24
    assert [entry["name"] for entry in choices.candidates] == ["plain", "plain, dimension 24"]
    assert choices.epochs == choices.candidates[1]["epochs"]
    assert choices.to_json()["dimension"]["value"] == 24


def test_one_length_is_not_compared() -> None:
    split = many_tastes()
    choices = without_text((4,)).choose(split, [("plain", replace(RECIPE, epochs=2))])
    assert (choices.dimension.value, choices.dimension.evidence) == (4, ())
    assert choices.rows.shape[1] == 4
    assert [entry["name"] for entry in choices.candidates] == ["plain"]


def test_nothing_to_measure_leaves_the_short_ones() -> None:
    split = many_tastes()
    nothing = Split(split.train, sp.csr_matrix(split.held.shape, dtype=np.float32))
    choices = without_text((4, 24)).choose(nothing, [("plain", replace(RECIPE, epochs=2))])
    assert (choices.dimension.value, choices.dimension.evidence) == (4, ())
