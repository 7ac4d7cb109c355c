"""A tiny market with a known answer: four kitchens, and everybody likes the dishes of one.

A dish's words name its kitchen, so a right model ranks the other dishes of a person's kitchen first, finds a kitchen
by its words, and puts a dish that nobody touched among its kitchen's people. The files carry a little of the dirt of
real ones, and `ROWS` says how much.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

__all__ = ["ROWS", "MadeMarket", "MarketFiles", "make_market", "write_rows"]

KITCHENS = {
    "laut": (("udang", "cumi", "kerang", "kepiting", "gurita"), ("saus tiram", "jahe", "jeruk limau")),
    "kebun": (("kangkung", "terong", "buncis", "bayam", "labu"), ("terasi", "tomat", "bawang bombay")),
    "manis": (("pisang", "ketan", "ubi", "singkong", "kelapa"), ("gula merah", "pandan", "vanili")),
    "daging": (("sapi", "kambing", "iga", "kikil", "rusa"), ("santan", "kapulaga", "cengkeh")),
}
"""Kitchen -> its main things, and what else only its dishes hold."""
WAYS = ("goreng", "bakar", "rebus")
PANTRY = "garam, air, minyak"
UNTOUCHED_PER_KITCHEN = 1
USERS = 80
LIKED, LATER = 7, 2
SECONDS_PER_DAY = 86_400
START = 1_735_689_600  # 2025-01-01T00:00:00Z

ROWS = {
    "rows": USERS * (2 * LIKED + 1) + USERS // 8 + 3,
    "interactions": USERS * LIKED,
    "searches": USERS // 8,
    "repeated": USERS * (LIKED + 1),
    "not_positive": 0,
    "unknown_type": 1,
    "unknown_title": 2,
}
"""What becomes of the rows of user3.csv, in the words of the report: every dish is seen and bought, one twice."""

PRODUCT_COLUMNS = ("Title", "Ingredients", "Combined")
INTERACTION_COLUMNS = ("UserID", "Title", "InteractionType", "Timestamp")


@dataclass(frozen=True)
class MarketFiles:
    """Paths of a written market."""

    products: Path
    interactions: Path
    holdout: Path


@dataclass(frozen=True)
class MadeMarket:
    """The market before it is written; a dish and a person are their places.

    Attributes:
        titles: of the dishes.
        ingredients: of the dishes.
        kitchen: of each dish.
        taste: each person's kitchen.
        liked: each person's dishes, oldest first; the last one is of another kitchen.
        later: what each person liked afterwards, of the own kitchen.
        searches: (person, text).
    """

    titles: tuple[str, ...]
    ingredients: tuple[str, ...]
    kitchen: tuple[str, ...]
    taste: tuple[str, ...]
    liked: tuple[tuple[int, ...], ...]
    later: tuple[tuple[int, ...], ...]
    searches: tuple[tuple[int, str], ...]

    @property
    def untouched(self) -> tuple[str, ...]:
        """Titles of the dishes that nobody liked."""
        touched = {dish for dishes in (*self.liked, *self.later) for dish in dishes}
        return tuple(title for dish, title in enumerate(self.titles) if dish not in touched)

    def kitchen_of(self, title: str) -> str:
        """The kitchen that a dish belongs to."""
        return self.kitchen[self.titles.index(title)]

    def user(self, person: int) -> str:
        """A person's id in the files."""
        return f"u{person:02d}"

    def write(self, folder: Path) -> MarketFiles:
        """Writes product3.csv, user3.csv and holdout.csv."""
        folder.mkdir(parents=True, exist_ok=True)
        files = MarketFiles(folder / "product3.csv", folder / "user3.csv", folder / "holdout.csv")
        products = [(t, i, f"{t} {i}") for t, i in zip(self.titles, self.ingredients, strict=True)]
        write_rows(files.products, PRODUCT_COLUMNS, products)
        write_rows(files.interactions, INTERACTION_COLUMNS, [*self._rows(), *self._dirt()])
        later = [
            (self.user(person), self.titles[dish], "purchase", START + 40 * SECONDS_PER_DAY)
            for person, dishes in enumerate(self.later)
            for dish in dishes
        ]
        write_rows(files.holdout, INTERACTION_COLUMNS, later)
        return files

    def _rows(self) -> Iterable[Sequence[object]]:
        for person, dishes in enumerate(self.liked):
            for day, dish in enumerate(dishes):
                at = START + day * SECONDS_PER_DAY + person
                yield self.user(person), self.titles[dish], "view", at
                yield self.user(person), f" {self.titles[dish].upper()} ", "purchase", at + 60
        for person, text in self.searches:
            yield self.user(person), text, "search", START + person

    def _dirt(self) -> Iterable[Sequence[object]]:
        # The same purchase once more, for everybody; two titles that do not exist; a type that does not exist.
        for person, dishes in enumerate(self.liked):
            yield self.user(person), self.titles[dishes[0]], "purchase", START + person + 60
        yield self.user(0), "udang gorang", "purchase", START
        yield self.user(1), "batu", "purchase", START
        yield self.user(2), self.titles[0], "purchaze", START


def make_market(seed: int = 5) -> MadeMarket:
    """Sixty dishes, eighty people; the same seed gives the same market."""
    rng = np.random.default_rng(seed)
    titles: list[str] = []
    ingredients: list[str] = []
    kitchen: list[str] = []
    for name, (things, extras) in KITCHENS.items():
        for number, (thing, way) in enumerate((thing, way) for thing in things for way in WAYS):
            titles.append(f"{thing} {way}")
            extra = extras[number % len(extras)], extras[(number + 1) % len(extras)]
            ingredients.append("" if number == 4 else f"{thing}, {', '.join(extra)}, {PANTRY}")
            kitchen.append(name)
    dishes = {name: [place for place, of in enumerate(kitchen) if of == name] for name in KITCHENS}
    taste, liked, later = [], [], []
    searches = []
    names = list(KITCHENS)
    for person in range(USERS):
        name = names[person % len(names)]
        own = dishes[name][:-UNTOUCHED_PER_KITCHEN]
        # Earlier dishes of a kitchen are a little more popular.
        chance = 1 / (3 + np.arange(len(own)))
        drawn = rng.choice(own, LIKED - 1 + LATER, replace=False, p=chance / chance.sum()).tolist()
        stranger = dishes[names[(person + 1) % len(names)]][int(rng.integers(0, len(own)))]
        taste.append(name)
        liked.append((*drawn[: LIKED - 1], stranger))
        later.append(tuple(drawn[LIKED - 1 :]))
        if person % 8 == 0:
            searches.append((person, f"{KITCHENS[name][0][0]} pedas"))
    return MadeMarket(
        tuple(titles), tuple(ingredients), tuple(kitchen), tuple(taste), tuple(liked), tuple(later), tuple(searches)
    )


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """Writes a CSV file and returns its path."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path
