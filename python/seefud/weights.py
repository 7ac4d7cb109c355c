"""What an interaction is worth: a documented mapping from its type and its rating to a weight."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seefud.columns import closest
from seefud.errors import InputError

__all__ = ["DEFAULT_WEIGHTS", "MAX_WEIGHT", "TypeWeights"]

DEFAULT_WEIGHTS: Mapping[str, float] = {
    "view": 0.3,
    "search": 0.5,
    "click": 0.5,
    "cart": 0.8,
    "favorite": 1.0,
    "favourite": 1.0,
    "like": 1.0,
    "purchase": 1.0,
    "order": 1.0,
    "rating": 1.0,
    "dislike": 0.0,
    "hide": 0.0,
    "dismiss": 0.0,
}
"""By type. 1 is a certain liking; 0 says that it is none, and takes back what the user did before."""

MAX_WEIGHT = 5.0
"""A larger weight is cut to this one, so that no single row drowns a history."""


@dataclass(frozen=True)
class TypeWeights:
    """The weight of an interaction is the weight of its type times the factor of its rating.

    Type: a name in `weights`, whatever its letter case, or a number, which is the weight itself (at most
    `MAX_WEIGHT`): 1 is a plain interaction, 0 or less is none. `search` is a weight for the text.

    Rating (the value column, whatever the type): blank counts as full marks, except that a `rating` must
    have one; at most `low` is not a liking; above it the factor grows evenly to 1 at `scale`: with the usual
    2 of 5, the ratings 3, 4 and 5 give 1/3, 2/3 and 1.

    Attributes:
        weights: type in lower case -> weight, 0 to `MAX_WEIGHT`.
        scale: the best rating.
        low: the best rating that still is a bad one; usually 0.4 of the scale.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    scale: float = 5.0
    low: float = 2.0

    def __post_init__(self) -> None:
        for name, weight in self.weights.items():
            if not (math.isfinite(weight) and 0 <= weight <= MAX_WEIGHT):
                raise InputError(f"weight of {name} is {weight}; expected a number from 0 to {MAX_WEIGHT:g}")
        if not 0 <= self.low < self.scale < math.inf:
            raise InputError(f"ratings up to {self.low} of {self.scale} are low; expected 0 <= low < scale")

    @classmethod
    def recorded(cls, document: Mapping[str, Any], rating_scale: float | None = None) -> TypeWeights:
        """Those that a file's model was trained with, or the defaults where it records none.

        Args:
            document: bundle.json.
            rating_scale: the best rating, if not that of the file; 5 where the file, an older one, records none.

        Raises:
            InputError: the scale is not above 0.
        """
        stored = document["interaction_weights"]
        weights = cls(dict(stored)) if stored else cls()
        scale = document.get("rating_scale") if rating_scale is None else rating_scale
        return weights if scale is None else weights.with_scale(scale)

    def of_type(self, name: str) -> float | None:
        """The weight of a type, or None if it is unknown."""
        name = name.strip().lower()
        if name in self.weights:
            return float(self.weights[name])
        try:
            number = float(name)
        except ValueError:
            return None
        return min(max(number, 0.0), MAX_WEIGHT) if math.isfinite(number) else None

    def suggest(self, name: str) -> str | None:
        """The known type that a misspelt one is nearest to, or None."""
        return closest(name, self.weights)

    def factor(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Factors of ratings, same shape, 0 to 1; a NaN has 1."""
        factors = np.clip((values - self.low) / (self.scale - self.low), 0.0, 1.0)
        return np.where(np.isnan(values), 1.0, factors)

    def with_scale(self, scale: float) -> TypeWeights:
        """For ratings out of `scale`, of which up to 0.4 of it are low."""
        return replace(self, scale=scale, low=0.4 * scale)

    def with_options(self, options: Iterable[str]) -> TypeWeights:
        """Changed by options of the form `type=weight`; the type may be new.

        Raises:
            InputError: for an option that does not read so.
        """
        changes: dict[str, object] = {}
        for option in options:
            name, _, weight = option.partition("=")
            try:
                changes[name] = float(weight)
            except ValueError:
                raise InputError(f"--weight {option}: expected TYPE=NUMBER, for example view=0.2") from None
        return self.with_mapping(changes, "--weight")

    def with_mapping(self, changes: Mapping[str, object], where: str) -> TypeWeights:
        """Changed by a mapping type -> weight; `where` is named in errors.

        Raises:
            InputError: for a weight that is not a number from 0 to `MAX_WEIGHT`, or a type without a name.
        """
        weights = dict(self.weights)
        for name, weight in changes.items():
            if isinstance(weight, bool) or not isinstance(weight, int | float) or not name.strip():
                raise InputError(f"{where}: {name} is {weight!r}; expected a type and a number, for example view = 0.2")
            weights[name.strip().lower()] = float(weight)
        try:
            return replace(self, weights=weights)
        except InputError as error:
            raise InputError(f"{where}: {error}") from None

    def with_toml(self, path: Path) -> TypeWeights:
        """Changed by the table `[weights]` of a TOML file (beside `[columns]`), if it has one.

        Raises:
            InputError: if the file cannot be read or a weight is wrong.
        """
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8")).get("weights", {})
        except (OSError, ValueError) as error:
            raise InputError(
                f"{path}: cannot be read as TOML ({error}); write [weights] and lines like view = 0.2"
            ) from error
        if not isinstance(table, dict):
            raise InputError(f"{path}: weights is {table!r}; expected a table: [weights] and lines like view = 0.2")
        return self.with_mapping(table, path.name)
