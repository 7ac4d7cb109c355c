"""The lists that a new model would have shown in place of logged ones, from what it would have known by then."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from seefud.arrays import Array
from seefud.errors import InputError
from seefud.feedback.logged_lists import LoggedLists
from seefud.feedback.past_profiles import past_profiles
from seefud.feedback.replay_counts import NewLists
from seefud.recommender import Recommender
from seefud.store.folder import InteractionStore
from seefud.text import canonical_title

__all__ = ["MOST_LISTS", "lists_to_replay", "rank_anew"]

MOST_LISTS = 5_000
"""Above so many, people are drawn, the same in every run, until their lists are as many."""

_SEED = 31


def lists_to_replay(lists: LoggedLists, against: str | None = None, most: int = MOST_LISTS) -> Array:
    """int64, rising: lists with a time, of one model if it is named, all those of the people who were drawn.

    Args:
        lists: all of them.
        against: a model id.
        most: how many at most, but at least those of one person.

    Raises:
        InputError: no list is of that model.
    """
    usable = np.isfinite(lists.list_time)
    if against is not None:
        if against not in lists.models:
            named = ", ".join(model or "(none named)" for model in lists.models)
            raise InputError(f"--against {against}: no list is of this model; the models of the lists are {named}")
        usable &= lists.list_model == lists.models.index(against)
    each = np.bincount(lists.list_user[usable], minlength=len(lists.users))
    order = np.random.default_rng(_SEED).permutation(np.flatnonzero(each))
    sums = np.cumsum(each[order])
    drawn = order[: max(int(np.searchsorted(sums, most, side="right")), 1)]
    return np.flatnonzero(usable & np.isin(lists.list_user, drawn))


def rank_anew(
    recommender: Recommender,
    store: InteractionStore,
    lists: LoggedLists,
    chosen: Array,
    titles: Mapping[str, str] | None = None,
) -> NewLists:
    """Ranks for each list's person with what that person had done before it, leaving that out as an app does.

    A new list is as long as the logged one. Products that the new model does not know are in none of its lists.

    Args:
        recommender: the new model.
        store: with the histories.
        lists: that were shown.
        chosen: int64, those to rank in place of.
        titles: by the app's id, for events that name no title.
    """
    product = {title: place for place, title in enumerate(lists.products)}
    of_row = np.array([product.get(canonical_title(title), -1) for title in recommender.bundle.products], np.int64)
    rank = np.zeros(lists.rank.size, np.int64)
    starts = lists.starts
    for number, profile in past_profiles(store, lists, chosen, recommender, titles):
        place = slice(int(starts[number]), int(starts[number + 1]))
        length = int(lists.rank[place].max())
        found = recommender.recommend(profile, length)
        new_rank = {int(of_row[each.row]): at for at, each in enumerate(found, 1) if each.row is not None}
        rank[place] = [new_rank.get(int(each), 0) for each in lists.product[place]]
    return NewLists(chosen, rank)
