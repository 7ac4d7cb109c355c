"""Resuming: after an exception, after SIGKILL, and never from another run's checkpoint; the same bytes always."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from python.made_blocks import RECIPE, blocks, plain, rising, trained
from seefud.model import Kind
from seefud.training import TrainedRows, TrainingProgress


class InterruptedRunError(Exception):
    """What a test stops a run with."""


def interrupt_after(epoch: int) -> Callable[[TrainingProgress], None]:
    def progress(step: TrainingProgress) -> None:
        if step.epoch == epoch:
            raise InterruptedRunError

    return progress


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
from python.made_blocks import trained
def progress(step):
    if step.epoch == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
checkpoint = Path(sys.argv[4]) if len(sys.argv) > 4 else None
np.save(sys.argv[2], trained(checkpoint=checkpoint, progress=progress).rows)
"""


def start_child(out: Path, killed_after: int = 0, checkpoint: Path | None = None) -> subprocess.Popen[bytes]:
    arguments = [
        str(Path(__file__).parents[1]),
        str(out),
        str(killed_after),
        *([str(checkpoint)] if checkpoint else []),
    ]
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
