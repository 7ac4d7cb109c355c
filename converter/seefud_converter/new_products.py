"""Products without a row: their prior, and their places in one list with the others, as `bundle.json` says."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["NewProducts"]


@dataclass(frozen=True)
class NewProducts:
    """How a file treats products that it does not hold.

    Attributes:
        cold: Prior of one without a known word.
        words: Weight of `log(1 + n)` in the prior, n being the number of known tokens that are used.
        lift: What the best new product of a mixed list gets for its place, beside its score.
        crowding: How much less each further one gets.
    """

    cold: float = 0.0
    words: float = 0.0
    lift: float = 0.0
    crowding: float = 0.0

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> NewProducts:
        """Of a checked bundle.json; what an older one does not say is 0."""
        prior, mixing = document["prior"], document.get("mixing", {})
        return cls(prior["cold"] or 0.0, prior.get("words", 0.0), mixing.get("lift", 0.0), mixing.get("crowding", 0.0))

    def prior(self, tokens: int) -> float:
        """The prior of a product with so many known tokens."""
        return self.cold + self.words * math.log1p(tokens)

    def mixed(self, known: Sequence[float], new: Sequence[float], k: int, *, lifted: bool = True) -> list[int]:
        """One list of both: the r-th best new product, r from 0, takes the place of `score + lift - r * crowding`.

        A tie goes to the product with a row. Two scores are compared as float64.

        Args:
            known: Scores of products with a row, best first.
            new: Scores of products without, best first.
            k: Length of the list; shorter if there are not so many.
            lifted: False for an empty profile, which knows no new product from another: lists are sorted by score.

        Returns:
            i for the i-th of `known`, -1 - j for the j-th of `new`.
        """
        lift, crowding = (self.lift, self.crowding) if lifted else (0.0, 0.0)
        order: list[int] = []
        i = j = 0
        while len(order) < k and i + j < len(known) + len(new):
            if j == len(new) or (i < len(known) and float(known[i]) >= float(new[j]) + (lift - crowding * j)):
                order.append(i)
                i += 1
            else:
                order.append(-1 - j)
                j += 1
        return order
