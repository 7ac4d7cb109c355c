"""How new products find their places in one list with those that the model knows from interactions.

A new product's score is as good a guess as its text allows, and the guesses of one list are wrong together: where a
person's profile lies near a kind of products, all new ones of that kind come first. So the places are given out with
falling generosity: the r-th best new product, r counted from 0, takes the place of a score that is
``lift - r * crowding`` higher. Scores themselves stay what they are, and so does the order of new products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array, Floats
from seefud.metrics import top_rows
from seefud.ranking import HistoryScorer, UserRows

__all__ = ["SORTED", "MixedScorer", "Mixing"]


@dataclass(frozen=True)
class Mixing:
    """The two numbers of the rule; zeros sort a list by its scores.

    Attributes:
        lift: what is added to the score of the best new product, for its place only.
        crowding: how much less each further one gets, >= 0.
    """

    lift: float = 0.0
    crowding: float = 0.0

    def boosts(self, count: int) -> Floats:
        """What the best, second best, ... new product gets: float32 [count]."""
        return np.asarray(self.lift - self.crowding * np.arange(count), dtype=np.float32)


SORTED = Mixing()
"""No rule: a list is sorted by its scores."""


class MixedScorer(HistoryScorer):
    """Scores whose order is that of a mixed list of the `length` best, for evaluation.

    A user without a known product has no taste that could tell new products apart; nothing is lifted there.
    """

    def __init__(
        self, rows: Floats, history: sp.csr_matrix, prior: Floats, new: Array, mixing: Mixing, length: int = 20
    ) -> None:
        """Takes rows, history and prior as `HistoryScorer`, and which products are new: bool [N], in no history."""
        super().__init__(rows, history, prior)
        self._new = np.flatnonzero(new)
        self._empty = np.diff(history.indptr) == 0
        self._boosts = mixing.boosts(min(length, len(self._new)))

    def __call__(self, users: UserRows) -> Floats:
        """Scores float32 [b, products], those of the best new products changed to their places."""
        scores = super().__call__(users)
        if not len(self._boosts):
            return scores
        of_new = scores[:, self._new]
        best = top_rows(of_new, len(self._boosts))
        raised = np.take_along_axis(of_new, best, axis=1) + np.where(self._empty[users, None], 0, self._boosts)
        # Whatever is not among the best stays below them: the list is full before it is reached.
        placed = np.minimum(of_new, raised.min(axis=1, keepdims=True) - 1)
        np.put_along_axis(placed, best, raised.astype(np.float32), axis=1)
        scores[:, self._new] = placed
        return scores
