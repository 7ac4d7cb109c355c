"""Logs of recommendations whose truth is known: people with likings, models that see them through noise, looks by rank.

A person likes a product with a probability of its own; a model ranks by its logarithm plus noise, so less noise is a
better model; a list is the first products of one model; a product at rank r is looked at with probability
`examination[r - 1]` and clicked if it is looked at and liked. What a model is worth is then a sum, not a sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from seefud.arrays import Array
from seefud.feedback.logged_lists import LoggedLists
from seefud.feedback.replay_counts import NewLists
from seefud.store.events import STAGED_SCHEMA, STORE_COLUMNS
from seefud.store.folder import InteractionStore

__all__ = ["FeedbackMarket", "logged", "new_lists", "true_difference", "write_store"]


@dataclass(frozen=True)
class FeedbackMarket:
    """People, products and looks.

    Attributes:
        liking: float64 [people, products], probability of a click on a product that is looked at.
        examination: float64 [ranks], probability of a look; its length is that of the lists.
    """

    liking: Array
    examination: Array

    @classmethod
    def make(
        cls, seed: int, *, people: int = 200, products: int = 60, length: int = 10, steepness: float = 1.0
    ) -> FeedbackMarket:
        """Likings with a part of the product, one of the person and one of both; examination is rank^-steepness."""
        rng = np.random.default_rng(seed)
        parts = rng.normal(0, 0.6, products) + rng.normal(0, 0.4, (people, 1)) + rng.normal(0, 1, (people, products))
        return cls(1 / (1 + np.exp(1.5 - parts)), np.arange(1.0, length + 1) ** -steepness)

    def model(self, seed: int, noise: float) -> Array:
        """float64 [people, products]: the scores of a model, the same whenever it is asked."""
        rng = np.random.default_rng(seed)
        return np.log(self.liking / (1 - self.liking)) + rng.normal(0, noise, self.liking.shape)

    def ranking(self, scores: Array) -> Array:
        """int64 [people, length], the best products of each."""
        return np.argsort(-scores, axis=1, kind="stable")[:, : self.examination.size]

    def worth(self, scores: Array, k: int) -> float:
        """Expected clicks at the first k ranks of a list, the truth."""
        top = self.ranking(scores)[:, :k]
        return float((np.take_along_axis(self.liking, top, 1) * self.examination[:k]).sum(1).mean())


def logged(
    market: FeedbackMarket,
    models: dict[str, Array],
    seed: int,
    *,
    rounds: int = 4,
    restless: float = 0.0,
    once: bool = False,
) -> LoggedLists:
    """Every person is shown `rounds` lists of each model, in turns, and clicks.

    Args:
        market: the truth.
        models: model id -> scores.
        seed: of the clicks.
        rounds: lists of each model.
        restless: noise of each list's scores, which moves products to other ranks.
        once: whether a product that was clicked is not shown to this person again.
    """
    rng = np.random.default_rng(seed)
    people, length = market.liking.shape[0], market.examination.size
    gone = np.zeros(market.liking.shape, np.bool_)
    tops, clicks, given = [], [], []
    for _ in range(rounds):
        for scores in models.values():
            noisy = scores + rng.normal(0, restless, scores.shape)
            top = market.ranking(np.where(gone, -np.inf, noisy))
            liking = np.take_along_axis(market.liking, top, 1)
            clicked = rng.random(top.shape) < liking * market.examination
            if once:
                gone[np.nonzero(clicked)[0], top[clicked]] = True
            tops.append(top)
            given.append(np.take_along_axis(noisy, top, 1))
            clicks.append(clicked)
    # One person's lists beside each other, those of one model in the order of time.
    turns = [place for _ in range(rounds) for place in range(len(models))]
    order = np.lexsort((np.repeat(turns, people), np.tile(np.arange(people), len(turns))))
    clicked = np.concatenate(clicks)[order]
    return LoggedLists(
        users=tuple(f"{person:032x}" for person in range(people)),
        models=tuple(models),
        products=tuple(f"dish {product}" for product in range(market.liking.shape[1])),
        list_user=np.repeat(np.arange(people), len(turns)),
        list_model=np.repeat(turns, people)[order],
        list_time=np.repeat(np.arange(len(turns), dtype=np.float64), people)[order],
        list_of=np.repeat(np.arange(order.size), length),
        product=np.concatenate(tops)[order].ravel(),
        rank=np.tile(np.arange(1, length + 1), order.size),
        score=np.concatenate(given)[order].ravel(),
        clicked=clicked.ravel(),
        converted=(clicked & (rng.random(clicked.shape) < 0.3)).ravel(),
    )


def new_lists(market: FeedbackMarket, lists: LoggedLists, scores: Array) -> NewLists:
    """What a model would have shown in place of each list."""
    top = market.ranking(scores)
    rank = np.zeros(market.liking.shape, np.int64)
    np.put_along_axis(rank, top, np.arange(1, top.shape[1] + 1)[None, :], 1)
    return NewLists(np.arange(lists.lists), rank[lists.user, lists.product])


def true_difference(market: FeedbackMarket, lists: LoggedLists, new: NewLists, k: int) -> float:
    """What a replay estimates, from likings: by looks at new ranks less at old ones, of products in both lists."""
    looks = market.examination
    liking = market.liking[lists.user, lists.product]
    both = new.rank > 0
    worth = []
    for rank in (new.rank, lists.rank):
        here = both & (rank <= k)
        seen = looks[rank[here] - 1]
        worth.append(float(seen @ liking[here] / seen.sum()) if here.any() else np.nan)
    return float(looks[:k].sum()) * (worth[0] - worth[1])


def write_store(folder: Path, events: list[dict[str, Any]]) -> InteractionStore:
    """A store of some events, through its own way of being written; `time` is in seconds since 1970."""
    days: dict[str, list[dict[str, Any]]] = {}
    for number, event in enumerate(events):
        time = event.get("time")
        moment = None if time is None else datetime.fromtimestamp(time, UTC).replace(tzinfo=None)
        row = {**event, "time": moment, "event_id": f"{event['user']}-{number}", "source": "made", "line": number + 1}
        day = "unknown" if moment is None else f"{moment:%Y-%m-%d}"
        days.setdefault(day, []).append({name: row.get(name) for name in STORE_COLUMNS})
    with InteractionStore.writing(folder) as store:
        load = store.begin()
        for day, rows in days.items():
            path = load.staging / "events" / f"day={day}" / "events.parquet"
            path.parent.mkdir(parents=True)
            pq.write_table(pa.Table.from_pylist(rows, schema=STAGED_SCHEMA), path)
        store.commit(load, len(events))
    return store
