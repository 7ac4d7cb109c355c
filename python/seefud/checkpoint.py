"""Checkpoints of a training run, from which it goes on with the same numbers after a kill."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from seefud.arrays import Array

__all__ = ["Checkpoint", "TrainingState"]


@dataclass
class TrainingState:
    """Where a run stands; what a checkpoint keeps besides the tables."""

    epoch: int = 0
    step: int = 0
    stopped: bool = False
    best: float | None = None
    best_epoch: int = 0
    best_rows: Array | None = None
    history: list[dict[str, float]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)


class Checkpoint:
    """Tables by `tf.train.Checkpoint`, the rest of the state beside them, all under one numbered name."""

    def __init__(self, folder: Path, fingerprint: str, tables: Mapping[str, Any], interval: int) -> None:
        import tensorflow as tf

        self._folder = folder
        self._fingerprint = fingerprint
        self._step = tables["count"]
        self._interval = interval
        self._tables = tf.train.Checkpoint(**tables)

    def restore(self) -> TrainingState:
        """The newest complete state of the same run; a fresh one if there is none. Other runs' states are removed."""
        mark = self._folder / "run.json"
        expected = json.dumps({"fingerprint": self._fingerprint})
        # Compared as bytes: a mark that a kill left half written is another run's too.
        if not mark.exists() or mark.read_bytes() != expected.encode():
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True)
            mark.write_text(expected, encoding="utf-8")
            return TrainingState()
        done = sorted(self._folder.glob("state-*.npz"))
        if not done:
            return TrainingState()
        number = done[-1].stem.removeprefix("state-")
        self._tables.read(str(self._folder / f"tables-{number}")).assert_consumed()
        with np.load(done[-1]) as saved:
            fields = json.loads(str(saved["fields"]))
            best_rows = saved["best_rows"] if "best_rows" in saved.files else None
        return TrainingState(**fields, best_rows=best_rows)

    def after_step(self, state: TrainingState) -> None:
        """Saves in the middle of a long epoch."""
        if state.step % self._interval == 0:
            self.save(state)

    def save(self, state: TrainingState) -> None:
        """Writes the tables first and the state last: a state file that exists is complete."""
        number = f"{int(self._step.numpy()):09d}"
        self._tables.write(str(self._folder / f"tables-{number}"))
        fields = {name: value for name, value in vars(state).items() if name != "best_rows"}
        arrays: dict[str, Any] = {"fields": np.array(json.dumps(fields))}
        if state.best_rows is not None:
            arrays["best_rows"] = state.best_rows
        partial = self._folder / f"partial-{number}.npz"
        np.savez(partial, **arrays)
        partial.replace(self._folder / f"state-{number}.npz")
        for old in self._folder.iterdir():
            if old.name.startswith(("tables-", "state-")) and number not in old.name:
                old.unlink()
