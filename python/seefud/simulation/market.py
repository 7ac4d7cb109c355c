"""The made market: dishes with words, people with hidden tastes, and who is truly attracted by what."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seefud.errors import InputError

__all__ = ["LIKED", "MOST_DISHES", "Dish", "Market", "make_market"]

Floats = NDArray[np.float64]

BASES = (
    *("ayam", "bebek", "sapi", "kambing", "udang", "cumi", "ikan", "kepiting", "tahu"),
    *("tempe", "jamur", "terong", "kangkung", "telur", "bihun", "nasi", "singkong", "pisang"),
)
WAYS = ("goreng", "bakar", "rebus", "kukus", "tumis", "pepes", "gulai", "sambal")
STYLES = ("padang", "jawa", "sunda", "bali", "madura", "manado", "aceh", "betawi")
OF_BASE = ("garam", "air", "minyak", "santan", "tepung", "jahe", "daun bawang", "kecap")
OF_WAY = ("ketumbar", "lengkuas", "serai", "daun salam", "kemiri", "asam jawa", "kunyit", "terasi")
OF_STYLE = ("cabai hijau", "gula merah", "daun kemangi", "base genep", "petis", "rica", "kari", "ebi")
MOST_DISHES = len(BASES) * len(WAYS) * len(STYLES)

DIMENSION = 8
"""Of the hidden tastes."""
UNTOLD = 0.6
"""Share of a dish's hidden vector, by variance, that its words do not tell: only what people do can teach it."""
QUALITY = 0.5
"""How much a dish pleases everybody, beside a taste of variance one."""
LIKED_SHARE = 0.15
STEEPNESS = 3.0
LIKED = 0.5
"""From this attraction on, a person truly likes a dish."""
RESERVED_SHARE = 1 / 3
LEAST_DISHES = 90
COLUMNS = ("Title", "Ingredients")


@dataclass(frozen=True)
class Dish:
    """What everybody can read of a dish."""

    title: str
    ingredients: str
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Market:
    """Dishes, people, and the truth that no program of the circle sees.

    Attributes:
        dishes: N of them.
        attraction: float64 [people, N] in 0 to 1: the chance of a click on a dish that a person looks at.
        reserved: bool [people, N]: a third of the dishes, drawn for each person, which that person is never shown.
            They are what recall is measured on, the same in every round.
        shelf: float64 [N], sums to one: how likely a dish is met without a recommender; a few are met often.
    """

    dishes: tuple[Dish, ...]
    attraction: Floats
    reserved: NDArray[np.bool_]
    shelf: Floats

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(self.attraction)

    @property
    def titles(self) -> tuple[str, ...]:
        """Titles of the dishes, all different."""
        return tuple(dish.title for dish in self.dishes)

    @property
    def truth(self) -> NDArray[np.bool_]:
        """bool [people, N]: reserved dishes that the person truly likes, which a good ranking puts first."""
        return np.asarray(self.reserved & (self.attraction >= LIKED))

    def write(self, path: Path) -> None:
        """Writes the catalogue: what an app would hand to `seefud build`."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows((dish.title, dish.ingredients) for dish in self.dishes)


def make_market(seed: int, people: int, dishes: int) -> Market:
    """A market from a seed; the same arguments give the same market.

    A dish is a base, a way of cooking and a style. Each of these has a hidden vector; the dish's is their sum plus one
    of its own, of which its words tell nothing. A person is a hidden vector too. The attraction is logistic in their
    product plus the dish's quality; its middle lies where 15 % of all pairs are likings.

    Args:
        seed: of everything.
        people: how many, at least 2.
        dishes: N, at least 90.

    Raises:
        InputError: too few of either, or more dishes than the words make.
    """
    if people < 2:
        raise InputError(f"--users {people}: expected at least 2; a model learns from what people have in common")
    if not LEAST_DISHES <= dishes <= MOST_DISHES:
        raise InputError(f"{dishes} dishes: expected {LEAST_DISHES} to {MOST_DISHES}; choose a number between them")
    rng = np.random.default_rng([seed, 0])
    chosen = rng.permutation(MOST_DISHES)[:dishes]
    parts = np.unravel_index(chosen, (len(BASES), len(WAYS), len(STYLES)))
    told = sum(
        rng.standard_normal((len(words), DIMENSION))[part]
        for words, part in zip((BASES, WAYS, STYLES), parts, strict=True)
    ) / np.sqrt(3)
    untold = rng.standard_normal((dishes, DIMENSION))
    vectors = np.sqrt(1 - UNTOLD) * told + np.sqrt(UNTOLD) * untold
    tastes = rng.standard_normal((people, DIMENSION))
    tastes /= np.linalg.norm(tastes, axis=1, keepdims=True)
    appeal = tastes @ vectors.T + QUALITY * rng.standard_normal(dishes)
    middle = np.quantile(appeal, 1 - LIKED_SHARE)
    attraction = 1 / (1 + np.exp(-STEEPNESS * (appeal - middle)))
    kept = round(RESERVED_SHARE * dishes)
    reserved = np.argsort(rng.random((people, dishes)), axis=1) < kept
    shelf = 1 / (40 + rng.permutation(dishes))
    return Market(
        tuple(_dish(*map(int, part)) for part in zip(*parts, strict=True)), attraction, reserved, shelf / shelf.sum()
    )


def _dish(base: int, way: int, style: int) -> Dish:
    words = (WAYS[way], BASES[base], STYLES[style])
    things = (BASES[base], OF_BASE[base % len(OF_BASE)], OF_WAY[way], OF_STYLE[style])
    return Dish(f"{BASES[base]} {WAYS[way]} {STYLES[style]}", ", ".join(things), words)
