"""Starting a training from earlier rows: where it begins, how short it is, and what resumes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from python.made_blocks import BLOCKS, PRODUCTS, RECIPE, SIZE, Rows, blocks, tokens
from seefud.model import Kind, unit_rows
from seefud.shrinkage import shrunk, unshrunk
from seefud.starting_rows import START_NOISE, TEXT_RIDGE, StartingRows, shortened, steps_per_epoch
from seefud.training import TrainedRows, TrainingProgress, train_rows
from seefud.training_recipe import TrainingRecipe

DIMENSION = 8
NEW = [3, 17]
"""Products that the earlier model does not know; one word of theirs it does not know either."""


class InterruptedRunError(Exception):
    """What a test stops a run with."""


def earlier() -> StartingRows:
    rng = np.random.default_rng(4)
    rows = unit_rows(rng.standard_normal((PRODUCTS, DIMENSION)).astype(np.float32))
    token_rows = rng.standard_normal((BLOCKS + 5, DIMENSION)).astype(np.float32)
    rows[NEW] = 0
    token_rows[BLOCKS + 3] = 0
    return StartingRows(rows, token_rows)


def begun(
    start: StartingRows | None,
    kind: Kind = Kind.HYBRID,
    recipe: TrainingRecipe = RECIPE,
    *,
    epochs: int = 0,
    text: sp.csr_matrix | None = None,
    checkpoint: Path | None = None,
    progress: Callable[[TrainingProgress], None] | None = None,
) -> TrainedRows:
    return train_rows(
        blocks(),
        tokens() if text is None else text,
        kind=kind,
        dimension=DIMENSION,
        recipe=recipe,
        seed=1,
        epochs=epochs,
        start=start,
        checkpoint=checkpoint,
        progress=progress,
    )


@pytest.mark.parametrize("neighbours", [0, 4])
@pytest.mark.parametrize("kind", [Kind.HYBRID, Kind.COLLABORATIVE])
def test_known_products_begin_where_they_were(kind: Kind, neighbours: int) -> None:
    start = earlier()
    found = begun(start, kind, replace(RECIPE, neighbours=neighbours)).rows
    known = np.setdiff1d(np.arange(PRODUCTS), NEW)
    np.testing.assert_allclose(found[known], start.rows[known], atol=2e-6)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)


def test_new_products_begin_at_their_text() -> None:
    start = earlier()
    found = begun(start).rows
    for product in NEW:
        # As the file does it: the sum of the token rows that it knows, divided by its length.
        words = np.flatnonzero(tokens().toarray()[product])
        total = start.token_rows[words].sum(axis=0)
        np.testing.assert_allclose(found[product], total / np.linalg.norm(total), atol=1e-5)


def test_without_text_new_products_begin_at_their_neighbours() -> None:
    start = earlier()
    found = begun(start, recipe=replace(RECIPE, neighbours=4), text=sp.csr_matrix((PRODUCTS, 0), dtype=np.float32)).rows
    block = np.arange(PRODUCTS) // SIZE
    for product in NEW:
        own = np.setdiff1d(np.flatnonzero(block == block[product]), NEW)
        span = np.linalg.lstsq(start.rows[own].T, found[product], rcond=None)
        assert len(own) < DIMENSION
        assert float(np.linalg.norm(start.rows[own].T @ span[0] - found[product])) < 1e-5, "a mix of its block's rows"


def test_products_of_which_nothing_is_known_begin_as_without_an_earlier_model() -> None:
    start = earlier()
    lost = StartingRows(start.rows, np.zeros_like(start.token_rows))
    scratch = begun(None).rows
    found = begun(lost).rows
    np.testing.assert_allclose(found[NEW], scratch[NEW], atol=1e-5)
    np.testing.assert_allclose(np.delete(found, NEW, axis=0), np.delete(start.rows, NEW, axis=0), atol=2e-6)


def test_noise_leaves_rows_near_where_they_were() -> None:
    start = earlier()
    found = begun(start, recipe=replace(RECIPE, start_noise=0.3)).rows
    known = np.setdiff1d(np.arange(PRODUCTS), NEW)
    # Noise of length 0.3 across a unit row turns it by about atan(0.3): its cosine is 1 / sqrt(1 + 0.09) = 0.958.
    cosines = (found[known] * start.rows[known]).sum(axis=1)
    assert float(cosines.mean()) == pytest.approx(0.958, abs=0.02)
    assert float(cosines.max()) < 0.9999
    # It is none of a training from scratch, nor of rows that are made of tokens or of ids alone.
    assert np.array_equal(begun(None, recipe=replace(RECIPE, start_noise=0.3)).rows, begun(None).rows)
    for kind in (Kind.CONTENT, Kind.COLLABORATIVE):
        assert np.array_equal(begun(start, kind, replace(RECIPE, start_noise=0.3)).rows, begun(start, kind).rows)


def test_a_start_is_used_up_by_training_and_inputs_stay() -> None:
    start = earlier()
    before = start.rows.copy(), start.token_rows.copy()
    found = begun(start, epochs=3)
    assert found.history[-1]["loss"] < found.history[0]["loss"]
    assert not np.allclose(found.rows, begun(start).rows, atol=0.01)
    assert np.array_equal(start.rows, before[0])
    assert np.array_equal(start.token_rows, before[1])


def test_the_same_start_resumes_and_another_does_not(tmp_path: Path) -> None:
    def interrupt(step: TrainingProgress) -> None:
        if step.epoch == 3:
            raise InterruptedRunError

    start = earlier()
    whole = begun(start, epochs=5)
    with pytest.raises(InterruptedRunError):
        begun(start, epochs=5, checkpoint=tmp_path, progress=interrupt)
    told: list[int] = []
    resumed = begun(start, epochs=5, checkpoint=tmp_path, progress=lambda step: told.append(step.epoch))
    assert told == [3, 4, 5]
    assert np.array_equal(resumed.rows, whole.rows)
    others = [
        StartingRows(np.roll(start.rows, 1, axis=1), start.token_rows),
        StartingRows(start.rows, np.roll(start.token_rows, 1, axis=1)),
        None,
    ]
    for other in others:  # each finds the checkpoint of the one before
        told.clear()
        begun(other, epochs=1, checkpoint=tmp_path, progress=lambda step: told.append(step.epoch))
        assert told == [1]


@given(
    users=st.integers(1, 50_000),
    per_user=st.integers(1, 60),
    batch=st.sampled_from([16, 128, 512]),
    epochs=st.integers(3, 40),
    best=st.integers(1, 40),
)
def test_at_most_a_third_of_the_steps_or_one_pass(
    users: int, per_user: int, batch: int, epochs: int, best: int
) -> None:
    best = min(best, epochs)
    recipe = TrainingRecipe(batch_size=batch, epochs=epochs, token_dropout=0.4)
    shorter = shortened(recipe, earlier(), best, users, users * per_user)
    assert shorter.batch_size >= batch
    assert shorter.batch_size * per_user >= 10_000
    steps = shorter.epochs * steps_per_epoch(users, shorter.batch_size)
    assert shorter.epochs == 1 or 3 * steps <= best * steps_per_epoch(users, batch)
    assert shorter.start_noise == START_NOISE
    assert shorter.token_dropout == 0.4, "it relies on text"
    kept = replace(shorter, batch_size=batch, epochs=epochs, start_noise=0.0)
    assert kept == recipe, "nothing else changes"


@pytest.mark.parametrize(
    ("batch", "epochs", "best", "users", "per_user", "expected"),
    [
        (128, 40, 40, 943, 100, (128, 13)),  # 40 x 8 steps; a batch holds 12,800: 13 x 8 are within 106
        (128, 40, 32, 943, 100, (128, 10)),
        (512, 8, 8, 19_412, 7, (1429, 7)),  # 8 x 38 steps; 10,000 / 7 people hold enough: 7 x 14 of 101
        (128, 40, 24, 80, 7, (1429, 8)),
        (128, 40, 1, 80, 7, (1429, 1)),
    ],
)
def test_known_schedules(
    batch: int, epochs: int, best: int, users: int, per_user: int, expected: tuple[int, int]
) -> None:
    recipe = TrainingRecipe(batch_size=batch, epochs=epochs)
    start = earlier()
    for changed, kept in (
        ({"token_dropout": 0.4}, 0.4),
        ({"token_dropout": 0.2}, 0.2),
        ({"token_dropout": 0.1}, 0.1),
        ({"token_dropout": 0.4, "neighbours": 5}, 0.2),
    ):
        shorter = shortened(replace(recipe, **changed), start, best, users, users * per_user)
        assert (shorter.batch_size, shorter.epochs, shorter.token_dropout) == (*expected, kept)
    alone = replace(start, text_alone=True)
    assert shortened(replace(recipe, token_dropout=0.4), alone, best, users, users * per_user).token_dropout == 0.2


@pytest.mark.parametrize("dropout", [0.2, 0.4])
def test_training_does_not_see_how_the_earlier_vectors_were_turned(dropout: float) -> None:
    """Adam does: without axes of the rows' own, this holds for no optimizer that scales coordinates."""
    start, recipe = earlier(), replace(RECIPE, token_dropout=dropout)
    other = np.linalg.qr(np.random.default_rng(5).standard_normal((DIMENSION, DIMENSION)))[0].astype(np.float32)
    again = StartingRows(start.rows @ other, start.token_rows @ other)
    plain, turned = begun(start, recipe=recipe, epochs=1).rows, begun(again, recipe=recipe, epochs=1).rows
    assert not np.allclose(plain, begun(start, recipe=recipe).rows, atol=0.01)
    np.testing.assert_allclose(turned @ turned.T, plain @ plain.T, atol=2e-3)


def test_where_text_matters_tokens_begin_with_all_that_they_explain() -> None:
    start = earlier()
    fitted = start.with_fitted_tokens(tokens())
    known = np.setdiff1d(np.arange(PRODUCTS), NEW)
    # Ridge regression by its normal equations; the token that the earlier model does not know stays 0.
    bags = tokens().toarray()[known]
    bags = bags / np.sqrt(bags.sum(axis=1, keepdims=True))
    solution = np.linalg.solve(bags.T @ bags + TEXT_RIDGE * np.eye(bags.shape[1]), bags.T @ start.rows[known])
    solution[BLOCKS + 3] = 0
    np.testing.assert_allclose(fitted.token_rows, solution, atol=1e-4)
    # Known products begin where they were all the same, new ones at the direction of their text.
    found = begun(start, recipe=replace(RECIPE, token_dropout=0.4)).rows
    np.testing.assert_allclose(found[known], start.rows[known], atol=2e-5)
    for product in NEW:
        total = solution[np.flatnonzero(tokens().toarray()[product])].sum(axis=0)
        np.testing.assert_allclose(found[product], total / np.linalg.norm(total), atol=1e-3)


def test_the_common_direction_is_taken_out_again() -> None:
    rng = np.random.default_rng(0)
    rows = unit_rows(rng.standard_normal((60, DIMENSION)).astype(np.float32))
    rows[7] = 0
    turned = np.linalg.qr(rng.standard_normal((DIMENSION, DIMENSION)))[0].astype(np.float32)
    # What `shrunk` gives up is gone; rows that never had it come back whole.
    least = np.linalg.eigh(rows.T @ rows)[1][:, :1]
    plain = unit_rows((rows - (rows @ least) @ least.T).astype(np.float32))
    mixed = shrunk(plain, 0.25) @ turned
    found, token_rows = unshrunk(mixed, mixed[:5], 0.25)
    scores: Rows = found @ found.T
    np.testing.assert_allclose(scores, plain @ plain.T, atol=1e-4)
    np.testing.assert_allclose(unit_rows(token_rows), found[:5], atol=1e-4)
    assert unshrunk(rows, rows, 1.0)[0] is rows
