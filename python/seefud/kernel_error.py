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
from seefud_converter.emulation import rounded_queries

__all__ = ["ALLOWED_ERROR", "Gain", "affordable", "best_gain", "is_affordable", "kernel_error"]

COARSE_GAIN = 0.375
FINE_PRIOR = 0.5
"""Up to so large a prior `FINE_GAIN` is the usual one: the profile is as fine as without a prior. A larger prior needs
the coarse gain. (With a gain of 1 the kernel's error was .010.)"""
GAINS = (0.125, 0.1875, 0.21875, FINE_GAIN, 0.28125, 0.3125, 0.34375, COARSE_GAIN, 0.40625, 0.4375, 0.5)
"""Tried where the usual one leaves more than `GOOD_ERROR`; multiples of 1/64. A history's sum of int8 rows lies on a
lattice, and which gain suits it best is not to be foreseen. The small ones suit long vectors, whose values are small,
where the prior is small too."""
GOOD_ERROR = 0.004
ALLOWED_ERROR = 0.0045
"""Of a score. Parity allows .005 and looks at other histories."""
USERS = 3000
"""On a made set the largest error of 1,000 histories was .0043, of 3,000 .0049 and of 10,000 .0051."""
MORE_USERS = 12_000
"""For the gain that comes out best: the least of many largest errors is too low. (toys, 128 dimensions: .0042 of 3,000
histories, where parity met .0051; with another gain .0034 and .0040.)"""
_CELLS = 12_000_000  # errors of scores held at once
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
    """The usual gain if its error is at most `GOOD_ERROR`, else one that `MORE_USERS` histories bear out.

    Those are asked in the order of the errors that `USERS` histories have, until one's error is at most
    `ALLOWED_ERROR`; if there is none, it is the one with the least error.

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
    tried = [found, *(Gain(gain, kernel_error(rows, prior, gain, interactions)) for gain in GAINS if gain != usual)]
    borne_out: list[Gain] = []
    for gain in sorted(tried, key=lambda gain: gain.error):
        borne_out.append(Gain(gain.value, kernel_error(rows, prior, gain.value, interactions, MORE_USERS)))
        if borne_out[-1].error <= ALLOWED_ERROR:
            return borne_out[-1]
    return min(borne_out, key=lambda gain: gain.error)


def affordable(betas: Sequence[float], rows: Array, interactions: sp.csr_matrix) -> tuple[float, ...]:
    """The popularity weights up to the largest whose prior the kernel can hold, the first one in any case.

    The larger a prior, the harder it is to hold; so the limit is found by bisection.

    Args:
        betas: rising.
        rows: float32 [N, D], rotated as they are stored.
        interactions: csr [U, N], histories, and what popularity is counted from.
    """
    if is_affordable(betas[-1], rows, interactions):
        return tuple(betas)
    held, refused = 0, len(betas) - 1
    while refused - held > 1:
        middle = (held + refused) // 2
        held, refused = (middle, refused) if is_affordable(betas[middle], rows, interactions) else (held, middle)
    return tuple(betas[: held + 1])


def is_affordable(beta: float, rows: Array, interactions: sp.csr_matrix) -> bool:
    """Whether there is a gain at which the error stays within `ALLOWED_ERROR`; see `affordable`."""
    counts = np.diff(interactions.tocsc().indptr)
    z = popularity_z(counts)
    z = np.where(counts > 0, z, z[counts > 0].min(initial=0.0)).astype(np.float32)
    return any(kernel_error(rows, beta * z, gain, interactions) <= ALLOWED_ERROR for gain in GAINS)


def kernel_error(rows: Array, prior: Array, gain: float, interactions: sp.csr_matrix, most_users: int = USERS) -> float:
    """The largest difference that the kernel's rounding of profiles makes in any score, on the same int8 table.

    Args:
        rows: float32 [N, D], rotated as they are stored.
        prior: float32 [N].
        gain: what the prior is divided by.
        interactions: csr [U, N].
        most_users: at most so many histories at even distances are looked at.
    """
    table = np.concatenate([rows, prior[:, None] / np.float32(gain)], axis=1)
    scale = max(float(np.abs(table).max(initial=0.0)) / _STEPS, float(np.finfo(np.float32).tiny))
    stored = (np.round(table / scale) * scale).astype(np.float32)
    users = interactions.shape[0]
    sample = np.unique(np.linspace(0, users - 1, min(most_users, users)).astype(int))
    profiles = unit_rows(np.asarray(interactions[sample] @ stored[:, :-1], dtype=np.float32))
    queries = np.concatenate([profiles, np.full((len(profiles), 1), gain, np.float32)], axis=1)
    errors = (rounded_queries(queries) - queries).astype(np.float32)
    width = max(1, _CELLS // max(len(errors), 1))
    largest = 0.0
    for start in range(0, len(stored), width):
        found = errors @ stored[start : start + width].T
        largest = max(largest, float(found.max(initial=0.0)), -float(found.min(initial=0.0)))
    return largest
