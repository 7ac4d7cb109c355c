"""Training: known answers, the same bytes from the same seed, and resuming after an interruption and after SIGKILL."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp

from seefud.model import Kind, unit_rows
from seefud.training import TrainedRows, TrainingProgress, train_rows
from seefud.training_recipe import TrainingRecipe

Rows = npt.NDArray[np.float32]
BLOCKS, SIZE, USERS = 4, 8, 64
PRODUCTS = BLOCKS * SIZE
RECIPE = TrainingRecipe(batch_size=16, epochs=5, checkpoint_steps=3)


def blocks(seed: int = 0) -> sp.csr_matrix:
    """User u likes five products of block u mod 4, and no others."""
    rng = np.random.default_rng(seed)
    dense = np.zeros((USERS, PRODUCTS), np.float32)
    for user in range(USERS):
        dense[user, (user % BLOCKS) * SIZE + rng.permutation(SIZE)[:5]] = 1.0
    return sp.csr_matrix(dense)


def tokens() -> sp.csr_matrix:
    """A product's text names its block and one of five other things."""
    dense = np.zeros((PRODUCTS, BLOCKS + 5), np.float32)
    dense[np.arange(PRODUCTS), np.arange(PRODUCTS) // SIZE] = 1.0
    dense[np.arange(PRODUCTS), BLOCKS + np.arange(PRODUCTS) % 5] = 1.0
    return sp.csr_matrix(dense)


def trained(
    recipe: TrainingRecipe = RECIPE,
    kind: Kind = Kind.HYBRID,
    *,
    interactions: sp.csr_matrix | None = None,
    seed: int = 1,
    epochs: int | None = None,
    validate: Callable[[Rows], float] | None = None,
    checkpoint: Path | None = None,
    tensorboard: Path | None = None,
    progress: Callable[[TrainingProgress], None] | None = None,
) -> TrainedRows:
    return train_rows(
        blocks() if interactions is None else interactions,
        tokens(),
        kind=kind,
        dimension=8,
        recipe=recipe,
        seed=seed,
        epochs=epochs,
        validate=validate,
        checkpoint=checkpoint,
        tensorboard=tensorboard,
        progress=progress,
    )


@cache
def plain(epochs: int | None = None) -> Rows:
    """The rows of an uninterrupted run."""
    return trained(epochs=epochs).rows


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
def test_users_of_a_block_are_recommended_the_rest_of_the_block(kind: Kind, loss: str) -> None:
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


# Early stop


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


# Resuming


class InterruptedRunError(Exception):
    """What a test stops a run with."""


def interrupt_after(epoch: int) -> Callable[[TrainingProgress], None]:
    def progress(step: TrainingProgress) -> None:
        if step.epoch == epoch:
            raise InterruptedRunError

    return progress


def rising(rows: Rows) -> float:
    """A measure of the rows alone, so that a resumed run sees what an uninterrupted one sees."""
    return float(np.abs(rows).sum())


def test_an_interrupted_run_goes_on_to_the_same_rows(tmp_path: Path) -> None:
    recipe = replace(RECIPE, loss="mixed", validation_interval=1, patience=9)
    whole = trained(recipe, validate=rising)
    # Progress is told before an epoch's checkpoint: what is left is the one in the middle of epoch 3.
    with pytest.raises(InterruptedRunError):
        trained(recipe, validate=rising, checkpoint=tmp_path, progress=interrupt_after(3))
    told: list[TrainingProgress] = []
    resumed = trained(recipe, validate=rising, checkpoint=tmp_path, progress=told.append)
    assert [step.epoch for step in told] == [3, 4, 5]
    assert np.array_equal(resumed.rows, whole.rows)
    assert resumed.history == whole.history
    assert (resumed.epochs, resumed.validation) == (whole.epochs, whole.validation)


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    whole = trained(checkpoint=tmp_path)
    told: list[TrainingProgress] = []
    again = trained(checkpoint=tmp_path, progress=told.append)
    assert told == []
    assert np.array_equal(again.rows, whole.rows)
    assert len(list(tmp_path.glob("state-*"))) == 1  # older checkpoints are gone


def test_a_stopped_run_stays_stopped(tmp_path: Path) -> None:
    recipe = replace(RECIPE, validation_interval=1, patience=1)
    values = iter([0.5, 0.4])
    stopped = trained(recipe, validate=lambda rows: next(values), checkpoint=tmp_path)
    again = trained(recipe, validate=lambda rows: 1.0, checkpoint=tmp_path)
    assert (again.epochs, again.validation) == (stopped.epochs, stopped.validation) == (1, 0.5)
    assert np.array_equal(again.rows, stopped.rows)


@pytest.mark.parametrize("leftover", ["tables-000000099.index", "partial-000000099.npz"])
def test_half_a_checkpoint_is_not_used(tmp_path: Path, leftover: str) -> None:
    with pytest.raises(InterruptedRunError):
        trained(checkpoint=tmp_path, progress=interrupt_after(3))
    (tmp_path / leftover).write_bytes(b"half")
    assert np.array_equal(trained(checkpoint=tmp_path).rows, plain())


@pytest.mark.parametrize("mark", ["", '{"fingerprint": "other"}'])
def test_a_folder_that_cannot_be_read_is_started_anew(tmp_path: Path, mark: str) -> None:
    (tmp_path / "run.json").write_text(mark)
    (tmp_path / "state-000000007.npz").write_bytes(b"half")
    assert np.array_equal(trained(epochs=1, checkpoint=tmp_path).rows, plain(1))


def test_another_runs_checkpoint_is_not_used(tmp_path: Path) -> None:
    # Each of these finds the checkpoint of the one before, whose run differs in one thing.
    runs: list[Callable[..., TrainedRows]] = [
        trained,
        partial(trained, seed=2),
        partial(trained, replace(RECIPE, learning_rate=0.02), seed=2),
        partial(trained, replace(RECIPE, learning_rate=0.02), Kind.COLLABORATIVE, seed=2),
        partial(trained, replace(RECIPE, learning_rate=0.02), Kind.COLLABORATIVE, seed=2, interactions=blocks(seed=9)),
    ]
    for run in runs:
        told: list[TrainingProgress] = []
        run(epochs=1, checkpoint=tmp_path, progress=told.append)
        assert [step.epoch for step in told] == [1]


def test_a_longer_runs_checkpoint_is_not_a_shorter_runs(tmp_path: Path) -> None:
    trained(epochs=3, checkpoint=tmp_path)
    shorter = trained(epochs=2, checkpoint=tmp_path)
    assert shorter.epochs == 2
    assert np.array_equal(shorter.rows, plain(2))


CHILD = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import numpy as np
from seefud.threads import use_threads
use_threads(1)
import test_training
def progress(step):
    if step.epoch == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
checkpoint = Path(sys.argv[4]) if len(sys.argv) > 4 else None
np.save(sys.argv[2], test_training.trained(checkpoint=checkpoint, progress=progress).rows)
"""


def start_child(out: Path, killed_after: int = 0, checkpoint: Path | None = None) -> subprocess.Popen[bytes]:
    arguments = [str(Path(__file__).parent), str(out), str(killed_after), *([str(checkpoint)] if checkpoint else [])]
    return subprocess.Popen([sys.executable, "-c", CHILD, *arguments], stderr=subprocess.DEVNULL)


@pytest.mark.slow
def test_fresh_processes_give_the_same_bytes_also_after_sigkill(tmp_path: Path) -> None:
    whole, resumed, folder = tmp_path / "whole.npy", tmp_path / "resumed.npy", tmp_path / "checkpoint"
    first, killed = start_child(whole), start_child(resumed, killed_after=3, checkpoint=folder)
    assert killed.wait(300) == -signal.SIGKILL
    assert not resumed.exists()
    assert [state.name for state in folder.glob("state-*")] == ["state-000000011.npz"]  # step 3 of 4 of epoch 3
    assert start_child(resumed, checkpoint=folder).wait(300) == 0
    assert first.wait(300) == 0
    assert whole.read_bytes() == resumed.read_bytes()


def test_tensorboard_gets_an_event_file_with_the_losses(tmp_path: Path) -> None:
    import tensorflow as tf

    found = trained(epochs=2, tensorboard=tmp_path / "logs", validate=rising)
    (file,) = (tmp_path / "logs").glob("events.out.tfevents.*")
    logged: dict[str, list[float]] = {}
    for event in tf.compat.v1.train.summary_iterator(str(file)):
        for value in event.summary.value:
            logged.setdefault(value.tag, []).append(float(tf.make_ndarray(value.tensor)))
    assert logged["loss"] == pytest.approx([entry["loss"] for entry in found.history])
    assert len(logged["validation"]) == 1
