"""What the int8 kernel would cost a model's scores, and the gain of the prior's column at which it costs least.

The kernel rounds the extended profile ``[h / |h|, gain]`` to 255 steps of one scale, and the table, whose last column
is the prior divided by the gain, has one scale too. A large gain makes the profile's steps coarse, a small one the
table's; and the error of the gain itself is multiplied by the largest prior. Where popularity is hard to beat and a few
products have most of it, the usual gains can leave more than a file may lose, so the error is measured beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.model import FINE_GAIN, popularity_z, unit_rows
from seefud_converter.emulation import quantize_query

__all__ = ["ALLOWED_ERROR", "Gain", "affordable", "best_gain", "is_affordable", "kernel_error"]

COARSE_GAIN = 0.375
FINE_PRIOR = 0.5
"""Up to so large a prior `FINE_GAIN` is the usual one: the profile is as fine as without a prior. A larger prior needs
the coarse gain. (With a gain of 1 the kernel's error was .010.)"""
GAINS = (FINE_GAIN, 0.3125, 0.34375, COARSE_GAIN, 0.40625, 0.4375, 0.5)
"""Tried where the usual one leaves more than `GOOD_ERROR`; multiples of 1/64. A history's sum of int8 rows lies on a
lattice, and which gain suits it best is not to be foreseen."""
GOOD_ERROR = 0.004
ALLOWED_ERROR = 0.0045
"""Of a score. Parity allows .005 and looks at other histories."""
USERS = 3000
"""On a made set the largest error of 1,000 histories was .0043, of 3,000 .0049 and of 10,000 .0051."""
_PRODUCTS = 4096  # whose errors are computed at once
_STEPS = 127


class Gain(NamedTuple):
    """A gain of the prior's column.

    Attributes:
        value: the gain.
        error: the largest that the kernel makes in any score of the sampled histories.
    """

    value: float
    error: float


def best_gain(rows: Array, prior: Array, interactions: sp.csr_matrix) -> Gain:
    """The usual gain if its error is at most `GOOD_ERROR`, else the one with the least error.

    Args:
        rows: float32 [N, D], rotated as they are stored.
        prior: float32 [N].
        interactions: csr [U, N], histories.
    """
    largest = float(np.abs(prior).max(initial=0.0))
    usual = FINE_GAIN if largest <= FINE_PRIOR else COARSE_GAIN
    found = Gain(usual, kernel_error(rows, prior, usual, interactions))
    if found.error <= GOOD_ERROR:
        return found
    tried = [Gain(gain, kernel_error(rows, prior, gain, interactions)) for gain in GAINS if gain != usual]
    return min(found, *tried, key=lambda gain: gain.error)


def affordable(betas: Sequence[float], rows: Array, interactions: sp.csr_matrix) -> tuple[float, ...]:
    """The popularity weights up to the largest whose prior the kernel can hold, the first one in any case.

    Args:
        betas: rising.
        rows: float32 [N, D], rotated as they are stored.
        interactions: csr [U, N], histories, and what popularity is counted from.
    """
    last = len(betas) - 1
    while last > 0 and not is_affordable(betas[last], rows, interactions):
        last -= 1
    return tuple(betas[: last + 1])


def is_affordable(beta: float, rows: Array, interactions: sp.csr_matrix) -> bool:
    """Whether there is a gain at which the error stays within `ALLOWED_ERROR`; see `affordable`."""
    counts = np.diff(interactions.tocsc().indptr)
    z = popularity_z(counts)
    z = np.where(counts > 0, z, z[counts > 0].min(initial=0.0)).astype(np.float32)
    return any(kernel_error(rows, beta * z, gain, interactions) <= ALLOWED_ERROR for gain in GAINS)


def kernel_error(rows: Array, prior: Array, gain: float, interactions: sp.csr_matrix) -> float:
    """The largest difference that the kernel's rounding of profiles makes in any score, on the same int8 table.

    Args:
        rows: float32 [N, D], rotated as they are stored.
        prior: float32 [N].
        gain: what the prior is divided by.
        interactions: csr [U, N]; at most `USERS` histories at even distances are looked at.
    """
    table = np.concatenate([rows, prior[:, None] / np.float32(gain)], axis=1)
    scale = max(float(np.abs(table).max(initial=0.0)) / _STEPS, float(np.finfo(np.float32).tiny))
    stored = (np.round(table / scale) * scale).astype(np.float32)
    users = interactions.shape[0]
    sample = np.unique(np.linspace(0, users - 1, min(USERS, users)).astype(int))
    profiles = unit_rows(np.asarray(interactions[sample] @ stored[:, :-1], dtype=np.float32))
    queries = np.concatenate([profiles, np.full((len(profiles), 1), gain, np.float32)], axis=1)
    ways = [quantize_query(query)[0] for query in queries]
    rounded = np.array([way.steps * float(way.scale) for way in ways]).reshape(queries.shape)
    errors = (rounded - queries).astype(np.float32)
    blocks = (stored[start : start + _PRODUCTS] for start in range(0, len(stored), _PRODUCTS))
    return max((float(np.abs(errors @ block.T).max(initial=0.0)) for block in blocks), default=0.0)
