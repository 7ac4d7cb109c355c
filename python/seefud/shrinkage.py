"""Less taste, more popularity, with unit rows: every row gets a share of one common direction.

Where popularity is hard to beat, the popularity prior would have to be large beside the cosine; a large prior is coarse
in int8. Shrinking the taste instead keeps all numbers small: with ``e' = sqrt(w) e + sqrt(1 - w) u`` and u orthogonal
to all rows, differences of scores are multiplied by w for histories of one taste, and by less for histories without
one, which say less.
"""

from __future__ import annotations

import numpy as np

from seefud.arrays import Array
from seefud.model import unit_rows

__all__ = ["shrunk", "unshrunk"]


def shrunk(rows: Array, taste: float) -> Array:
    """Unit rows with a weight of `taste`; the direction in which they differ least is given up for the common one.

    Args:
        rows: float32 [N, D], unit rows; zero rows stay zero.
        taste: w, above 0 and up to 1; 1 returns the rows as they are.

    Returns:
        float32 [N, D].
    """
    if taste == 1.0:
        return rows
    common = np.linalg.eigh((rows.T @ rows).astype(np.float64))[1][:, :1].astype(np.float32)
    rest = unit_rows(rows - (rows @ common) @ common.T)
    known = np.abs(rest).max(axis=1, keepdims=True, initial=0.0) > 0
    mixed = np.sqrt(taste) * rest + np.sqrt(1.0 - taste) * common.T
    return np.where(known, mixed, 0.0).astype(np.float32)


def unshrunk(rows: Array, token_rows: Array, taste: float) -> tuple[Array, Array]:
    """Takes the common direction out of rows that `shrunk` made, and of the tokens that were fitted to them.

    u is the direction along which all rows are equally far, ``e . u = sqrt(1 - w)``: found by least squares, so that a
    rotation and the rounding of int8 do no harm.

    Args:
        rows: float32 [N, D], unit rows; zero rows stay zero.
        token_rows: float32 [V, D].
        taste: w, as it was given to `shrunk`; 1 returns both as they are.

    Returns:
        float32 [N, D], unit rows, and float32 [V, D].
    """
    if taste == 1.0:
        return rows, token_rows
    known = np.abs(rows).max(axis=1, initial=0.0) > 0
    common = np.linalg.lstsq(rows[known].astype(np.float64), np.ones(int(known.sum())), rcond=None)[0]
    common = (common / max(float(np.linalg.norm(common)), 1e-12)).astype(np.float32)[:, None]
    return unit_rows(rows - (rows @ common) @ common.T), token_rows - (token_rows @ common) @ common.T
