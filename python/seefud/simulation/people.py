"""What people do: look at a list from the top, click what attracts them, and sometimes buy, rate, dismiss or search.

Position-based model: a click happens where a person looks and the dish attracts; looking depends on the rank alone
(Richardson, Dominowska and Ragno, "Predicting clicks: estimating the click-through rate for new ads", WWW 2007, and
Craswell et al., "An experimental comparison of click position-bias models", WSDM 2008).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seefud.simulation.market import LIKED, Market

__all__ = ["Act", "Luck", "browse", "examination", "respond"]

BIAS = 0.7
"""A person looks at rank k with probability k to the power of minus this."""
BUYS, RATES, STARS, DISMISSES = 0.5, 0.5, 0.2, 0.05
SEARCHES = 0.25
BORED = 0.05
"""Below this attraction a dish that was looked at may be dismissed."""
SPREAD = 0.8
"""Standard deviation of a rating around what the attraction says."""
MET = 40
"""Dishes that a person meets on the shelf before there is a recommender."""


@dataclass(frozen=True)
class Act:
    """One thing that a person did.

    Attributes:
        type: of the event.
        dish: its place, or None for a search.
        rank: in the list, from 1; None where there was no list.
        value: of a rating.
        text: of a search.
    """

    type: str
    dish: int | None = None
    rank: int | None = None
    value: int | None = None
    text: str | None = None


@dataclass(frozen=True, eq=False)
class Luck:
    """The chances of one person in one round, drawn before anything is shown.

    Two recommenders that show a person the same dish at the same rank so get the same answer: their difference is not
    luck.

    Attributes:
        look: float64 [ranks], uniform.
        dish: float64 [6, N], uniform: click, buy, rate, star, dismiss, and the rating's noise.
        rest: for what does not depend on what is shown.
    """

    look: NDArray[np.float64]
    dish: NDArray[np.float64]
    rest: np.random.Generator

    @classmethod
    def draw(cls, seed: int, round_number: int, person: int, ranks: int, dishes: int) -> Luck:
        """The chances from the seed of the simulation, a round and a person."""
        rng = np.random.default_rng([seed, 1, round_number, person])
        return cls(rng.random(ranks), rng.random((6, dishes)), rng)


def examination(ranks: int) -> NDArray[np.float64]:
    """The chance that a person looks at rank 1, 2, ...: float64 [ranks], falling from 1."""
    return np.asarray(np.arange(1, ranks + 1, dtype=np.float64) ** -BIAS)


def respond(market: Market, person: int, shown: list[int], luck: Luck) -> list[Act]:
    """What a person does with a list.

    Args:
        market: with the truth.
        person: who.
        shown: places of the dishes, best first.
        luck: of this person in this round.

    Returns:
        An impression for each dish, then what followed, in order of rank; last perhaps a search.
    """
    attraction = market.attraction[person]
    looked = luck.look[: len(shown)] < examination(len(shown))
    acts = [Act("impression", dish, rank) for rank, dish in enumerate(shown, 1)]
    for rank, dish in enumerate(shown, 1):
        if not looked[rank - 1]:
            continue
        click, _, _, _, dismiss, _ = luck.dish[:, dish]
        if click < attraction[dish]:
            acts += _taken(dish, rank, float(attraction[dish]), luck)
        elif attraction[dish] < BORED and dismiss < DISMISSES:
            acts.append(Act("dismiss", dish, rank))
    if luck.rest.random() < SEARCHES:
        acts.append(Act("search", text=_wish(market, person, luck.rest)))
    return acts


def browse(market: Market, person: int, luck: Luck) -> list[Act]:
    """What a person does before there is a recommender: meets dishes of the shelf, the often met ones first."""
    chance = np.where(market.reserved[person], 0.0, market.shelf)
    met = luck.rest.choice(len(chance), min(MET, int((chance > 0).sum())), replace=False, p=chance / chance.sum())
    acts: list[Act] = []
    for dish in met.tolist():
        attraction = float(market.attraction[person, dish])
        if luck.dish[0, dish] < attraction:
            acts += _taken(dish, None, attraction, luck)
    return acts


def _taken(dish: int, rank: int | None, attraction: float, luck: Luck) -> list[Act]:
    """A click, and what may follow it; a rating is one to five stars around 1 + 4 x attraction."""
    _, buy, rate, star, _, noise = luck.dish[:, dish]
    acts = [Act("click", dish, rank)]
    if star < STARS * attraction:
        acts.append(Act("favorite", dish, rank))
    if buy < BUYS:
        acts.append(Act("purchase", dish, rank))
        if rate < RATES:
            stars = 1 + 4 * attraction + SPREAD * np.sqrt(12) * (noise - 0.5)
            acts.append(Act("rating", dish, rank, value=int(np.clip(np.rint(stars), 1, 5))))
    return acts


def _wish(market: Market, person: int, rng: np.random.Generator) -> str:
    """One or two words of a dish that the person likes and may be shown."""
    liked = np.flatnonzero(~market.reserved[person] & (market.attraction[person] >= LIKED))
    among: Any = liked if len(liked) else np.flatnonzero(~market.reserved[person])
    words = market.dishes[int(rng.choice(among))].words
    return " ".join(words[place] for place in rng.permutation(len(words))[: 1 + int(rng.integers(2))])
