"""Click-through, conversion and hit rate, by model and by rank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from seefud.arrays import Array
from seefud.feedback.logged_lists import LoggedLists
from seefud.feedback.proportions import Proportion, clustered_proportion

__all__ = ["ModelRates", "RankRates", "rates_of_lists", "rates_of_models"]


@dataclass(frozen=True)
class RankRates:
    """One rank.

    Attributes:
        rank: from 1.
        click_through: share of its impressions that were clicked.
        conversion: share of its impressions that were converted.
    """

    rank: int
    click_through: Proportion
    conversion: Proportion

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``."""
        return {
            "rank": self.rank,
            "click_through": self.click_through.to_json(),
            "conversion": self.conversion.to_json(),
        }


@dataclass(frozen=True)
class ModelRates:
    """One model, or all of them.

    Attributes:
        model: its id; `UNKNOWN_MODEL` for lists that name none; None for all lists.
        click_through: share of impressions that were clicked.
        conversion: share of impressions that were converted.
        hit_rate: share of lists with a click.
        conversion_hit_rate: share of lists with a conversion.
        ranks: those with an impression, rising.
    """

    model: str | None
    click_through: Proportion
    conversion: Proportion
    hit_rate: Proportion
    conversion_hit_rate: Proportion
    ranks: tuple[RankRates, ...]

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``."""
        return {
            "model": self.model,
            "people": self.hit_rate.people,
            "lists": self.hit_rate.total,
            "impressions": self.click_through.total,
            "click_through": self.click_through.to_json(),
            "conversion": self.conversion.to_json(),
            "hit_rate": self.hit_rate.to_json(),
            "conversion_hit_rate": self.conversion_hit_rate.to_json(),
            "ranks": [each.to_json() for each in self.ranks],
        }


def rates_of_models(lists: LoggedLists) -> tuple[ModelRates, ...]:
    """A `ModelRates` for each model, in the order of `lists.models`."""
    return tuple(rates_of_lists(lists, lists.list_model == place, model) for place, model in enumerate(lists.models))


def rates_of_lists(lists: LoggedLists, chosen: Array, model: str | None = None) -> ModelRates:
    """The rates of some lists.

    Args:
        lists: all of them.
        chosen: bool [lists].
        model: what they have in common.
    """
    mine = np.flatnonzero(chosen[lists.list_of])
    mine = mine[np.argsort(lists.rank[mine], kind="stable")]
    user, rank = lists.user[mine], lists.rank[mine]
    outcomes = (lists.clicked[mine], lists.converted[mine])
    overall = [_share(user, outcome) for outcome in outcomes]
    starts = np.flatnonzero(np.append(True, rank[1:] != rank[:-1])[: rank.size])
    ranks = []
    for start, end in zip(starts, np.append(starts[1:], rank.size), strict=True):
        place = slice(int(start), int(end))
        shares = [
            _share(user[place], outcome[place], whole.design_effect)
            for outcome, whole in zip(outcomes, overall, strict=True)
        ]
        ranks.append(RankRates(int(rank[start]), shares[0], shares[1]))
    own = np.flatnonzero(chosen)
    hits = [
        _share(lists.list_user[own], np.bincount(lists.list_of[mine], outcome, lists.lists)[own] > 0)
        for outcome in outcomes
    ]
    return ModelRates(model, overall[0], overall[1], hits[0], hits[1], tuple(ranks))


def _share(user: Array, outcome: Array, design_effect: float = 1.0) -> Proportion:
    """The share of `outcome` over the people in `user`; both have one entry a trial."""
    _, place = np.unique(user, return_inverse=True)
    return clustered_proportion(np.bincount(place, outcome), np.bincount(place), design_effect)
