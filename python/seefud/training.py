"""The training loop: Adam with cosine decay, early stop on validation, checkpoints that resume exactly.

The loop is written out (no `model.fit`) so that it can run under a `tf.distribute` strategy and because a step never
holds a users x products matrix. The same data, recipe, seed and thread count give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.batches import Batch, BatchSource
from seefud.checkpoint import Checkpoint, TrainingState
from seefud.cold_start import mean_tokens
from seefud.model import Kind, unit_rows
from seefud.neighbours import co_occurrence_neighbours
from seefud.starting_rows import TOKEN_SHARE, StartingRows
from seefud.training_recipe import TrainingRecipe

__all__ = ["TrainedRows", "TrainingProgress", "train_rows"]


@dataclass(frozen=True)
class TrainingProgress:
    """What a progress callback is told after every epoch."""

    epoch: int
    epochs: int
    loss: float
    validation: float | None


@dataclass(frozen=True)
class TrainedRows:
    """The outcome of a training run.

    Attributes:
        rows: float32 [N, D], unit rows (zero where nothing is known of a product).
        epochs: the epochs that these rows were trained for; with early stop, the best one.
        validation: the best validation measure, None without validation.
        history: one dict per epoch: epoch, loss, and validation where it was measured.
        seconds: wall time of the loop, without compilation of its graph being left out.
    """

    rows: Array
    epochs: int
    validation: float | None
    history: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0


def train_rows(
    interactions: sp.csr_matrix,
    product_tokens: sp.csr_matrix,
    *,
    kind: Kind,
    dimension: int,
    recipe: TrainingRecipe,
    seed: int = 0,
    epochs: int | None = None,
    start: StartingRows | None = None,
    validate: Callable[[Array], float] | None = None,
    checkpoint: Path | None = None,
    tensorboard: Path | None = None,
    progress: Callable[[TrainingProgress], None] | None = None,
) -> TrainedRows:
    """Trains the product rows.

    Args:
        interactions: float32 [U, N], positive weights.
        product_tokens: float32 [N, V] of ones.
        kind: what a row is made of.
        dimension: D.
        recipe: loss, sizes and rates.
        seed: of initial values, order and dropout.
        epochs: stop after so many (the cosine decay still spans `recipe.epochs`); None means all.
        start: an earlier model's rows to begin with; None begins at random.
        validate: a measure of rows [N, D], larger is better; called every `recipe.validation_interval` epochs.
        checkpoint: folder for checkpoints; a run with the same data, recipe, seed and epochs goes on from the last.
        tensorboard: folder for TensorBoard's event files.
        progress: called after every epoch.

    Returns:
        The rows of the best validated epoch, or of the last one without `validate`.
    """
    loop = _Loop(interactions, product_tokens, kind, dimension, recipe, seed, start)
    last = min(recipe.epochs, epochs) if epochs is not None else recipe.epochs
    plan = [kind.value, dimension, asdict(recipe), seed, last, validate is not None]
    if start is not None:
        plan.append(start.fingerprint)
    fingerprint = _fingerprint(interactions, product_tokens, plan)
    saver = Checkpoint(checkpoint, fingerprint, loop.tables(), recipe.checkpoint_steps) if checkpoint else None
    writer = _summary_writer(tensorboard) if tensorboard else None
    state = saver.restore() if saver else TrainingState()
    started = time.monotonic()
    while state.epoch < last and not state.stopped:
        losses = loop.run_epoch(state, after_step=saver.after_step if saver else None)
        state.epoch, state.step = state.epoch + 1, 0
        entry = {"epoch": float(state.epoch), "loss": float(np.mean(losses)) if losses else float("nan")}
        measured: float | None = None
        if validate and (state.epoch % recipe.validation_interval == 0 or state.epoch == last):
            measured = validate(loop.rows())
            entry["validation"] = measured
            if state.best is None or measured > state.best:
                state.best, state.best_epoch, state.best_rows = measured, state.epoch, loop.rows()
            else:
                waited = state.epoch - state.best_epoch
                state.stopped = waited >= recipe.patience * recipe.validation_interval
        state.history.append(entry)
        if writer:
            with writer.as_default(step=state.epoch):
                import tensorflow as tf

                for name, value in entry.items():
                    tf.summary.scalar(name, value)
                writer.flush()
        if progress:
            progress(TrainingProgress(state.epoch, last, entry["loss"], measured))
        if saver:
            saver.save(state)
    rows = state.best_rows if state.best_rows is not None else loop.rows()
    best_epoch = state.best_epoch if state.best_rows is not None else state.epoch
    return TrainedRows(rows, best_epoch, state.best, state.history, time.monotonic() - started)


class _Loop:
    """The tables, their optimizers and the compiled step."""

    def __init__(
        self,
        interactions: sp.csr_matrix,
        product_tokens: sp.csr_matrix,
        kind: Kind,
        dimension: int,
        recipe: TrainingRecipe,
        seed: int,
        start: StartingRows | None = None,
    ) -> None:
        import tensorflow as tf

        from seefud.optimizer import RowAdam

        products = interactions.shape[1]
        text = kind is not Kind.COLLABORATIVE and product_tokens.shape[1] > 0
        neighbours = recipe.neighbours if kind is not Kind.CONTENT else 0
        blocks = [product_tokens] if text else []
        if neighbours:
            blocks.append(co_occurrence_neighbours(interactions, neighbours))
        self.features = mean_tokens(sp.csr_matrix(sp.hstack(blocks))) if blocks else None
        self.recipe = recipe
        self.source = BatchSource(
            interactions,
            self.features,
            recipe=recipe,
            seed=seed,
        )
        rng = np.random.default_rng(seed)
        scale = 1.0 / np.sqrt(dimension)
        self.uses_ids = kind is not Kind.CONTENT
        id_scale = (recipe.id_scale if self.features is not None else 1.0) if self.uses_ids else 0.0
        ids = rng.standard_normal((products, dimension), dtype=np.float32) * np.float32(scale * id_scale)
        width = self.features.shape[1] if self.features is not None else 1
        features = rng.standard_normal((width, dimension), dtype=np.float32) * np.float32(scale)
        self.axes: Array | None = None  # those of the tables, where they are not those of the rows
        if start is not None:
            fitted = text and start.relies_on_text(recipe)
            begin = start.with_fitted_tokens(product_tokens) if fitted else start
            share = 1.0 if fitted else TOKEN_SHARE
            ids, features = begin.tables(
                self.features, ids, features, text=text, neighbours=neighbours, token_share=share
            )
            self.axes = start.principal_axes()
            ids, features = ids @ self.axes, features @ self.axes
            if self.uses_ids and self.features is not None:
                noise = rng.standard_normal((products, dimension), dtype=np.float32)
                ids += np.float32(scale * recipe.start_noise) * noise
        self.ids, self.feature_rows = tf.Variable(ids), tf.Variable(features)
        self.optimizers = [RowAdam(self.ids), RowAdam(self.feature_rows)]
        self.count = tf.Variable(0, dtype=tf.int64)
        self.total_steps = recipe.epochs * self.source.steps_per_epoch
        self._step = _compiled_step(self)

    def tables(self) -> dict[str, Any]:
        """Everything that a checkpoint must hold."""
        return {
            "ids": self.ids,
            "feature_rows": self.feature_rows,
            "id_optimizer": self.optimizers[0],
            "feature_optimizer": self.optimizers[1],
            "count": self.count,
        }

    def run_epoch(self, state: TrainingState, after_step: Callable[[TrainingState], None] | None) -> list[float]:
        """The rest of the current epoch; returns the losses of all its steps."""
        for batch in self.source.epoch(state.epoch, state.step):
            state.losses.append(float(self._step(*_tensors(batch), np.float32(self._rate()))))
            state.step += 1
            if after_step:
                after_step(state)
        losses, state.losses = state.losses, []
        return losses

    def _rate(self) -> float:
        done = int(self.count.numpy()) / max(self.total_steps, 1)
        floor = self.recipe.final_rate
        return self.recipe.learning_rate * (floor + (1 - floor) * 0.5 * (1 + float(np.cos(np.pi * min(done, 1.0)))))

    def rows(self) -> Array:
        """Unit rows float32 [N, D] of the current tables; from earlier rows, in the coordinates of those."""
        rows = self.ids.numpy() if self.uses_ids else np.zeros(self.ids.shape, np.float32)
        if self.features is not None:
            rows = rows + self.features @ self.feature_rows.numpy()
        if self.axes is not None:
            rows = rows @ self.axes.T
        return unit_rows(np.asarray(rows, dtype=np.float32))


def _tensors(batch: Batch) -> tuple[Array, ...]:
    return (
        batch.candidates,
        batch.compared,
        batch.log_weights,
        batch.entry_user,
        batch.entry_candidate,
        batch.target,
        batch.kept,
        batch.shown,
        batch.features,
        batch.feature_index,
        batch.feature_weight,
    )


def _compiled_step(loop: _Loop) -> Any:
    import tensorflow as tf

    from seefud.losses import normalised_squared_error, sampled_softmax

    recipe, uses_ids, has_features = loop.recipe, loop.uses_ids, loop.features is not None
    keep_rate = 1.0 - recipe.dropout(has_features=has_features)
    int32, int64, float32 = tf.int32, tf.int64, tf.float32
    flat = [None]

    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[
            tf.TensorSpec(flat, int32),
            tf.TensorSpec(flat, int32),
            tf.TensorSpec(flat, float32),
            tf.TensorSpec(flat, int32),
            tf.TensorSpec(flat, int32),
            tf.TensorSpec(flat, float32),
            tf.TensorSpec(flat, float32),
            tf.TensorSpec(flat, float32),
            tf.TensorSpec(flat, int32),
            tf.TensorSpec([None, 2], int64),
            tf.TensorSpec(flat, float32),
            tf.TensorSpec([], float32),
        ],
        autograph=False,  # no branch depends on a tensor
    )
    def step(
        candidates: tf.Tensor,
        compared: tf.Tensor,
        log_weights: tf.Tensor,
        entry_user: tf.Tensor,
        entry_candidate: tf.Tensor,
        target: tf.Tensor,
        kept: tf.Tensor,
        shown: tf.Tensor,
        features: tf.Tensor,
        feature_index: tf.Tensor,
        feature_weight: tf.Tensor,
        rate: tf.Tensor,
    ) -> tf.Tensor:
        id_rows = tf.gather(loop.ids, candidates)
        feature_rows = tf.gather(loop.feature_rows, features)
        with tf.GradientTape() as tape:
            tape.watch([id_rows, feature_rows])
            rows = id_rows if uses_ids else tf.zeros_like(id_rows)
            if has_features:
                shape = tf.cast([tf.shape(candidates)[0], tf.shape(features)[0]], int64)
                bags = tf.SparseTensor(feature_index, feature_weight, shape)
                rows = rows + tf.sparse.sparse_dense_matmul(bags, feature_rows)
            rows = rows * tf.math.rsqrt(tf.reduce_sum(rows * rows, 1, keepdims=True) + 1e-8)
            loss = tf.constant(0.0)
            if recipe.loss != "softmax":
                keep = tf.constant(keep_rate, float32)
                loss += normalised_squared_error(rows, entry_user, entry_candidate, target, kept, keep)
            if recipe.loss != "nmse":
                weight = 1.0 if recipe.loss == "softmax" else recipe.softmax_weight
                temperature = tf.constant(recipe.temperature, float32)
                loss += weight * sampled_softmax(
                    rows, compared, log_weights, entry_user, entry_candidate, target, shown, temperature
                )
        id_gradient, feature_gradient = tape.gradient(
            loss, [id_rows, feature_rows], unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        loop.count.assign_add(1)
        number = tf.cast(loop.count, float32)
        if uses_ids:
            loop.optimizers[0].update(loop.ids, candidates, id_gradient, rate, number)
        if has_features:
            loop.optimizers[1].update(loop.feature_rows, features, feature_gradient, rate, number)
        return loss

    return step


def _fingerprint(interactions: sp.csr_matrix, tokens: sp.csr_matrix, plan: list[Any]) -> str:
    digest = hashlib.sha256()
    for matrix in (interactions, tokens):
        digest.update(repr(matrix.shape).encode())
        for part in (matrix.indptr, matrix.indices, matrix.data):
            digest.update(np.ascontiguousarray(part).tobytes())
    digest.update(json.dumps(plan).encode())
    return digest.hexdigest()


def _summary_writer(folder: Path) -> Any:
    import tensorflow as tf

    return tf.summary.create_file_writer(str(folder))
