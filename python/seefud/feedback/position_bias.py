"""How much less a lower rank is looked at, from products that were shown at different ranks.

The position-based model says that a click needs a look and a liking: `P(click) = examination(rank) * liking(product)`
(Richardson, Dominowska and Ragno, WWW 2007; Joachims, Swaminathan and Schnabel, WSDM 2017). With the likings as free
parameters this is a Poisson regression of clicks on ranks with an effect for every unit (a unit is one product, or one
product for one person). Conditional on a unit's clicks the effects drop out (Hausman, Hall and Griliches, Econometrica
52, 1984): which rank of those at which the unit was shown got the click is multinomial with
`p(rank) ~ impressions(rank) * examination(rank)`. It is concave in the logarithms and needs no rate to be small.

What may be compared is chosen by `seefud.feedback.position_evidence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from seefud.arrays import Array
from seefud.feedback.logged_lists import LoggedLists
from seefud.feedback.position_evidence import Evidence, Unit, best_evidence
from seefud.feedback.resampling import half_width, resamples

__all__ = ["PositionBias", "fit_examination", "position_bias"]

_STEPS = 50
_LARGEST = 12.0  # of a logarithm; a group without a click in a resample would run away


@dataclass(frozen=True)
class PositionBias:
    """Examination of groups of ranks, relative to the first group.

    Attributes:
        unit: what was shown at different ranks; None if examination cannot be told.
        reason: why it cannot be told; None if it can.
        first: int64 [groups], the first rank of each; the last group has no end.
        examination: float64 [groups]; NaN for a group that nothing links to the first.
        low: float64 [groups], ends of the 95 % intervals; NaN where unknown.
        high: float64 [groups].
        clicks: that it rests on.
        replicates: float64 [replicates, groups], of the bootstrap over people.
    """

    unit: Unit | None
    reason: str | None
    first: Array
    examination: Array
    low: Array
    high: Array
    clicks: int
    replicates: Array

    @property
    def compared(self) -> str:
        """What was compared, in words."""
        return {
            "person and product": "the same product shown to the same person at different ranks",
            "score": "products of like score at different ranks, when first shown to a person",
            "product": "the same product at different ranks, when first shown to different people",
            None: "nothing",
        }[self.unit]

    def group(self, rank: Array) -> Array:
        """int64, the groups that ranks (from 1) belong to."""
        return np.searchsorted(self.first, rank, side="right") - 1

    def of_rank(self, rank: int) -> tuple[float, float, float] | None:
        """Examination of a rank and its interval, or None where it cannot be told."""
        if self.reason is not None:
            return None
        group = int(self.group(np.array([rank]))[0])
        found = (self.examination[group], self.low[group], self.high[group])
        return None if np.isnan(found[0]) else (float(found[0]), float(found[1]), float(found[2]))

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``."""
        last = [int(rank) - 1 for rank in self.first[1:]] + [None] * (self.first.size > 0)
        groups = zip(self.first, last, self.examination, self.low, self.high, strict=True)
        return {
            "unit": self.unit,
            "reason": self.reason,
            "clicks": self.clicks,
            "groups": [
                {
                    "first_rank": int(first),
                    "last_rank": end,
                    **{name: None if np.isnan(value) else float(value) for name, value in values.items()},
                }
                for first, end, value, low, high in groups
                for values in [{"examination": value, "low": low, "high": high}]
            ],
        }


def position_bias(lists: LoggedLists) -> PositionBias:
    """Fits examination by rank on the best of the three comparisons that the log allows.

    A log whose units never change rank, or have too few clicks, gives a `PositionBias` with a reason instead.
    """
    found = best_evidence(lists)
    if isinstance(found, Evidence):
        return fit_examination(found, len(lists.users))
    empty = np.empty(0)
    return PositionBias(None, found, empty.astype(np.int64), empty, empty, empty, 0, np.empty((0, 0)))


def fit_examination(evidence: Evidence, people: int) -> PositionBias:
    """The maximum of the likelihood, and that of every resample of people.

    Args:
        evidence: with at least two groups.
        people: how many `evidence.user` counts.
    """
    size = evidence.first.size
    units = int(evidence.unit.max()) + 1
    met = sp.csr_matrix((np.ones(evidence.unit.size), (evidence.unit, evidence.group)), shape=(units, size))
    _, component = connected_components(met.T @ met, directed=False)
    linked = component == component[0]
    lines = linked[evidence.group]
    unit, group = evidence.unit[lines], evidence.group[lines]
    clicked, user = evidence.clicked[lines], evidence.user[lines]
    ones = np.ones(clicked.size)
    logarithms = _maximum(unit, group, ones, clicked, np.zeros(size))
    drawn = [_maximum(unit, group, weights[user], clicked * weights[user], logarithms) for weights in resamples(people)]
    replicates = np.where(linked, np.array(drawn), np.nan)
    logarithms = np.where(linked, logarithms, np.nan)
    widths = [half_width(replicates[:, place], people) for place in range(size)]
    half = np.array([np.nan if width is None else width for width in widths])
    return PositionBias(
        evidence.name,
        None,
        evidence.first,
        np.exp(logarithms),
        np.exp(logarithms - half),
        np.exp(logarithms + half),
        int(clicked.sum()),
        np.exp(replicates),
    )


def _maximum(unit: Array, group: Array, shown: Array, clicked: Array, start: Array) -> Array:
    """Newton's method for the logarithms of examination, that of the first group 0; those of absent groups stay.

    Args:
        unit: int64 [lines].
        group: int64 [lines].
        shown: float64 [lines], how often.
        clicked: float64 [lines], how often.
        start: float64 [groups].
    """
    size, units = start.size, int(unit.max()) + 1
    clicks = np.bincount(unit, clicked, units)
    found = np.bincount(group, clicked, size)
    logarithms = start.copy()
    for _ in range(_STEPS):
        looks = shown * np.exp(logarithms[group])
        sums = np.bincount(unit, looks, units)
        chance = looks / np.where(sums > 0, sums, 1.0)[unit]
        expected = np.bincount(group, clicks[unit] * chance, size)
        shares = sp.csr_matrix((chance * np.sqrt(clicks[unit]), (unit, group)), shape=(units, size))
        curvature = np.diag(expected + 1e-9) - (shares.T @ shares).toarray()
        step = np.zeros(size)
        step[1:] = np.linalg.lstsq(curvature[1:, 1:], (found - expected)[1:], rcond=1e-12)[0]
        step = np.clip(step, -1.0, 1.0)
        logarithms = np.clip(logarithms + step, -_LARGEST, _LARGEST)
        if np.abs(step).max() < 1e-7:
            break
    return logarithms
