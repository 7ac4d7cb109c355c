"""Users of four blocks of products, whose right recommendations are known, and a short training on them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from seefud.model import Kind
from seefud.training import TrainedRows, TrainingProgress, train_rows
from seefud.training_recipe import TrainingRecipe

__all__ = ["BLOCKS", "PRODUCTS", "RECIPE", "SIZE", "USERS", "Rows", "blocks", "plain", "rising", "tokens", "trained"]

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


def rising(rows: Rows) -> float:
    """A measure of the rows alone, so that a resumed run sees what an uninterrupted one sees."""
    return float(np.abs(rows).sum())
