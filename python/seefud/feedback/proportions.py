"""Proportions with intervals when people, not impressions, are what was drawn.

Impressions of one person resemble each other, so a plain interval is too narrow. The variance of the ratio over people
gives a design effect (Kish, "Survey Sampling", 1965); the number of impressions is divided by it, corrected for the
number of people (Korn and Graubard, Survey Methodology 24, 1998), and goes into Wilson's score interval (JASA 22,
1927), which is right for small counts too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from seefud.arrays import Array

__all__ = ["Proportion", "clustered_proportion", "wilson_interval"]

_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Proportion:
    """A share of something, with its 95 % interval.

    Attributes:
        count: successes.
        total: trials.
        people: whose trials they are.
        value: count / total; None without a trial.
        low: end of the interval; None below two people, who say nothing of others.
        high: the other end.
        design_effect: how many times more trials are needed than if each were of another person; at least 1.
    """

    count: int
    total: int
    people: int
    value: float | None
    low: float | None
    high: float | None
    design_effect: float

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``."""
        return vars(self)


def clustered_proportion(counts: Array, totals: Array, design_effect: float = 1.0) -> Proportion:
    """A share over people.

    Args:
        counts: [people], successes of each.
        totals: [people], trials of each.
        design_effect: taken where these numbers have none: no success, or nothing but successes.
    """
    counts, totals = np.asarray(counts, np.float64), np.asarray(totals, np.float64)
    there = totals > 0
    counts, totals = counts[there], totals[there]
    people = int(there.sum())
    total, count = float(totals.sum()), float(counts.sum())
    if not people:
        return Proportion(0, 0, 0, None, None, None, 1.0)
    value = count / total
    if people < 2:
        return Proportion(int(count), int(total), people, value, None, None, 1.0)
    effect = max(design_effect, 1.0)
    if 0 < count < total:
        variance = people / (people - 1) * float(((counts - value * totals) ** 2).sum()) / total**2
        effect = max(variance / (value * (1 - value) / total), 1.0)
    quantile = float(stats.norm.ppf(0.5 + _CONFIDENCE / 2))
    wider = (float(stats.t.ppf(0.5 + _CONFIDENCE / 2, people - 1)) / quantile) ** 2
    low, high = wilson_interval(value, total / effect / wider, quantile)
    return Proportion(int(count), int(total), people, value, low, high, effect)


def wilson_interval(value: float, trials: float, quantile: float) -> tuple[float, float]:
    """Wilson's score interval of a share.

    Args:
        value: the share.
        trials: of how many; need not be whole.
        quantile: of the normal distribution, 1.96 for 95 %.
    """
    square = quantile**2
    middle = (value + square / (2 * trials)) / (1 + square / trials)
    half = quantile / (1 + square / trials) * math.sqrt(value * (1 - value) / trials + square / (4 * trials**2))
    return max(middle - half, 0.0), min(middle + half, 1.0)
