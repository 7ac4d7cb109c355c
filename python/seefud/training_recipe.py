"""How a model is trained: named numbers, chosen on validation splits, stored in the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["TrainingRecipe"]


@dataclass(frozen=True)
class TrainingRecipe:
    """Loss, sizes and rates of a training run.

    Attributes:
        loss: ``nmse`` (normalised squared error), ``softmax`` (cross-entropy over sampled products) or ``mixed`` (the
            first plus `softmax_weight` times the second, on the same rows in the same step).
        batch_size: users per step.
        epochs: passes over the users; the learning rate decays over all of them.
        learning_rate: of Adam at the start.
        final_rate: share of `learning_rate` that is left at the end of the cosine decay.
        input_dropout: share of a history's entries dropped from the input of the squared error, where there is no text.
        token_dropout: share of the tokens dropped, one mask per step.
        id_scale: size of a product's own vector at the start, relative to the tokens', where there are tokens.
        start_noise: length of the noise that is added to a product's own vector where training starts from earlier
            rows, which have length 1, and rows have features; see `seefud.starting_rows`.
        softmax_weight: of the softmax in the mixed loss.
        target_share: the share of a history that the softmax hides is drawn per user between these two.
        temperature: multiplies the cosine in the softmax.
        negatives: sampled products per step besides the batch's own; 0 for all.
        neighbours: products that co-occur most, treated as further tokens while training.
        validation_interval: epochs between two validations.
        patience: validations without gain before the run stops.
        checkpoint_steps: steps between two checkpoints inside an epoch.
    """

    loss: Literal["nmse", "softmax", "mixed"] = "nmse"
    batch_size: int = 512
    epochs: int = 8
    learning_rate: float = 0.01
    final_rate: float = 0.05
    input_dropout: float = 0.3
    token_dropout: float = 0.2
    id_scale: float = 0.05
    start_noise: float = 0.0
    softmax_weight: float = 0.1
    target_share: tuple[float, float] = (0.1, 0.9)
    temperature: float = 10.0
    negatives: int = 2048
    neighbours: int = 0
    validation_interval: int = 2
    patience: int = 3
    checkpoint_steps: int = 200

    def dropout(self, *, has_features: bool) -> float:
        """The input dropout of the squared error: none where there is text, whose dropout is enough."""
        return 0.0 if has_features else self.input_dropout
