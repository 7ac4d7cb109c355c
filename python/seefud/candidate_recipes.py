"""The training recipes that a build tries on validation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seefud.model import Kind
from seefud.training_recipe import TrainingRecipe

__all__ = ["candidate_recipes"]

SMALL = 4000
STEPS = 320


def candidate_recipes(users: int, products: int, kind: Kind) -> list[tuple[str, TrainingRecipe]]:
    """Named recipes for data of this size; the first wins a tie.

    Args:
        users: U.
        products: N.
        kind: what rows are made of.
    """
    # About 300 steps suffice; small data take small batches for them.
    batch = 128 if users < SMALL else 512
    epochs = int(np.clip(round(STEPS * batch / max(users, 1)), 8, 40))
    interval = max(1, epochs // 5)
    squared = TrainingRecipe(loss="nmse", batch_size=batch, epochs=epochs, validation_interval=interval)
    mixed = replace(squared, loss="mixed", token_dropout=0.4)
    return [("nmse", squared), ("mixed", mixed)]
