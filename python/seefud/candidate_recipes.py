"""The training recipes that a build tries on validation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seefud.training_recipe import TrainingRecipe

__all__ = ["candidate_recipes"]

SMALL = 4000
STEPS = 320
"""So many steps suffice on all data sets that were tried; small data take small batches for them."""
NEIGHBOURS = 30


def candidate_recipes(users: int, products: int, has_text: bool) -> list[tuple[str, TrainingRecipe]]:
    """Named recipes for data of this size; validation chooses, the first wins a tie.

    Args:
        users: U.
        products: N.
        has_text: whether rows are made of tokens too. Without text, products that co-occur take the tokens' place.
    """
    batch = 128 if users < SMALL else 512
    epochs = int(np.clip(round(STEPS * batch / max(users, 1)), 8, 40))
    squared = TrainingRecipe(
        loss="nmse", batch_size=batch, epochs=epochs, validation_interval=max(1, epochs // 5), token_dropout=0.2
    )
    mixed = replace(squared, loss="mixed", token_dropout=0.4)
    if has_text:
        return [("mixed", mixed), ("nmse", squared)]
    softmax = replace(mixed, loss="softmax", epochs=max(epochs, 20), validation_interval=4)
    return [
        ("mixed with neighbours", replace(mixed, neighbours=NEIGHBOURS)),
        ("softmax with neighbours", replace(softmax, neighbours=NEIGHBOURS)),
        ("nmse", squared),
    ]
