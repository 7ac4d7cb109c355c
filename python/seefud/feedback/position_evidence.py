"""What an examination by rank may rest on: products, alike in taste, that were shown at different ranks.

Only units that were shown at different ranks say something, as in intervention harvesting (Agarwal et al., WSDM 2019).
A model shows a product higher to those who like it, so what is compared must be alike in taste:

1. The same product shown to the same person again, if the app shows again what was clicked. If it does not, the last
   rank of a product that keeps rising is the one that was clicked, and the fall would look far too steep.
2. Products of the same model and of like score, when first shown to a person: a rank depends on taste only through the
   scores that the model gave, so at one score it is left to chance, that is, to the other products.
3. The same product, when first shown to different people: taste and position are mixed (Wang et al., WSDM 2018, on such
   confounding), the fall looks steeper than it is, and the report says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from seefud.arrays import Array
from seefud.feedback.logged_lists import LoggedLists

__all__ = ["FEWEST_CLICKS", "Evidence", "Unit", "best_evidence", "evidence_of"]

Unit = Literal["person and product", "score", "product"]

FEWEST_CLICKS = 20
"""Ranks are put together until so many clicks, of units that were also shown elsewhere, are in each group."""

_STRATA = 20  # of scores, for each model
_SCORED = 0.9  # so many first showings must have a score
_SHOWN_AGAIN = 0.5  # of what is shown again without a click; if less of what was clicked is, the app takes it away
_SINGLE_RANKS = 10  # below them, groups are at least a quarter of their first rank wide


def best_evidence(lists: LoggedLists) -> Evidence | str:
    """The first comparison that has enough clicks, or why the last one has not."""
    if not lists.clicked.any():
        return "no shown product was clicked"
    pair = lists.user * len(lists.products) + lists.product
    order = np.lexsort((lists.list_of, lists.list_time[lists.list_of], pair))
    starts = np.append(True, pair[order][1:] != pair[order][:-1])
    if not _taken_away(lists, order, starts):
        found = evidence_of(lists, pair, np.arange(pair.size), "person and product")
        if isinstance(found, Evidence):
            return found
    first = np.sort(order[starts])
    if np.isfinite(lists.score[first]).mean() >= _SCORED:
        scored = first[np.isfinite(lists.score[first])]
        found = evidence_of(lists, _strata(lists, scored), scored, "score")
        if isinstance(found, Evidence):
            return found
    return evidence_of(lists, lists.product[first], first, "product")


def _taken_away(lists: LoggedLists, order: Array, starts: Array) -> bool:
    """Whether products vanish from a person's lists once they were clicked.

    Args:
        lists: that were shown.
        order: int64 [impressions], by person and product, then by time.
        starts: bool [impressions], where the next pair begins in that order.
    """
    last_time = np.full(len(lists.users), -np.inf)
    time = np.nan_to_num(lists.list_time, nan=-np.inf)
    np.maximum.at(last_time, lists.list_user, time)
    again = ~np.append(starts[1:], True)
    may = (time[lists.list_of] < last_time[lists.user])[order]
    clicked = lists.clicked[order]
    if not (may & clicked).any():
        return False
    return bool(again[may & clicked].mean() < _SHOWN_AGAIN * again[may & ~clicked].mean())


def _strata(lists: LoggedLists, places: Array) -> Array:
    """int64 [places]: numbers of the strata of scores of each model, of equal sizes."""
    score, model = lists.score[places], lists.list_model[lists.list_of[places]]
    found = np.zeros(places.size, np.int64)
    for each in np.unique(model):
        mine = model == each
        edges = np.unique(np.quantile(score[mine], np.linspace(0, 1, _STRATA + 1)[1:-1]))
        found[mine] = each * _STRATA + np.searchsorted(edges, score[mine], side="right")
    return found


@dataclass(frozen=True)
class Evidence:
    """Impressions of units that were clicked and shown in at least two groups of ranks; one line each.

    Attributes:
        name: of the units.
        first: int64 [groups], first ranks.
        unit: int64 [lines], from 0 without a gap.
        user: int64 [lines].
        group: int64 [lines].
        clicked: float64 [lines].
    """

    name: Unit
    first: Array
    unit: Array
    user: Array
    group: Array
    clicked: Array


def evidence_of(lists: LoggedLists, unit: Array, places: Array, name: Unit) -> Evidence | str:
    """What can be compared, or why nothing can.

    Args:
        lists: that were shown.
        unit: int64 [places].
        places: int64, impressions.
        name: of the units.
    """
    rank, clicked, user = lists.rank[places], lists.clicked[places], lists.user[places]
    kept = _varied(unit, rank, clicked)
    if not kept.any():
        return "no clicked product was shown at different ranks; show some products at other ranks now and then"
    first = _groups(rank[kept], clicked[kept], int(lists.rank.max()))
    group = np.searchsorted(first, rank, side="right") - 1
    at_hand = int(clicked[kept].sum())
    kept = _varied(unit, group, clicked)
    if first.size < 2 or clicked[kept].sum() < 2 * FEWEST_CLICKS:
        return (
            f"too few clicks on products that were shown at different ranks: {at_hand:,}, at least "
            f"{FEWEST_CLICKS} are needed at each of two ranks; collect more"
        )
    _, place = np.unique(unit[kept], return_inverse=True)
    return Evidence(name, first, place, user[kept], group[kept], clicked[kept].astype(np.float64))


def _varied(unit: Array, rank: Array, clicked: Array) -> Array:
    """bool [impressions]: those of units that were clicked and shown at different ranks."""
    distinct, place = np.unique(unit, return_inverse=True)
    highest = np.full(distinct.size, np.iinfo(np.int64).max)
    lowest = np.full(distinct.size, -1)
    np.minimum.at(highest, place, rank)
    np.maximum.at(lowest, place, rank)
    useful = (np.bincount(place, clicked, distinct.size) > 0) & (highest < lowest)
    return np.asarray(useful[place])


def _groups(rank: Array, clicked: Array, last: int) -> Array:
    """int64 [groups]: first ranks of groups that hold `FEWEST_CLICKS` each, the first one 1."""
    clicks = np.bincount(rank, clicked, last + 1)
    first, begun, held = [1], 1, 0.0
    for each in range(1, last + 1):
        held += clicks[each]
        wide_enough = begun <= _SINGLE_RANKS or each - begun + 1 >= begun // 4
        if held >= FEWEST_CLICKS and wide_enough and each < last:
            begun, held = each + 1, 0.0
            first.append(begun)
    if len(first) > 1 and held < FEWEST_CLICKS:
        first.pop()
    return np.array(first, np.int64)
