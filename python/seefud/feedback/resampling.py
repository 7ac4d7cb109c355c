"""The bootstrap over people: who was drawn how often, the same for everything that is computed from one log."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seefud.arrays import Array

__all__ = ["REPLICATES", "half_width", "resamples"]

REPLICATES = 200
"""The standard error is then known to 5 %; intervals are made of it, not of far quantiles."""

_SEED = 29
_CONFIDENCE = 0.95


def resamples(people: int, replicates: int = REPLICATES) -> Iterator[Array]:
    """Draws `people` of as many people with replacement, again and again, alike in every run.

    Yields:
        float64 [people], how often each was drawn.
    """
    rng = np.random.default_rng(_SEED)
    for _ in range(replicates):
        yield np.bincount(rng.integers(0, people, people), minlength=people).astype(np.float64)


def half_width(replicates: Array, people: int) -> float | None:
    """Half of the 95 % interval from a value's replicates, by Student's t; None if it cannot be known.

    Args:
        replicates: float64 [replicates], NaN where a resample gave none.
        people: how many were drawn from.
    """
    from scipy import stats

    known = replicates[np.isfinite(replicates)]
    if people < 2 or known.size < 0.9 * replicates.size or known.size < 2:
        return None
    return float(stats.t.ppf(0.5 + _CONFIDENCE / 2, people - 1) * known.std(ddof=1))
