"""A market whose attraction is given, for tests with known answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seefud.simulation.market import Dish, Market

__all__ = ["plain_market"]


def plain_market(attraction: Sequence[Sequence[float]], reserved: Sequence[Sequence[int]] | None = None) -> Market:
    """A market whose attraction is given; all dishes are met equally often."""
    table = np.array(attraction, dtype=np.float64)
    count = table.shape[1]
    dishes = tuple(Dish(f"dish {place}", "salt", ("dish", str(place))) for place in range(count))
    kept = np.zeros(table.shape, np.bool_) if reserved is None else np.array(reserved, dtype=np.bool_)
    return Market(dishes, table, kept, np.full(count, 1 / count))
