"""Profiles as a phone would have had them when lists were shown: of what people had done by then, and nothing later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np

from seefud.arrays import Array
from seefud.event_profile import Event, profile_of
from seefud.feedback.logged_lists import LoggedLists
from seefud.feedback.reading import reading
from seefud.recommender import Product, Profile, Recommender
from seefud.store.folder import InteractionStore

__all__ = ["past_profiles"]


def past_profiles(
    store: InteractionStore,
    lists: LoggedLists,
    chosen: Array,
    recommender: Recommender,
    titles: Mapping[str, str] | None = None,
) -> Iterator[tuple[int, Profile]]:
    """The profile of each list's person from the events before the list, by `seefud.event_profile`.

    An event without a time is passed over, and so is one that names its product by an id without a title. A title that
    the model has no row for counts by its words.

    Args:
        store: with the histories.
        lists: that were shown.
        chosen: int64, numbers of lists with a time.
        recommender: gives the rows.
        titles: by the app's id, for events that name no title.

    Yields:
        number of the list, and the profile.
    """
    waiting: dict[str, list[int]] = {}
    for number in chosen[np.argsort(lists.list_time[chosen], kind="stable")].tolist():
        waiting.setdefault(lists.users[int(lists.list_user[number])], []).append(number)
    for user, rows in groupby(_rows(store, list(waiting)), itemgetter(0)):
        moments, events = [], []
        for _, kind, title, product, text, value, time in rows:
            name = title or (titles or {}).get(product)
            if kind == "search" or name:
                moments.append(time / 1e6)
                events.append(Event(kind, time // 1000, name, None, text, value))
        for number in waiting.pop(user):
            known = int(np.searchsorted(moments, lists.list_time[number], side="left"))
            yield number, _spelt(profile_of(events[:known]), recommender)
    for numbers in waiting.values():  # whose only events are impressions
        for number in numbers:
            yield number, Profile()


def _spelt(profile: Profile, recommender: Recommender) -> Profile:
    """The same with unknown titles as products by their words, which asks for no similar titles."""
    liked = [each if recommender.row(str(each)) is not None else Product(str(each)) for each in profile.liked]
    return Profile(liked, profile.searched, profile.weights, search_weights=profile.search_weights)


def _rows(store: InteractionStore, users: list[str]) -> Iterator[tuple[Any, ...]]:
    """(user, type, title, product, text, value, microseconds), by user and time."""
    import pyarrow as pa

    with reading(store) as connection:
        connection.register("wanted", pa.table({"user": pa.array(users, pa.string())}))
        rows = connection.execute(_IN_ORDER, [store.pattern])
        while block := rows.fetchmany(10_000):
            yield from block


_IN_ORDER = """
    SELECT "user", lower(type), title, product, text, "value", epoch_us("time")
    FROM read_parquet(?, hive_partitioning = false) SEMI JOIN wanted USING ("user")
    WHERE type <> 'impression' AND "time" IS NOT NULL
    ORDER BY "user", "time", source, line
"""
