"""What one training step sees: users in a seeded order, their entries, and the products they are told apart from.

Every draw comes from ``(seed, epoch)`` or ``(seed, epoch, step)``, so that a run that was killed goes on with the very
batches that it would have seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.training_recipe import TrainingRecipe

__all__ = ["Batch", "BatchSource"]


@dataclass(frozen=True)
class Batch:
    """Inputs of one step.

    Attributes:
        candidates: int32 [C], distinct product rows.
        compared: int32 [S], which candidates the softmax compares, as indices into `candidates`.
        log_weights: float32 [S], log of how many products each of them stands for.
        entry_user: int32 [nnz], ascending.
        entry_candidate: int32 [nnz], index into `candidates`.
        target: float32 [nnz].
        kept: float32 [nnz], 1 input of the squared error, 0 dropped.
        shown: float32 [nnz], 1 input of the softmax, 0 to be predicted by it.
        features: int32 [F], distinct feature rows (tokens, and neighbours while training), those dropped among them.
        feature_index: int64 [m, 2], (candidate, index into `features`), sorted.
        feature_weight: float32 [m].
    """

    candidates: Array
    compared: Array
    log_weights: Array
    entry_user: Array
    entry_candidate: Array
    target: Array
    kept: Array
    shown: Array
    features: Array
    feature_index: Array
    feature_weight: Array


class BatchSource:
    """Makes the batches of any epoch, from the start or from a later step."""

    def __init__(
        self,
        interactions: sp.csr_matrix,
        features: sp.csr_matrix | None,
        *,
        recipe: TrainingRecipe,
        seed: int,
    ) -> None:
        """Prepares the source.

        Args:
            interactions: float32 [U, N]; users without an entry are skipped.
            features: float32 [N, F], already scaled; None when rows are made of ids alone.
            recipe: sizes and rates.
            seed: of every draw.
        """
        self._users = np.flatnonzero(np.diff(interactions.indptr) > 0)
        self._interactions = interactions
        self._features = features
        self._recipe = recipe
        self._batch_size = recipe.batch_size
        self._input_dropout = recipe.dropout(has_features=features is not None)
        products = interactions.shape[1]
        self._negatives = 0 if recipe.negatives >= products else recipe.negatives
        self._seed = seed
        # The squared error looks at every product; the softmax alone only needs the rows that it compares.
        everything = recipe.loss != "softmax" or not self._negatives
        self._everything = self._candidate_features(np.arange(products, dtype=np.int32)) if everything else None

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches that cover every user once."""
        return max(1, -(-len(self._users) // self._batch_size))

    def epoch(self, epoch: int, first_step: int = 0) -> Iterator[Batch]:
        """The batches of an epoch, from `first_step` on."""
        order = np.random.default_rng([self._seed, epoch]).permutation(self._users)
        for step in range(first_step, self.steps_per_epoch):
            rng = np.random.default_rng([self._seed, epoch, step, 1])
            yield self._batch(order[step * self._batch_size : (step + 1) * self._batch_size], rng)

    def _batch(self, users: Array, rng: np.random.Generator) -> Batch:
        entries = self._interactions[users]
        entry_user = np.repeat(np.arange(len(users), dtype=np.int32), np.diff(entries.indptr))
        kept = (rng.random(entries.nnz) >= self._input_dropout).astype(np.float32)
        shown = self._shown(entry_user, len(users), rng)
        products = entries.shape[1]
        own, own_entry = np.unique(entries.indices, return_inverse=True)
        compared, log_weights = self._compared(own, products, rng)
        if self._everything is not None:
            candidates = np.arange(products, dtype=np.int32)
            entry_candidate = entries.indices
            features, index, weight = self._everything
        else:
            candidates, compared = compared, np.arange(len(compared), dtype=np.int32)
            entry_candidate = own_entry
            features, index, weight = self._candidate_features(candidates)
        if self._recipe.token_dropout and len(features):
            left = (rng.random(len(features)) >= self._recipe.token_dropout)[index[:, 1]]
            index, weight = index[left], weight[left]
        return Batch(
            candidates,
            compared,
            log_weights,
            entry_user,
            entry_candidate.astype(np.int32),
            entries.data.astype(np.float32),
            kept,
            shown,
            features,
            index,
            weight,
        )

    def _shown(self, entry_user: Array, users: int, rng: np.random.Generator) -> Array:
        """Of each user a share drawn anew is hidden: predicting few from many and many from few are both practised."""
        if self._recipe.loss == "nmse":
            return np.ones(len(entry_user), np.float32)
        least, most = self._recipe.target_share
        share = rng.uniform(least, most, users)
        shown: Array = (rng.random(len(entry_user)) >= share[entry_user]).astype(np.float32)
        return shown

    def _compared(self, own: Array, products: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """The products that the softmax tells apart: the batch's own and sampled ones that stand for the rest."""
        if self._recipe.loss == "nmse":
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        if not self._negatives:
            return np.arange(products, dtype=np.int32), np.zeros(products, np.float32)
        drawn = np.setdiff1d(rng.integers(0, products, self._negatives), own)
        log_weights = np.zeros(len(own) + len(drawn), np.float32)
        log_weights[len(own) :] = np.log(max((products - len(own)) / max(len(drawn), 1), 1.0))
        return np.concatenate([own, drawn]).astype(np.int32), log_weights

    def _candidate_features(self, candidates: Array) -> tuple[Array, Array, Array]:
        if self._features is None:
            return np.zeros(0, np.int32), np.zeros((0, 2), np.int64), np.zeros(0, np.float32)
        part = self._features[candidates]
        rows = np.repeat(np.arange(len(candidates), dtype=np.int64), np.diff(part.indptr))
        features, columns = np.unique(part.indices, return_inverse=True)
        return (
            features.astype(np.int32),
            np.stack([rows, columns.astype(np.int64)], axis=1),
            part.data.astype(np.float32),
        )
