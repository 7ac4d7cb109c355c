"""One recommender and its own copy of the people: lists, acts, export, ingest, and the next recommender."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from seefud.catalogue import Catalogue, read_catalogue
from seefud.errors import InputError
from seefud.interactions import Interactions, read_interactions
from seefud.recommender import Profile
from seefud.simulation.event_log import EventLog, ShownList
from seefud.simulation.market import Market
from seefud.simulation.measures import best_click_through, coverage, gini, taste_found
from seefud.simulation.people import Luck, browse, respond
from seefud.simulation.rankers import Ranker, profiles
from seefud.store.ingest import ingest

__all__ = ["LIST", "Circle", "Learner", "Point"]

LIST = 20
"""Length of every list."""


@dataclass(frozen=True)
class Point:
    """A recommender that has learnt from some rounds of feedback, and what people did with it.

    Attributes:
        rounds: of feedback that it learnt from; 0 is the recommender before any.
        recall: recall@20 against the hidden taste.
        ndcg: NDCG@20, the same.
        coverage: share of the dishes that is in at least one list.
        gini: of how often dishes are shown.
        best: click-through that lists made by the truth could expect in this place.
        impressions: dishes shown; 0 in the last point, whose lists nobody sees.
        clicks: on them.
        model: id of the file; None if there is none.
    """

    rounds: int
    recall: float
    ndcg: float
    coverage: float
    gini: float
    best: float
    impressions: int = 0
    clicks: int = 0
    model: str | None = None

    @property
    def click_through(self) -> float | None:
        """Clicks per impression; None where nothing was shown."""
        return self.clicks / self.impressions if self.impressions else None

    @property
    def share_of_best(self) -> float | None:
        """Click-through over what lists made by the truth could expect; None where nothing was shown."""
        return None if self.click_through is None else self.click_through / self.best


class Learner(Protocol):
    """Makes the next recommender from everything in the store."""

    def __call__(self, catalogue: Catalogue, events: Interactions, store: Path) -> Ranker:
        """The next recommender.

        Args:
            catalogue: the dishes.
            events: the store's content as a build reads it.
            store: its folder.
        """
        ...


@dataclass
class Circle:
    """People, their phones and a recommender that learns from them.

    Attributes:
        name: of the recommender.
        market: the people and the truth.
        seed: of the people's luck.
        folder: for exports and the store.
        products: the catalogue file.
        learn: makes the next recommender.
        points: one for each recommender so far.
        events: in the store.
        rejected: exported lines that the store did not take, which must be none.
    """

    name: str
    market: Market
    seed: int
    folder: Path
    products: Path
    learn: Learner
    points: list[Point] = field(default_factory=list)
    events: int = 0
    rejected: int = 0

    def __post_init__(self) -> None:
        self.catalogue = read_catalogue(self.products)
        self.log = EventLog(self.seed, self.market.titles)
        self.seen = np.zeros_like(self.market.reserved)
        (self.folder / "exports").mkdir(parents=True)

    @property
    def store(self) -> Path:
        """The interaction store."""
        return self.folder / "store"

    def run(self, rounds: int, told: Callable[[str], None]) -> None:
        """All rounds; the first recommender learns from what people do without one."""
        for person in range(self.market.people):
            acts = browse(self.market, person, self._luck(0, person))
            self.log.add(person, 0, acts)
            self._remember(person, [act.dish for act in acts])
        told(f"{self.name}: learning from people who browse")
        ranker = self._learnt(0)
        for number in range(rounds + 1):
            lists = [self._list(ranker, person) for person in range(self.market.people)]
            point = self._measured(number, ranker, lists)
            told(f"{self.name}: {number} rounds of feedback, recall@{LIST} {point.recall:.3f}")
            if number < rounds:
                clicks = sum(self._shown(number + 1, person, shown) for person, shown in enumerate(lists))
                point = replace(point, impressions=sum(len(each.dishes) for each in lists), clicks=clicks)
                ranker = self._learnt(number + 1)
            self.points.append(point)

    def _luck(self, number: int, person: int) -> Luck:
        return Luck.draw(self.seed, number, person, LIST, len(self.market.dishes))

    def _profile(self, person: int) -> Profile:
        return self.profiles.get(self.log.installation(person), Profile())

    def _list(self, ranker: Ranker, person: int) -> ShownList:
        open_to = ~(self.market.reserved[person] | self.seen[person])
        return ranker.top(self._profile(person), open_to, LIST)

    def _shown(self, number: int, person: int, shown: ShownList) -> int:
        """A person reacts to a list; returns the clicks."""
        acts = respond(self.market, person, list(shown.dishes), self._luck(number, person))
        self.log.add(person, number, acts, shown)
        self._remember(person, [act.dish for act in acts if act.type != "impression"])
        return sum(act.type == "click" for act in acts)

    def _remember(self, person: int, dishes: list[int | None]) -> None:
        self.seen[person, [dish for dish in dishes if dish is not None]] = True

    def _learnt(self, number: int) -> Ranker:
        """Exports what was logged, ingests it, and makes the recommender of everything so far."""
        export = self.folder / "exports" / f"round-{number:02d}.jsonl"
        self.log.export(export)
        taken_in = ingest([export], self.store).sources[0]
        if taken_in.error:
            raise InputError(taken_in.error)
        self.events += taken_in.new
        self.rejected += taken_in.read - taken_in.new
        events = read_interactions(self.store, self.catalogue)
        self.profiles = profiles(events, self.catalogue)
        return self.learn(self.catalogue, events, self.store)

    def _measured(self, number: int, ranker: Ranker, lists: list[ShownList]) -> Point:
        """What the truth says of a recommender and of the lists that it would show now."""
        reserved, dishes = self.market.reserved, len(self.market.dishes)
        ranked = [ranker.top(self._profile(each), reserved[each], LIST).dishes for each in range(self.market.people)]
        recall, ndcg = taste_found(self.market, ranked, LIST)
        shown = [each.dishes for each in lists]
        counts = np.bincount([dish for each in shown for dish in each], minlength=dishes)
        return Point(
            number,
            recall,
            ndcg,
            coverage(shown, dishes, LIST),
            gini(counts),
            best_click_through(self.market, ~(reserved | self.seen), LIST),
            model=lists[0].model,
        )
