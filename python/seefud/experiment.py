"""The trainings of a build: one on the validation split per candidate recipe, the choice, and the refits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.calibration import Calibration, calibration_sample, expected_calibration_error, fit_capped_calibration
from seefud.candidate_recipes import candidate_recipes
from seefud.choices import Choices, words_of
from seefud.cold_selection import ColdPlays, choose_ridge
from seefud.dimension_selection import choose_dimension, fixed_dimension
from seefud.errors import InputError
from seefud.fitting import finish_model, rotated
from seefud.kernel_error import affordable, is_affordable
from seefud.mixing import SORTED, Mixing
from seefud.mixing_selection import choose_cold_prior, choose_mixing, chosen_lift
from seefud.model import Kind, Model, PopularityPrior
from seefud.ranking import HistoryScorer, relevant_products
from seefud.selection import BETAS, Choice, choose_popularity, ndcg_on, warm_products
from seefud.shrinkage import shrunk
from seefud.split import Split
from seefud.starting_rows import StartingRows
from seefud.training import TrainedRows, TrainingProgress, train_rows
from seefud.training_recipe import TrainingRecipe

__all__ = ["Experiment"]


@dataclass(frozen=True)
class Experiment:
    """What all trainings of a build share.

    Attributes:
        product_tokens: csr [N, V] of ones.
        kind: what rows are made of.
        dimensions: lengths of the vectors to choose from, rising: one or two. Recipes are compared at the first.
        seed: of all trainings.
        work: folder for checkpoints, or None.
        tensorboard: folder for event files, or None.
        progress: told (name of the training, progress) after every epoch, or None.
    """

    product_tokens: sp.csr_matrix
    kind: Kind
    dimensions: tuple[int, ...]
    seed: int = 0
    work: Path | None = None
    tensorboard: Path | None = None
    progress: Callable[[str, TrainingProgress], None] | None = None

    def recipes(self, users: int, products: int) -> list[tuple[str, TrainingRecipe]]:
        """The candidates for data of this size."""
        has_text = self.kind is not Kind.COLLABORATIVE and bool(self.product_tokens.nnz)
        return candidate_recipes(users, products, has_text)

    def train(
        self,
        name: str,
        interactions: sp.csr_matrix,
        recipe: TrainingRecipe,
        *,
        dimension: int | None = None,
        epochs: int | None = None,
        start: StartingRows | None = None,
        validate: Callable[[Array], float] | None = None,
    ) -> TrainedRows:
        """One training, resumable under its name; of vectors of the first length unless another is given."""
        report = self.progress
        return train_rows(
            interactions,
            self.product_tokens,
            kind=self.kind,
            dimension=dimension or self.dimensions[0],
            recipe=recipe,
            seed=self.seed,
            epochs=epochs,
            start=start,
            validate=validate,
            checkpoint=self.work / "training" / name if self.work else None,
            tensorboard=self.tensorboard / name if self.tensorboard else None,
            progress=(lambda step: report(name, step)) if report else None,
        )

    def choose(self, split: Split, recipes: Sequence[tuple[str, TrainingRecipe]]) -> Choices:
        """Trains every recipe on the split's training half and makes all choices on the held half."""
        name, recipe, trained, dimension, entries = self._best(split, recipes)
        beta = _popularity(trained.rows, split)
        taste = beta.evidence[0]["taste"] if beta.evidence else 1.0
        rows = shrunk(trained.rows, taste)
        tokens = self.product_tokens[:, :0] if self.kind is Kind.COLLABORATIVE else self.product_tokens
        plays = ColdPlays.draw(split, self.seed)
        played_rows = rows
        if tokens.shape[1] and plays.measurable:
            without = self.train(
                "choose for cold products",
                plays.train,
                recipe,
                dimension=int(dimension.value),
                epochs=trained.epochs,
            )
            played_rows = shrunk(without.rows, taste)
        ridge = choose_ridge(played_rows, tokens, plays)
        mixing = choose_mixing(played_rows, tokens, beta.value, ridge.value, plays)
        cold = choose_cold_prior(played_rows, tokens, beta.value, ridge.value, words_of(mixing), plays)
        popularity = PopularityPrior(beta.value, cold.value, words_of(mixing))
        calibration, error = _calibrated(self.finish(rows, split.train, popularity, ridge.value), split)
        return Choices(
            name,
            recipe,
            trained.epochs,
            dimension,
            beta,
            taste,
            ridge,
            cold,
            mixing,
            chosen_lift(mixing, cold, tokens, plays),
            rows,
            calibration,
            error,
            tuple(entries),
        )

    def finish(
        self,
        rows: Array,
        interactions: sp.csr_matrix,
        popularity: PopularityPrior,
        ridge: float,
        mixing: Mixing = SORTED,
    ) -> Model:
        """A model from trained rows; see `seefud.fitting.finish_model`."""
        return finish_model(rows, interactions, self.product_tokens, self.kind, popularity, ridge, mixing)

    def fit(self, name: str, interactions: sp.csr_matrix, choices: Choices, start: StartingRows | None = None) -> Model:
        """Trains a model the chosen way on other interactions, from scratch or from earlier rows."""
        recipe, epochs = choices.plan(interactions, start)
        length = int(choices.dimension.value)
        trained = self.train(name, interactions, recipe, dimension=length, epochs=epochs, start=start)
        rows = shrunk(trained.rows, choices.taste)
        return self.finish(rows, interactions, choices.popularity, choices.ridge.value, choices.places)

    def _best(self, split: Split, recipes: Sequence[tuple[str, TrainingRecipe]]) -> _Best:
        """Recipes are compared at the first length; the best is trained once more at the second."""
        trainings = [
            (name, recipe, self.train(f"choose {name}", split.train, recipe, validate=self._validation(split)))
            for name, recipe in recipes
        ]
        if not trainings:
            raise InputError("training: no recipe was given; name at least one")
        entries = [_entry(name, trained) for name, _, trained in trainings]
        name, recipe, trained = max(trainings, key=lambda training: training[2].validation or 0.0)
        if len(self.dimensions) == 1 or not _measurable(split):
            return _Best(name, recipe, trained, fixed_dimension(self.dimensions[0]), entries)
        label = f"{name}, dimension {self.dimensions[1]}"
        validate = self._validation(split)
        longer = self.train(f"choose {label}", split.train, recipe, dimension=self.dimensions[1], validate=validate)
        choice = choose_dimension((trained.rows, longer.rows), split.train, split.held)
        chosen = longer if choice.value == self.dimensions[1] else trained
        return _Best(name, recipe, chosen, choice, [*entries, _entry(label, longer)])

    def _validation(self, split: Split) -> Callable[[Array], float] | None:
        if not _measurable(split):
            return None
        return lambda rows: ndcg_on(rows, split.train, split.held)


class _Best(NamedTuple):
    """The training that validation liked best, and what it saw of all."""

    name: str
    recipe: TrainingRecipe
    trained: TrainedRows
    dimension: Choice
    entries: list[dict[str, Any]]


def _entry(name: str, trained: TrainedRows) -> dict[str, Any]:
    """What the report says of a training that validation looked at."""
    return {
        "name": name,
        "ndcg@20": trained.validation,
        "epochs": trained.epochs,
        "seconds": round(trained.seconds, 2),
        "history": trained.history,
    }


def _popularity(rows: Array, split: Split) -> Choice:
    if not _measurable(split):
        return Choice(0.0, "too few interactions to measure", ())
    betas = affordable(BETAS, rotated(rows, split.train), split.train)
    choice = choose_popularity(rows, split.train, split.held, betas)
    while len(betas) > 1 and not _is_held(choice, rows, split):
        betas = betas[:-1]
        choice = choose_popularity(rows, split.train, split.held, betas)
    if betas == BETAS:
        return choice
    return replace(choice, rule=f"{choice.rule}; weights above {betas[-1]:g} would be too coarse in int8")


def _is_held(choice: Choice, rows: Array, split: Split) -> bool:
    """Whether int8 holds the rows that a weight of taste below 1 makes; for others it is known already."""
    taste = choice.evidence[0]["taste"]
    return taste == 1.0 or is_affordable(choice.value, rotated(shrunk(rows, taste), split.train), split.train)


def _measurable(split: Split) -> bool:
    """Whether some user has a held product that training knows."""
    return bool(relevant_products(split.train, split.held, warm_products(split.train)).users.size)


def _calibrated(model: Model, split: Split) -> tuple[Calibration, float]:
    candidates = warm_products(split.train)
    if not _measurable(split):
        # Nothing to fit to: the share of all pairs that are interactions, whatever the score.
        users, products = split.train.shape
        rate = float(np.clip(split.train.nnz / max(users * products, 1), 1e-6, 1 - 1e-6))
        return Calibration(0.0, float(np.log(rate / (1 - rate)))), float("nan")
    scorer = HistoryScorer(model.rows, split.train, model.prior)
    scores, labels = calibration_sample(scorer, split.train, split.held, candidates=candidates, max_pairs=1_000_000)
    calibration = fit_capped_calibration(scores, labels)
    return calibration, float(expected_calibration_error(calibration.probability(scores), labels))
