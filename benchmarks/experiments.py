"""Trainings outside a build, with a build's defaults and its way to choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import scipy.sparse as sp

    from seefud.choices import Choices
    from seefud.experiment import Experiment
    from seefud.prepared import Prepared
    from seefud.warm_start import WarmStart

__all__ = ["choose_as_a_build", "default_experiment"]


def default_experiment(prepared: Prepared, seed: int = 0, dimension: int | None = None) -> Experiment:
    """What the trainings of a build with default options share, but for the dimension if one is given."""
    from seefud.build_options import BuildOptions
    from seefud.dimension_selection import candidate_dimensions
    from seefud.experiment import Experiment

    tokens = prepared.product_tokens
    dimensions = (dimension,) if dimension else candidate_dimensions(tokens.shape[0])
    return Experiment(tokens, kind=BuildOptions().kind, dimensions=dimensions, seed=seed)


def choose_as_a_build(experiment: Experiment, train: sp.csr_matrix, only: WarmStart | None = None) -> Choices:
    """All choices, on the validation split that a build would draw from `train`; `only` keeps its recipe."""
    from seefud.build import VALIDATION_SEED
    from seefud.build_data import split_off
    from seefud.build_options import BuildOptions
    from seefud.warm_start import kept_recipes

    split = split_off(train, None, BuildOptions(), VALIDATION_SEED)
    return experiment.choose(split, kept_recipes(experiment.recipes(*train.shape), only))
