"""The length of the vectors: a choice of validation, as twice the length is nearly twice the file."""

from __future__ import annotations

from collections.abc import Sequence

import scipy.sparse as sp

from seefud.arrays import Array
from seefud.evaluation import compare
from seefud.selection import SELECTION_METRIC, Choice, measure_rows, warm_products

__all__ = ["candidate_dimensions", "choose_dimension", "fixed_dimension"]

DIMENSIONS = (64, 128)
FEW_PRODUCTS = 1000
"""Below so many products the longer vectors are not tried: fewer products than that lie in fewer directions."""
WORTH = 0.03
"""Least gain in NDCG@20, relative, for which the longer vectors are taken. Of what was measured, MovieLens 100k gains
.004 to .02, toys .08 and made markets of many small tastes up to .2."""


def candidate_dimensions(products: int) -> tuple[int, ...]:
    """Lengths tried for N products, the shortest first."""
    return DIMENSIONS if products >= FEW_PRODUCTS else DIMENSIONS[:1]


def fixed_dimension(dimension: int) -> Choice:
    """What is said where nothing was compared."""
    return Choice(float(dimension), "the only one tried", ())


def choose_dimension(rows: Sequence[Array], train: sp.csr_matrix, held: sp.csr_matrix) -> Choice:
    """The shorter vectors, unless the longer ones are better by `WORTH` and by more than one standard error.

    Args:
        rows: float32 [N, D] for each of two lengths, the shorter first, trained on `train`.
        train: csr [U, N].
        held: csr [U, N], validation.

    Returns:
        D as the value; the evidence names each `dimension`, the chosen one first.
    """
    candidates = warm_products(train)
    found = [measure_rows(each, None, train, held, candidates) for each in rows]
    gain = compare(found, SELECTION_METRIC)[0]
    entries = [
        {
            "dimension": float(each.shape[1]),
            SELECTION_METRIC: measured[SELECTION_METRIC],
            "gain": difference,
            "standard_error": error,
        }
        for each, measured, difference, error in zip(
            rows, found, (0.0, gain.difference), (0.0, gain.standard_error), strict=True
        )
    ]
    longer = gain.exceeds() and gain.difference >= WORTH * found[0][SELECTION_METRIC]
    chosen, other = reversed(entries) if longer else entries
    rule = f"the longer ones where NDCG@20 gains {WORTH:.0%} and more than one standard error"
    return Choice(chosen["dimension"], rule, (chosen, other))
