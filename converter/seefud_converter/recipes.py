"""Conversion recipes: names that can be decoded, stored in the file they produced.

A name reads from left to right: how activations are computed, then how weights are stored.
`float32` and `float16` compute in float32 and store weights in the type they name; `dynamic_wi8` quantizes
activations on the fly (*dynamic*) against weights (*w*) stored as int8 (*i8*).
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from .errors import UnknownRecipeError

__all__ = ["DEFAULT_RECIPE", "RECIPES", "Recipe", "recipe_named"]


@dataclass(frozen=True)
class Recipe:
    """How the tables are stored.

    Attributes:
        name: The name that selects it and that `bundle.json` records.
        weight_type: numpy's name of the type of a stored weight.
        bytes_per_weight: Bytes of a stored weight.
        description: One line for people.
    """

    name: str
    weight_type: str
    bytes_per_weight: int
    description: str


DEFAULT_RECIPE = "dynamic_wi8"

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe("float32", "float32", 4, "float32 weights, float32 arithmetic: the reference"),
        Recipe("float16", "float16", 2, "float16 weights, widened to float32 before use"),
        Recipe(
            "dynamic_wi8",
            "int8",
            1,
            "int8 weights with one scale per table, activations quantized on the fly",
        ),
    )
}


def recipe_named(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        UnknownRecipeError: No such recipe; the message offers the nearest name.
    """
    if name in RECIPES:
        return RECIPES[name]
    near = difflib.get_close_matches(name, RECIPES, n=1, cutoff=0.4)
    raise UnknownRecipeError(
        "--recipe",
        "one of " + ", ".join(RECIPES),
        repr(name),
        f"did you mean {near[0]}?" if near else f"use {DEFAULT_RECIPE}",
    )
