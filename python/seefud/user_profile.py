"""The profile of one user from an interactions file, in the terms of a shipped file."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from seefud.catalogue import Catalogue
from seefud.columns import ColumnNames
from seefud.errors import InputError
from seefud.event_profile import DEFAULT_DISLIKE
from seefud.interactions import read_interactions
from seefud.recency import faded
from seefud.recommender import Profile, Recommender
from seefud.sources import Source
from seefud.text import canonical_title
from seefud.weights import TypeWeights

__all__ = ["catalogue_of", "user_profile"]


def user_profile(
    recommender: Recommender,
    path: Source,
    user: str,
    *,
    also: Profile = Profile(),
    columns: ColumnNames | None = None,
    weights: TypeWeights | None = None,
    searches: bool = True,
) -> Profile:
    """What the file's interactions say of a user: weighted likings (faded if the model says so), dislikes and searches.

    As on a phone (`seefud.event_profile`), what the user did not like pushes away and is not recommended.

    Args:
        recommender: gives the titles and the recency rule.
        path: the interactions.
        user: the user's id.
        also: likings and searches to add, with weight 1.
        columns: names of the columns.
        weights: what types and ratings are worth; by default what the model was trained with, of 5.
        searches: whether the user's searches count too.

    Raises:
        InputError: the user is not in the file; or see `read_interactions`.
    """
    bundle = recommender.bundle
    rule = weights or TypeWeights.recorded(bundle.document)
    catalogue = catalogue_of(recommender)
    events = read_interactions(path, catalogue, columns, rule)
    mine = events.frame[events.frame["user"] == user]
    disliked = events.dislikes[events.dislikes["user"] == user]
    searched = events.searches[events.searches["user"] == user]
    if mine.empty and disliked.empty and searched.empty:
        raise InputError(f"{path.name}: no interaction of user {user!r} with a product of the model; check --user")
    factors = np.concatenate(
        [mine["weight"].to_numpy(np.float32), np.full(len(disliked), -DEFAULT_DISLIKE, np.float32)]
    )
    if bundle.document["recency"] != "none" and len(factors):
        places = (np.zeros(len(factors), np.int64), np.arange(len(factors)))
        shape = (1, len(factors))
        moments = np.concatenate([frame["timestamp"].to_numpy(np.float64) for frame in (mine, disliked)])
        times = sp.csr_matrix((moments, places), shape=shape)
        factors = faded(sp.csr_matrix((factors, places), shape=shape), times).data
    titles = [catalogue.titles[catalogue.index[key]] for frame in (mine, disliked) for key in frame["key"]]
    return Profile(
        [*titles, *also.liked],
        [*(searched["text"] if searches else ()), *also.searched],
        [*(float(factor) for factor in factors), *(1.0 for _ in also.liked)],
    )


def catalogue_of(recommender: Recommender) -> Catalogue:
    """The file's products as a catalogue without ingredients, with which interactions can be read."""
    titles = tuple(recommender.bundle.products)
    return Catalogue(titles, tuple(canonical_title(title) for title in titles), ("",) * len(titles))
