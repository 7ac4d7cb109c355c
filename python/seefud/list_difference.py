"""What two files recommend to the same people: overlap, order, exposure of products, and hits on a holdout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.catalogue import Catalogue
from seefud.columns import ColumnNames
from seefud.errors import InputError
from seefud.interactions import Interactions, read_interactions
from seefud.measurement import file_scorer
from seefud.metrics import hit_matrix, long_tail_mask, per_user_metrics
from seefud.rank_similarity import PERSISTENCE, list_overlap, rank_biased_overlap
from seefud.ranking import ranked_lists, relevant_products
from seefud.recency import faded
from seefud.sources import Source
from seefud.text import canonical_title
from seefud.weights import TypeWeights
from seefud_converter.bundle import Bundle
from seefud_converter.runtime import Runtime

__all__ = ["Exposure", "ListDifference", "PairedMetric", "list_difference"]

_MOST_PEOPLE = 2_000  # above so many a sample is taken, the same in every run
_SHOWN = 10


@dataclass(frozen=True)
class Exposure:
    """How much a product is shown: the sum of 1 / log2(1 + rank) over all lists, per person.

    That is the attention of logarithmic discounts (Singh and Joachims, "Fairness of exposure in rankings", KDD 2018).
    """

    title: str
    old: float
    new: float

    @property
    def change(self) -> float:
        """New less old."""
        return self.new - self.old


@dataclass(frozen=True)
class PairedMetric:
    """A metric of both files on the same people and holdout, and the standard error of the difference.

    One person has no standard error.
    """

    old: float
    new: float
    standard_error: float | None


@dataclass(frozen=True)
class ListDifference:
    """Lists of k products by both files for the same histories.

    Attributes:
        k: length of the lists.
        people: how many were compared; persistence: of `rank_biased_overlap`.
        left_out: people without a product that both files know.
        overlaps: float64 [people], the share of a list that stayed.
        similarities: float64 [people], rank-biased overlap.
        listed: distinct products in all lists of the old and of the new file.
        gained: products that gain most exposure; lost: that lose most.
        holdout: ``recall@k`` and ``ndcg@k``, where a holdout was given.
    """

    k: int
    people: int
    persistence: float
    left_out: int
    overlaps: Array
    similarities: Array
    listed: tuple[int, int]
    gained: tuple[Exposure, ...]
    lost: tuple[Exposure, ...]
    holdout: dict[str, PairedMetric]

    @property
    def churn(self) -> float:
        """The mean share of a list that was replaced."""
        return float(1.0 - self.overlaps.mean())

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``; people as quantiles."""
        shares = (0.05, 0.25, 0.5, 0.75, 0.95)
        return {
            "k": self.k,
            "people": self.people,
            "people_left_out": self.left_out,
            "overlap": float(self.overlaps.mean()),
            "overlap_quantiles": {f"{q:g}": float(np.quantile(self.overlaps, q)) for q in shares},
            "churn": self.churn,
            "rank_biased_overlap": float(self.similarities.mean()),
            "persistence": self.persistence,
            "products_listed": {"old": self.listed[0], "new": self.listed[1]},
            "exposure_gained": [{**vars(each), "change": each.change} for each in self.gained],
            "exposure_lost": [{**vars(each), "change": each.change} for each in self.lost],
            "holdout": {name: vars(metric) for name, metric in self.holdout.items()},
        }


def list_difference(
    old: Bundle,
    new: Bundle,
    interactions: Source,
    *,
    holdout: Source | None = None,
    k: int = 20,
    columns: ColumnNames | None = None,
    rating_scale: float | None = None,
) -> ListDifference:
    """Ranks for every person with both files, leaving out what the person has.

    Args:
        old: the file in use.
        new: the file that may replace it.
        interactions: the histories.
        holdout: what these people did afterwards; neither file should have learnt it.
        k: length of the lists.
        columns: names of the columns.
        rating_scale: the best rating, if not that of the file; what types are worth is what NEW was trained with.

    Raises:
        InputError: a file of data cannot be used, or nobody has a product that both files know.
    """
    catalogue = _union(old, new)
    rule = TypeWeights.recorded(new.document, rating_scale)
    events = read_interactions(interactions, catalogue, columns, rule)
    users = sorted(set(events.frame["user"]))
    history, times = _matrix(events, users, catalogue)
    files = [_File(bundle, catalogue, history, times) for bundle in (old, new)]
    useful = np.flatnonzero((files[0].known > 0) & (files[1].known > 0))
    if not useful.size:
        raise InputError(
            f"{interactions.name}: expected people with a product that both files know, found none of {len(users):,}; "
            "give interactions with products of these models"
        )
    held = None
    if holdout is not None:
        later = read_interactions(holdout, catalogue, columns, rule)
        held, _ = _matrix(later, users, catalogue)
    chosen = np.sort(np.random.default_rng(0).permutation(useful)[:_MOST_PEOPLE]).astype(np.int64)
    lists = [file.lists(chosen, k) for file in files]
    gained, lost = _exposures(lists, catalogue)
    return ListDifference(
        k,
        int(chosen.size),
        PERSISTENCE,
        len(users) - int(useful.size),
        list_overlap(lists[0], lists[1]),
        rank_biased_overlap(lists[0], lists[1]),
        (int(np.unique(lists[0][lists[0] >= 0]).size), int(np.unique(lists[1][lists[1] >= 0]).size)),
        gained,
        lost,
        {} if held is None else _paired(lists, chosen, history, held, k, holdout),
    )


def _union(old: Bundle, new: Bundle) -> Catalogue:
    """The products of both files, those of the new one first; spelt as there."""
    titles = {canonical_title(title): title for title in (*old.products, *new.products)}
    titles |= {canonical_title(title): title for title in new.products}
    return Catalogue(tuple(titles.values()), tuple(titles), ("",) * len(titles))


def _matrix(events: Interactions, users: list[str], catalogue: Catalogue) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Weights and times csr [users, products of both files]; other people are left out."""
    place = {user: row for row, user in enumerate(users)}
    frame = events.frame[events.frame["user"].isin(place)]
    at = (frame["user"].map(place).to_numpy(np.int64), frame["key"].map(catalogue.index).to_numpy(np.int64))
    shape = (len(users), len(catalogue.titles))
    weights = sp.csr_matrix((frame["weight"].to_numpy(np.float32), at), shape=shape)
    times = sp.csr_matrix((frame["timestamp"].to_numpy(np.float64), at), shape=shape)
    return weights, times


class _File:
    """One file and everybody's history in its rows."""

    def __init__(self, bundle: Bundle, catalogue: Catalogue, history: sp.csr_matrix, times: sp.csr_matrix) -> None:
        self._runtime = Runtime.open(bundle)
        self._columns = np.array([catalogue.index[canonical_title(title)] for title in bundle.products], np.int32)
        mine = history
        if bundle.document["recency"] != "none":
            mine = faded(history, times)
        self._history = sp.csr_matrix(mine[:, self._columns])
        self.known = np.diff(self._history.indptr)

    def lists(self, users: Array, k: int) -> Array:
        """int32 [users, k], places in the catalogue of both files, -1 where a list ran out."""
        top = ranked_lists(file_scorer(self._runtime, self._history), self._history, users, k)
        return np.where(top >= 0, self._columns[np.maximum(top, 0)], np.int32(-1))


def _exposures(lists: list[Array], catalogue: Catalogue) -> tuple[tuple[Exposure, ...], tuple[Exposure, ...]]:
    people, k = lists[0].shape
    attention = np.broadcast_to(1.0 / np.log2(np.arange(2, k + 2)), (people, k))
    shown = [
        np.bincount(each[each >= 0], attention[each >= 0], minlength=len(catalogue.titles)) / people for each in lists
    ]
    change = shown[1] - shown[0]
    order = np.argsort(-change, kind="stable")

    def exposure(place: int) -> Exposure:
        return Exposure(catalogue.titles[place], float(shown[0][place]), float(shown[1][place]))

    gained = tuple(exposure(int(place)) for place in order[:_SHOWN] if change[place] > 0)
    lost = tuple(exposure(int(place)) for place in order[::-1][:_SHOWN] if change[place] < 0)
    return gained, lost


def _paired(
    lists: list[Array], people: Array, history: sp.csr_matrix, held: sp.csr_matrix, k: int, holdout: Source | None
) -> dict[str, PairedMetric]:
    """Recall and NDCG of both files for the people who have something to be found again."""
    seen, later = sp.csr_matrix(history[people]), sp.csr_matrix(held[people])
    relevant = relevant_products(seen, later)
    if not relevant.users.size:
        raise InputError(
            f"{getattr(holdout, 'name', holdout)}: expected later interactions of the same people with other products, "
            "found none; give a holdout that belongs to the interactions"
        )
    tail = long_tail_mask(np.bincount(seen.indices, minlength=seen.shape[1]))
    found = []
    for each in lists:
        top = np.ascontiguousarray(each[relevant.users])
        found.append(per_user_metrics(top, hit_matrix(top, relevant), relevant.counts, tail, [k]))
    result = {}
    for name in (f"recall@{k}", f"ndcg@{k}"):
        gap = found[1][name] - found[0][name]
        error = float(gap.std(ddof=1) / np.sqrt(gap.size)) if gap.size > 1 else None
        result[name] = PairedMetric(float(found[0][name].mean()), float(found[1][name].mean()), error)
    return result
