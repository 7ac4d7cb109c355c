"""The sums that a replay needs of each person, so that a resample of people is a product of matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.feedback.logged_lists import LoggedLists
from seefud.feedback.position_bias import PositionBias

__all__ = ["CLIP", "NewLists", "ReplayCounts"]

CLIP = 10.0
"""The largest weight of a click."""


@dataclass(frozen=True)
class NewLists:
    """What the new model would have shown.

    Attributes:
        lists: int64 [m], the logged lists in whose place it ranked.
        rank: int64 [impressions], the rank of a logged product in the new list of the same length; 0 if it is not in
            it, or the list was not ranked.
    """

    lists: Array
    rank: Array


@dataclass(frozen=True)
class ReplayCounts:
    """What the estimate needs of each person; a cell is (group of the logged rank, group of the new rank).

    Attributes:
        groups: how many.
        people: with a replayed list.
        overlap: see `Replay`.
        lists: float64 [users].
        slots: float64 [users, groups], impressions at the first k logged ranks.
        clicks: float64 [users], of these.
        new: csr [users, 2 x cells]: clicks, then impressions, of products at the first k ranks of the new list.
        old: csr [users, 2 x groups]: the same by the logged rank, of products in both lists.
    """

    groups: int
    people: int
    overlap: float
    lists: Array
    slots: Array
    clicks: Array
    new: sp.csr_matrix
    old: sp.csr_matrix

    @classmethod
    def of(cls, lists: LoggedLists, new: NewLists, bias: PositionBias, k: int) -> ReplayCounts:
        """Counts the lists that were ranked."""
        users, groups = len(lists.users), bias.first.size
        chosen = np.zeros(lists.lists, np.bool_)
        chosen[new.lists] = True
        mine = np.flatnonzero(chosen[lists.list_of])
        of, user, rank = lists.list_of[mine], lists.user[mine], lists.rank[mine]
        clicked = lists.clicked[mine].astype(np.float64)
        there = new.rank[mine]
        # A rank that the list did not show would not have shown the new product either.
        width = int(max(rank.max(), there.max())) + 1
        there = np.where(np.isin(of * width + there, of * width + rank), there, 0)
        group = bias.group(rank)
        target = bias.group(np.maximum(there, 1))
        known = ~np.isnan(bias.examination[group])
        first = (rank <= k) & known
        both = (there > 0) & known & ~np.isnan(bias.examination[target])
        later, before = both & (there <= k), both & (rank <= k)
        cells = groups * groups

        def counted(where: Array, cell: Array, size: int) -> sp.csr_matrix:
            values = np.concatenate([clicked[where], np.ones(int(where.sum()))])
            places = (np.tile(user[where], 2), np.concatenate([cell[where], cell[where] + size]))
            return sp.csr_matrix((values, places), shape=(users, 2 * size))

        own = lists.list_user[new.lists]
        slots = np.bincount(of, rank <= k, lists.lists)[new.lists]
        held = np.bincount(of, (there > 0) & (there <= k), lists.lists)[new.lists]
        seen = slots > 0
        return cls(
            groups,
            int(np.unique(own).size),
            float((held[seen] / slots[seen]).mean()) if seen.any() else 0.0,
            np.bincount(own, minlength=users).astype(np.float64),
            sp.csr_matrix((np.ones(int(first.sum())), (user[first], group[first])), shape=(users, groups)).toarray(),
            np.bincount(user[first], clicked[first], users),
            counted(later, group * groups + target, cells),
            counted(before, group, groups),
        )

    def figures(self, examination: Array, weights: Array) -> dict[str, float]:
        """All estimates for one set of people.

        Args:
            examination: float64 [groups], NaN where unknown.
            weights: float64 [users], how often each was drawn.
        """
        looks = np.nan_to_num(examination)
        lists = float(weights @ self.lists)
        if not lists:
            return dict.fromkeys(("logged", "old", "new", "difference", "sure"), np.nan)
        per_list = float((weights @ self.slots) @ looks) / lists
        clicks, shown = np.split(np.asarray(weights @ self.new), 2)
        ratio = self._weights(looks)
        weighted = float(ratio @ clicks)
        old_clicks, old_shown = np.split(np.asarray(weights @ self.old), 2)
        new = per_list * _ratio(weighted, float((ratio * np.repeat(looks, self.groups)) @ shown))
        old = per_list * _ratio(float(old_clicks.sum()), float(looks @ old_shown))
        logged = float(weights @ self.clicks) / lists
        return {"logged": logged, "old": old, "new": new, "difference": new - old, "sure": weighted / lists - logged}

    def clipped(self, examination: Array) -> float:
        """The share of impressions whose weight was cut."""
        shown = np.asarray(self.new.sum(0)).ravel()[self.groups**2 :]
        cut = self._weights(np.nan_to_num(examination), np.inf) > CLIP
        return float(shown[cut].sum() / max(shown.sum(), 1.0))

    def _weights(self, looks: Array, limit: float = CLIP) -> Array:
        """float64 [cells]."""
        safe = np.where(looks > 0, looks, np.inf)
        return np.asarray(np.minimum(looks[None, :] / safe[:, None], limit).ravel())


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else np.nan
