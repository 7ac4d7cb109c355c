"""How a history's weights fade with age: ``1 / sqrt(1 + age in days)``, at inference only."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

__all__ = ["faded"]

SECONDS_PER_DAY = 86_400.0


def faded(history: sp.csr_matrix, timestamps: sp.csr_matrix) -> sp.csr_matrix:
    """A history whose weights are divided by ``sqrt(1 + age)``, age being days before the user's newest interaction.

    Args:
        history: float32 [U, N], weights.
        timestamps: float64 [U, N] with the same stored places, seconds; NaN where unknown, which counts as the oldest
            age that the user has.

    Returns:
        float32 [U, N] with the same stored places.
    """
    user = np.repeat(np.arange(history.shape[0]), np.diff(history.indptr))
    newest = np.full(history.shape[0], -np.inf)
    known = np.isfinite(timestamps.data)
    np.maximum.at(newest, user[known], timestamps.data[known])
    age = np.where(known, newest[user] - timestamps.data, -1.0) / SECONDS_PER_DAY
    oldest = np.zeros(history.shape[0])
    np.maximum.at(oldest, user[known], age[known])
    age = np.where(known, age, oldest[user])
    weights = (history.data / np.sqrt(1.0 + age)).astype(np.float32)
    return sp.csr_matrix((weights, history.indices, history.indptr), shape=history.shape)
