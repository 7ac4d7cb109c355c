"""Training: known answers for all kinds and losses, early stop, and what it tells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp
import tensorflow as tf

from python.made_blocks import BLOCKS, PRODUCTS, RECIPE, SIZE, USERS, Rows, blocks, plain, rising, tokens, trained
from seefud.model import Kind, unit_rows
from seefud.training import TrainingProgress, train_rows

Loss = Literal["nmse", "softmax", "mixed"]


def best_unseen(rows: Rows, interactions: sp.csr_matrix, k: int) -> npt.NDArray[np.int64]:
    scores = unit_rows(interactions @ rows) @ rows.T
    scores[interactions.nonzero()] = -np.inf
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


@pytest.mark.parametrize(
    ("kind", "loss"),
    [
        (Kind.COLLABORATIVE, "nmse"),
        (Kind.CONTENT, "mixed"),
        (Kind.HYBRID, "softmax"),
    ],
)
def test_users_of_a_block_are_recommended_the_rest_of_the_block(
    kind: Kind, loss: Literal["nmse", "softmax", "mixed"]
) -> None:
    found = trained(replace(RECIPE, loss=loss, epochs=25, learning_rate=0.05), kind)
    assert found.rows.shape == (PRODUCTS, 8)
    assert found.rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found.rows, axis=1), 1.0, atol=1e-5)
    top = best_unseen(found.rows, blocks(), 3)
    assert (top // SIZE == (np.arange(USERS) % BLOCKS)[:, None]).all()
    losses = [entry["loss"] for entry in found.history]
    assert losses[-1] < losses[0]


def test_checkerboard() -> None:
    # Even users like even products, odd users odd ones; each one's own number is held out and must come first.
    dense = np.fromfunction(lambda user, product: (user + product) % 2 == 0, (20, 20)).astype(np.float32)
    np.fill_diagonal(dense, 0.0)
    board = sp.csr_matrix(dense)
    recipe = replace(RECIPE, batch_size=20, epochs=60, learning_rate=0.05)
    no_text = sp.csr_matrix((20, 0), dtype=np.float32)
    rows = train_rows(board, no_text, kind=Kind.HYBRID, dimension=6, recipe=recipe).rows
    assert best_unseen(rows, board, 1).ravel().tolist() == list(range(20))


def test_neighbours_are_features_while_training() -> None:
    recipe = replace(RECIPE, neighbours=4, epochs=20, learning_rate=0.05)
    found = trained(recipe, Kind.COLLABORATIVE)
    assert (best_unseen(found.rows, blocks(), 3) // SIZE == (np.arange(USERS) % BLOCKS)[:, None]).all()
    assert not np.array_equal(found.rows, trained(replace(recipe, neighbours=0), Kind.COLLABORATIVE).rows)


def test_seeds_differ_and_inputs_stay() -> None:
    users, text = blocks(), tokens()
    one = train_rows(users, text, kind=Kind.HYBRID, dimension=8, recipe=RECIPE, seed=2, epochs=1).rows
    assert not np.array_equal(one, plain(1))
    assert np.array_equal(users.toarray(), blocks().toarray())
    assert np.array_equal(text.toarray(), tokens().toarray())


def test_early_stop_returns_the_best_epoch() -> None:
    recipe = replace(RECIPE, epochs=30, validation_interval=2, patience=2)
    seen: list[Rows] = []

    def validate(rows: Rows) -> float:
        seen.append(rows)
        return [0.1, 0.5, 0.3, 0.2, 0.9][len(seen) - 1]

    told: list[TrainingProgress] = []
    found = trained(recipe, validate=validate, progress=told.append)
    assert (found.epochs, found.validation) == (4, 0.5)
    assert np.array_equal(found.rows, seen[1])
    assert len(seen) == 4  # two validations without a gain, then no more
    assert [(step.epoch, step.epochs, step.validation) for step in told] == [
        (1, 30, None),
        (2, 30, 0.1),
        (3, 30, None),
        (4, 30, 0.5),
        (5, 30, None),
        (6, 30, 0.3),
        (7, 30, None),
        (8, 30, 0.2),
    ]
    assert [entry.get("validation") for entry in found.history] == [step.validation for step in told]


def test_the_last_epoch_is_validated_too_and_a_run_to_the_best_gives_the_same_rows() -> None:
    recipe = replace(RECIPE, validation_interval=4)
    values = iter([0.1, 0.2])
    found = trained(recipe, validate=lambda rows: next(values))
    assert (found.epochs, found.validation) == (5, 0.2)
    assert np.array_equal(found.rows, plain())
    # The cosine decay spans the recipe, so that fewer epochs are the beginning of the same run.
    values = iter([0.2, 0.1])
    assert np.array_equal(plain(4), trained(recipe, validate=lambda rows: next(values)).rows)


def test_without_validation_the_last_rows_are_returned() -> None:
    found = trained(epochs=2)
    assert (found.epochs, found.validation, len(found.history)) == (2, None, 2)


def test_tensorboard_gets_an_event_file_with_the_losses(tmp_path: Path) -> None:
    found = trained(epochs=2, tensorboard=tmp_path / "logs", validate=rising)
    (file,) = (tmp_path / "logs").glob("events.out.tfevents.*")
    logged: dict[str, list[float]] = {}
    for event in tf.compat.v1.train.summary_iterator(str(file)):
        for value in event.summary.value:
            logged.setdefault(value.tag, []).append(float(tf.make_ndarray(value.tensor)))
    assert logged["loss"] == pytest.approx([entry["loss"] for entry in found.history])
    assert len(logged["validation"]) == 1
