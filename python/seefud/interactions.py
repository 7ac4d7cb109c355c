"""Interactions: who did what with which product, from `user3.csv` or a file like it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seefud.catalogue import Catalogue
from seefud.columns import ColumnNames
from seefud.errors import InputError
from seefud.moments import seconds_since_1970
from seefud.problems import Problems
from seefud.sources import Source
from seefud.tables import Table, read_table
from seefud.text import canonical_title, collapse
from seefud.weights import TypeWeights

__all__ = ["IMPRESSION", "SEARCH", "Interactions", "read_interactions"]

SEARCH = "search"
"""The type whose Title is free text: a token bag, not a product."""

IMPRESSION = "impression"
"""The type that only says what was shown: no interaction, unless it is given a weight."""

_SUGGESTED = 20  # the problems that are shown get a "did you mean"; thousands would take minutes


@dataclass(frozen=True)
class Interactions:
    """Likings, each pair of user and product once, and searches.

    Attributes:
        frame: one row per pair, in the order in which the pairs were first met: user (text), key (canonical
            title), type (of the strongest row, the later if equal), value (its rating or NaN), timestamp
            (of the newest row, seconds since 1970 or NaN), weight (> 0, the strongest row's), count (rows
            folded). Repeating does not add weight, so rows of 1 give a binary matrix.
        searches: user, text, timestamp (seconds or NaN), weight (> 0); repeated ones are folded likewise.
        dislikes: user, key, timestamp (of the newest row, seconds or NaN) of the pairs whose last word is "not liked".
        problems: rows, or cells, that could not be used.
        counts: rows, interactions, searches, repeated, not_positive, and the rows concerned by kind of
            problem; impressions, if there are any.
        digest: of what was read, see `Table`.
    """

    frame: pd.DataFrame
    searches: pd.DataFrame
    dislikes: pd.DataFrame
    problems: Problems = field(default_factory=Problems)
    counts: dict[str, int] = field(default_factory=dict)
    digest: str = ""


def read_interactions(
    path: Source | str,
    catalogue: Catalogue,
    columns: ColumnNames | None = None,
    weights: TypeWeights | None = None,
) -> Interactions:
    """Read the interactions with the products of a catalogue.

    A row that says "not liked" (a weight of 0: an explicit 0, a low rating, a dislike) is no interaction and
    takes back the user's earlier ones with that product; later ones count again. Earlier means by timestamp,
    or by line where one of the two has none.

    Args:
        path: CSV, gzipped CSV, Parquet, an interaction store, or a table of a database.
        catalogue: the products; a row with another title is left out and listed.
        columns: names of the columns; user, title and type are needed.
        weights: what types and ratings are worth.

    Raises:
        InputError: if the file cannot be read, lacks a column, or holds no positive interaction.
    """
    columns, weights = columns or ColumnNames(), weights or TypeWeights()
    problems = Problems()
    reader = _Reader(read_table(path, problems), catalogue, columns, weights, problems)
    rows = reader.rows()
    is_search = rows["is_search"].to_numpy(dtype=bool)
    liked, dislikes, disliked = _fold(rows[~is_search], ["user", "key"])
    searches, _, _ = _fold(rows[is_search & (rows["weight"] > 0)].rename(columns={"key": "text"}), ["user", "text"])
    if liked.empty:
        shown = problems.shown(5)
        raise InputError(
            f"{reader.table.file}: none of its {len(reader.table):,} rows is a positive interaction with a "
            "product of the catalogue; check that both files belong together, and the types and ratings"
            + (f"\n{shown}" if shown else "")
        )
    counts = {
        "rows": len(reader.table),
        "interactions": len(liked),
        "searches": len(searches),
        "repeated": int(liked["count"].sum() - len(liked) + searches["count"].sum() - len(searches)),
        "not_positive": disliked,
        **({"impressions": reader.impressions} if reader.impressions else {}),
        **problems.counts(),
    }
    searches["text"] = searches.pop("shown").map(collapse)
    return Interactions(
        liked.drop(columns="shown"),
        searches[["user", "text", "timestamp", "weight"]],
        dislikes[["user", "key", "timestamp"]],
        problems,
        counts,
        reader.table.digest,
    )


class _Reader:
    """One pass over the columns of a table; `usable` is cleared where a row cannot be used."""

    def __init__(
        self,
        table: Table,
        catalogue: Catalogue,
        columns: ColumnNames,
        weights: TypeWeights,
        problems: Problems,
    ) -> None:
        self.table = table
        self._catalogue = catalogue
        self._columns = columns
        self._weights = weights
        self._problems = problems
        self._usable = np.ones(len(table), dtype=bool)
        self.impressions = 0

    def rows(self) -> pd.DataFrame:
        """The usable rows in the order of the file."""
        user = self._text("user", required=True)
        title = self._text("title", required=True)
        types = self._text("type", required=bool(self._columns.type), otherwise="1").str.lower()
        values = self._text("value")
        times = self._text("timestamp")
        if "product_id" in self.table.parts:
            title = self._titles_of_products(title)
        if IMPRESSION not in self._weights.weights:
            only_shown = (types == IMPRESSION).to_numpy(dtype=bool)
            self.impressions = int(only_shown.sum())
            self._usable &= ~only_shown

        self._refuse(user == "", "empty_user", "user", user, lambda _: "is empty; row left out")
        self._refuse(title == "", "empty_title", "title", title, lambda _: "is empty; row left out")
        weight = self._type_weights(types)
        is_search = (types == SEARCH).to_numpy(dtype=bool)
        rating = self._ratings(values, (types == "rating").to_numpy(dtype=bool))
        key = self._keys(title, is_search)
        seconds, bad, remedy = seconds_since_1970(times)
        self._list(bad, "bad_timestamp", "timestamp", times, lambda _: f"is no timestamp, {remedy}; left blank")
        frame = pd.DataFrame(
            {
                "user": user,
                "key": key,
                "type": types,
                "value": rating,
                "timestamp": seconds,
                "weight": weight * self._weights.factor(rating),
                "is_search": is_search,
                "shown": title,
            }
        )
        return frame[self._usable].reset_index(drop=True)

    def _text(self, part: str, *, required: bool = False, otherwise: str = "") -> pd.Series[str]:
        column = self.table.column(self._columns, part, required=required)
        if column is None:
            return pd.Series([otherwise] * len(self.table), dtype="str")
        return column.str.strip()

    def _titles_of_products(self, title: pd.Series[str]) -> pd.Series[str]:
        """Where an event names its product by the app's id only: the title with this id, or else the id."""
        product = self._text("product_id")
        titles = self._catalogue.titles_by_id
        named = product.map(lambda each: titles.get(each, each)) if titles else product
        return title.where(title != "", named)

    def _type_weights(self, types: pd.Series[str]) -> NDArray[np.float64]:
        codes, distinct = pd.factorize(types)
        known = [self._weights.of_type(name) for name in distinct]
        table = np.array([np.nan if weight is None else weight for weight in known], dtype=np.float64)
        weight = table[codes]

        def reason(name: str) -> str:
            if not name:
                return "is empty; row left out"
            near = self._weights.suggest(name)
            hint = f"did you mean {near}? " if near else ""
            return f"is not a known type; {hint}row left out; give it a weight with --weight {name}=NUMBER"

        self._refuse(np.isnan(weight), "unknown_type", "type", types, reason)
        return weight

    def _ratings(self, values: pd.Series[str], is_rating: NDArray[np.bool_]) -> NDArray[np.float64]:
        rating = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
        given = (values != "").to_numpy(dtype=bool)
        bad = given & ~(rating <= self._weights.scale)  # NaN and infinity are bad too
        bad |= np.isneginf(rating)
        rating[bad] = np.nan
        scale = f"{self._weights.scale:g}"
        wanted = f"expected a rating up to {scale}; ratings out of ten, say, need --rating-scale 10"
        self._list(bad & ~is_rating, "bad_value", "value", values, lambda _: f"is not used, {wanted}")
        self._refuse(bad & is_rating, "bad_value", "value", values, lambda _: f"{wanted}; row left out")
        self._refuse(
            is_rating & ~given,
            "empty_value",
            "value",
            values,
            lambda _: "is empty; a rating needs one; row left out",
        )
        return rating

    def _keys(self, titles: pd.Series[str], is_search: NDArray[np.bool_]) -> NDArray[np.object_]:
        codes, distinct = pd.factorize(titles)
        keys = np.array([canonical_title(title) for title in distinct] or [""], dtype=object)
        known = np.array([key in self._catalogue.index for key in keys], dtype=bool)
        left = _SUGGESTED

        def reason(title: str) -> str:
            nonlocal left
            left -= 1
            near = self._catalogue.suggest(title, 1) if left >= 0 else []
            hint = f"; did you mean {near[0]!r}?" if near else ""
            return f"is not in the catalogue; row left out{hint}"

        self._refuse(~known[codes] & ~is_search, "unknown_title", "title", titles, reason)
        return keys[codes]

    def _refuse(
        self,
        where: pd.Series[bool] | NDArray[np.bool_],
        kind: str,
        part: str,
        column: pd.Series[str],
        reason: Callable[[str], str],
    ) -> None:
        """List rows that were usable so far, and leave them out: a row is refused for one reason only."""
        mask = np.asarray(where, dtype=bool) & self._usable
        self._list(mask, kind, part, column, reason)
        self._usable &= ~mask

    def _list(
        self,
        mask: NDArray[np.bool_],
        kind: str,
        part: str,
        column: pd.Series[str],
        reason: Callable[[str], str],
    ) -> None:
        """One problem per distinct value, in the order of their first rows."""
        places = np.flatnonzero(mask & self._usable)
        if not len(places):
            return
        codes, distinct = pd.factorize(column.iloc[places])
        order = np.argsort(codes, kind="stable")
        ends = np.cumsum(np.bincount(codes))[:-1]
        name = self.table.name_of(self._columns, part)
        for value, rows in zip(distinct, np.split(places[order], ends), strict=True):
            self._problems.add(self.table.problem(kind, rows, name, collapse(value), reason(value)))


def _fold(rows: pd.DataFrame, pair: list[str]) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Each liked pair once, its strongest row's weight, its newest time; likewise the pairs whose last word is "not
    liked", with that word's newest time; and how many rows said so."""
    rows = rows.drop(columns="is_search").reset_index(drop=True)
    group = np.asarray(rows.groupby(pair, sort=False).ngroup(), dtype=np.int64)
    disliked = rows["weight"].to_numpy() <= 0
    said, said_group = rows[disliked], group[disliked]
    if disliked.any():
        rows, group = _without_taken_back(rows, group, disliked)
    standing = said[~np.isin(said_group, group)].groupby(pair, sort=False)[["timestamp"]].max().reset_index()
    order = np.lexsort((np.arange(len(rows)), rows["weight"].to_numpy(), group))
    group = group[order]
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1])[: len(group)])
    sizes = np.diff(np.append(starts, len(group)))
    best = rows.iloc[order[starts + sizes - 1]].reset_index(drop=True)
    times = rows["timestamp"].to_numpy()[order]
    best["timestamp"] = np.fmax.reduceat(times, starts) if len(starts) else times
    best["count"] = sizes
    return best, standing, int(disliked.sum())


def _without_taken_back(
    rows: pd.DataFrame, group: NDArray[np.int64], disliked: NDArray[np.bool_]
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Only what a pair's last "not liked" does not take back."""
    times = rows["timestamp"].to_numpy()
    timed = np.ones(int(group.max()) + 1, dtype=bool)
    timed[group[np.isnan(times)]] = False  # one row without a time: this pair goes by line
    place = np.arange(len(rows))
    order = np.lexsort((place, np.where(timed[group], times, 0.0), group))
    rank = np.empty(len(rows), dtype=np.int64)
    rank[order] = place
    last = np.full(len(timed), -1, dtype=np.int64)
    np.maximum.at(last, group[disliked], rank[disliked])
    kept = (rank > last[group]) & ~disliked
    return rows[kept].reset_index(drop=True), group[kept]
