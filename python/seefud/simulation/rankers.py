"""Who makes the lists: the built file, or, as its peer, popularity. Neither knows a hidden taste."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seefud.baselines import make_baseline
from seefud.catalogue import Catalogue
from seefud.interactions import Interactions
from seefud.prepared import prepare
from seefud.recommender import Profile, Recommender
from seefud.simulation.event_log import ShownList
from seefud.weights import DEFAULT_WEIGHTS

__all__ = ["FileRanker", "PopularityRanker", "Ranker", "profiles"]


class Ranker(Protocol):
    """Ranks dishes for a person, from what is known of that person."""

    def top(self, profile: Profile, among: NDArray[np.bool_], k: int) -> ShownList:
        """The k best dishes of those that are allowed.

        Args:
            profile: the person's history.
            among: bool [N].
            k: length of the list.
        """
        ...


@dataclass(frozen=True, eq=False)
class FileRanker:
    """The `.tflite`, run as a phone runs it.

    Attributes:
        recommender: the open file.
        titles: of the dishes, in the order of their places.
    """

    recommender: Recommender
    titles: Sequence[str]

    @classmethod
    def open(cls, path: Path, titles: Sequence[str]) -> FileRanker:
        """Opens a file; see `Recommender.open`."""
        return cls(Recommender.open(path), titles)

    @property
    def model(self) -> str:
        """Id of the file."""
        return str(self.recommender.bundle.document["model_id"])

    def top(self, profile: Profile, among: NDArray[np.bool_], k: int) -> ShownList:
        """See `Ranker.top`; what the profile likes is left out, too."""
        only = [self.titles[dish] for dish in np.flatnonzero(among)]
        found = self.recommender.recommend(profile, k, only=only)
        place = {title: dish for dish, title in enumerate(self.titles)}
        return ShownList([place[each.title] for each in found], [each.score for each in found], self.model)


@dataclass(frozen=True, eq=False)
class PopularityRanker:
    """Everybody gets what most people took: the baseline `popularity` of the builds.

    Attributes:
        counts: float64 [N], people who took each dish.
    """

    counts: NDArray[np.float64]

    @classmethod
    def fit(cls, catalogue: Catalogue, events: Interactions) -> PopularityRanker:
        """Counts as a build would."""
        prepared = prepare(catalogue, events)
        baseline = make_baseline("popularity")
        baseline.fit(prepared.interactions, None, 0)
        counts = np.zeros(len(catalogue))
        counts[[catalogue.index[key] for key in prepared.keys]] = baseline.score(np.zeros(1, np.int64))[0]
        return cls(counts)

    def top(self, profile: Profile, among: NDArray[np.bool_], k: int) -> ShownList:
        """See `Ranker.top`; ties go to the earlier dish."""
        order = np.lexsort((np.arange(len(self.counts)), -self.counts))
        best = order[among[order]][:k]
        return ShownList(best.tolist(), self.counts[best].tolist(), None)


def profiles(events: Interactions, catalogue: Catalogue) -> dict[str, Profile]:
    """Every person's history as a profile: likings with their weights, and searches.

    Args:
        events: of all people, as a build reads them.
        catalogue: gives the titles.

    Returns:
        by the person's id in the events; who did nothing is not there.
    """
    searched = {str(user): list(rows["text"]) for user, rows in events.searches.groupby("user")}
    liked = {str(user): rows for user, rows in events.frame.groupby("user")}
    nothing = events.frame.iloc[:0]
    return {
        user: Profile(
            [catalogue.titles[catalogue.index[key]] for key in liked.get(user, nothing)["key"]],
            searched.get(user, []),
            [float(weight) for weight in liked.get(user, nothing)["weight"]],
            search_weight=DEFAULT_WEIGHTS["search"],
        )
        for user in sorted({*searched, *liked})
    }
