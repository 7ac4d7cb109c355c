"""What mixing would do to people's lists: all that a rule's cost and gain depend on, taken once.

A list of k holds some of a person's best new products and else the best warm ones. Recall asks only how many new ones
there are, so that the two lists of k behind it are enough to try any rule on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.metrics import hit_matrix
from seefud.mixing import Mixing
from seefud.ranking import HistoryScorer, UserRows, ranked_lists, relevant_products

__all__ = ["BestLists", "MixedLists", "Outcome"]

_USERS = 4096  # whose scores are gathered at once


class Outcome(NamedTuple):
    """What a rule does.

    Attributes:
        warm_loss: share of the warm products' recall that is lost against lists of warm products alone.
        standard_error: of `warm_loss`, new products being a sample: which ones are new decides more than who is asked.
        cold_recall: recall of new products in the mixed list.
    """

    warm_loss: float
    standard_error: float
    cold_recall: float


@dataclass(frozen=True, eq=False)
class BestLists:
    """Every user's k best products of one sort, without those of the history, and what they find again.

    Attributes:
        scores: float32 [U, k], best first; minus infinity where a list ran out.
        rows: int32 [U, k], which product, -1 where a list ran out.
        found: float64 [U, k], what each place adds to the user's recall.
        asked: how many of the users have something to find.
        products: how many products are of this sort.
    """

    scores: Array
    rows: Array
    found: Array
    asked: int
    products: int

    @classmethod
    def take(
        cls,
        scorer: HistoryScorer,
        table: tuple[Array, Array],
        train: sp.csr_matrix,
        held: sp.csr_matrix,
        sort: Array,
        users: UserRows,
        k: int = 20,
    ) -> BestLists:
        """Ranks the products of one sort alone.

        Args:
            scorer: makes the profiles.
            table: rows float32 [N, D] and prior float32 [N].
            train: csr [U', N], histories.
            held: csr [U', N], to be found again.
            sort: bool [N], the products to rank.
            users: int64 [U], whose lists, rising.
            k: their length.
        """
        relevant = relevant_products(train, held, sort)
        chosen = np.flatnonzero(sort)
        rows, prior = table[0][chosen], table[1][chosen]
        lists = ranked_lists(lambda asked: scorer.profiles(asked) @ rows.T + prior, train[:, chosen], users, k)
        scores = np.empty(lists.shape, np.float32)
        for start in range(0, len(users), _USERS):
            part = slice(start, start + _USERS)
            scores[part] = np.einsum("ud,ukd->uk", scorer.profiles(users[part]), rows[lists[part]]) + prior[lists[part]]
        listed = np.where(lists >= 0, chosen[lists], -1).astype(np.int32)
        counts = np.zeros(train.shape[0])
        counts[relevant.users] = relevant.counts
        hits = hit_matrix(listed, replace(relevant, users=users)) if relevant.keys.size else np.zeros(lists.shape)
        return cls(
            np.where(lists >= 0, scores, -np.inf).astype(np.float32),
            listed,
            hits / np.maximum(counts[users], 1)[:, None],
            int(np.isin(users, relevant.users).sum()),
            len(chosen),
        )


@dataclass(frozen=True, eq=False)
class MixedLists:
    """The best warm and the best new products of the same users."""

    warm: BestLists
    new: BestLists

    def outcome(self, mixing: Mixing, raised: float = 0.0) -> Outcome:
        """What lists mixed by a rule lose and find.

        Args:
            mixing: the rule.
            raised: added to every new product's score beforehand.
        """
        users, k = self.new.scores.shape
        places = self.new.scores + np.float32(raised) + mixing.boosts(k)
        # The r-th new product is in the list if it beats the warm one whose place it takes: the r-th from the end.
        count = (places > self.warm.scores[:, ::-1]).sum(axis=1)
        everyone = np.arange(users)
        warm, new = (np.cumsum(np.pad(part.found, ((0, 0), (1, 0))), axis=1) for part in (self.warm, self.new))
        alone = max(float(warm[:, k].sum()), 1e-9)
        lost = (warm[:, k] - warm[everyone, k - count]) / alone
        return Outcome(
            float(lost.sum()),
            self._standard_error(lost, count),
            float(new[everyone, count].sum()) / max(self.new.asked, 1),
        )

    def _standard_error(self, lost: Array, count: Array) -> float:
        """Of the sum of what each new product costs; a user's loss is shared among the new ones of the list."""
        n = self.new.products
        if n < 2:
            return float("inf")
        inside = np.arange(self.new.rows.shape[1]) < count[:, None]
        cost = np.bincount(self.new.rows[inside], weights=np.repeat(lost / np.maximum(count, 1), count))
        deviations = float(np.square(cost).sum()) - float(cost.sum()) ** 2 / n
        return float(np.sqrt(n / (n - 1) * max(deviations, 0.0)))
