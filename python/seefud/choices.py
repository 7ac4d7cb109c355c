"""What validation chose for a build, and the trainings that follow from it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.calibration import Calibration
from seefud.mixing import Mixing
from seefud.model import PopularityPrior
from seefud.selection import Choice
from seefud.starting_rows import StartingRows, shortened, steps_per_epoch
from seefud.training_recipe import TrainingRecipe

__all__ = ["Choices", "words_of"]


@dataclass(frozen=True)
class Choices:
    """What validation chose, with its evidence.

    Attributes:
        name: of the training recipe.
        recipe: the training recipe.
        epochs: passes that were best.
        dimension: D, the length of every vector.
        beta: weight of the popularity prior.
        taste: weight of taste in the rows; below 1 only where popularity is hard to beat.
        ridge: penalty of the token table.
        cold_prior: prior of a new product without a known word.
        mixing: crowding, and the weight of known words in the prior of new products.
        lift: how far above its score the best new product of a mixed list is placed.
        rows: float32 [N, D] of the best recipe on the validation split, for further choices.
        calibration: score to probability.
        calibration_error: expected calibration error on validation, 15 bins; NaN where nothing could be measured.
        candidates: one entry per recipe tried.
    """

    name: str
    recipe: TrainingRecipe
    epochs: int
    dimension: Choice
    beta: Choice
    taste: float
    ridge: Choice
    cold_prior: Choice
    mixing: Choice
    lift: float
    rows: Array
    calibration: Calibration
    calibration_error: float
    candidates: tuple[dict[str, Any], ...]

    @property
    def popularity(self) -> PopularityPrior:
        """The priors."""
        return PopularityPrior(self.beta.value, self.cold_prior.value, words_of(self.mixing))

    @property
    def places(self) -> Mixing:
        """How new products find their places in a mixed list."""
        return Mixing(self.lift, self.mixing.value)

    def plan(self, interactions: sp.csr_matrix, start: StartingRows | None) -> tuple[TrainingRecipe, int]:
        """The recipe and the epochs of a training on some interactions, shorter where it starts from earlier rows."""
        if start is None:
            return self.recipe, self.epochs
        recipe = shortened(self.recipe, start, self.epochs, _users(interactions), interactions.nnz)
        return recipe, recipe.epochs

    def training(self, interactions: sp.csr_matrix, start: StartingRows | None) -> dict[str, Any]:
        """What bundle.json says of such a training: enough for a later build to start from its rows."""
        recipe, epochs = self.plan(interactions, start)
        steps = epochs * steps_per_epoch(_users(interactions), recipe.batch_size)
        return {"recipe": self.name, "loss": recipe.loss, "epochs": epochs, "steps": steps, "taste": self.taste}

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``."""
        return {
            "recipe": asdict(self.recipe),
            "epochs": self.epochs,
            "dimension": self.dimension.to_json(),
            "beta": self.beta.to_json(),
            "taste": self.taste,
            "ridge": self.ridge.to_json(),
            "cold_prior": self.cold_prior.to_json(),
            "mixing": self.mixing.to_json(),
            "lift": self.lift,
            "calibration": self.calibration.to_json(),
            "expected_calibration_error": None if np.isnan(self.calibration_error) else self.calibration_error,
            "candidates": [dict(entry) for entry in self.candidates],
        }


def words_of(mixing: Choice) -> float:
    """The weight of known words that was chosen together with the crowding; 0 where nothing was measured."""
    return float(mixing.evidence[0]["words"]) if mixing.evidence else 0.0


def _users(interactions: sp.csr_matrix) -> int:
    return int((np.diff(interactions.indptr) > 0).sum())
