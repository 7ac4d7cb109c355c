"""Several simulations of different seeds taken together: means and their standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seefud.simulation.results import Simulation

__all__ = ["Gain", "gain", "series"]


@dataclass(frozen=True)
class Gain:
    """A mean difference over seeds.

    Attributes:
        start: mean of what is compared against.
        end: mean of what is looked at.
        difference: mean of the differences, seed by seed.
        standard_error: of `difference`; NaN for a single seed.
    """

    start: float
    end: float
    difference: float
    standard_error: float

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``; no number where there is none."""
        known = bool(np.isfinite(self.standard_error))
        return {**vars(self), "standard_error": self.standard_error if known else None}


def series(simulations: Sequence[Simulation], circle: str, measure: str) -> NDArray[np.float64]:
    """One measure of one circle, round by round.

    Args:
        simulations: of the same number of rounds.
        circle: one of `REBUILT`, `FIRST` and `POPULARITY`.
        measure: an attribute of `Point`.

    Returns:
        float64 [seeds, rounds + 1]; NaN where a point has none, as the last one's click-through.
    """
    rows = [[getattr(point, measure) for point in each.points[circle]] for each in simulations]
    return np.array(rows, dtype=np.float64)


def gain(start: NDArray[np.float64], end: NDArray[np.float64]) -> Gain:
    """The mean difference of paired values, with its standard error.

    Args:
        start: float64 [seeds].
        end: float64 [seeds], of the same seeds.
    """
    difference = end - start
    error = float(difference.std(ddof=1) / np.sqrt(len(difference))) if len(difference) > 1 else float("nan")
    return Gain(float(start.mean()), float(end.mean()), float(difference.mean()), error)
