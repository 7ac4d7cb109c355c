"""The profile that follows from what a person did: a pure function of logged events.

Kotlin's ``Profile.from`` is the twin; ``tests/golden/profile.json`` pins both. It folds events as
`seefud.interactions` does, and keeps what that leaves out: a dislike that stands pushes away.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from seefud.errors import InputError
from seefud.recommender import Profile
from seefud.text import canonical_title, collapse
from seefud.weights import DEFAULT_WEIGHTS, MAX_WEIGHT, TypeWeights

__all__ = ["DEFAULT_DISLIKE", "EVENT_WEIGHTS", "Event", "ProfileItem", "ProfileRules", "profile_items", "profile_of"]

EVENT_WEIGHTS: Mapping[str, float] = {
    name: DEFAULT_WEIGHTS[name] for name in ("search", "view", "click", "favorite", "purchase", "rating", "dismiss")
}
"""Of the types that a phone logs; a choice, as no open data has them all. Impressions count nothing."""

DEFAULT_DISLIKE = 0.25
"""What a standing dislike counts, negatively: the largest that benchmarks/profile_rules.py measured to cost nothing."""

_LOW_RATING, _BEST_RATING = TypeWeights.low, TypeWeights.scale
_MILLISECONDS_PER_DAY = 86_400_000.0


@dataclass(frozen=True)
class Event:
    """One thing that a person did, as a phone logs it.

    Attributes:
        type: as in an exported event.
        time: milliseconds since 1970.
        title: of the product; None if unknown, or a search.
        product: the app's id of the product; None if unknown.
        text: what was searched for.
        value: 1 to 5 stars of a rating.
    """

    type: str
    time: int
    title: str | None = None
    product: str | None = None
    text: str | None = None
    value: float | None = None

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Event:
        """From the keys of an exported event, of which the others are passed over."""
        names = ("title", "product", "text", "value")
        return cls(fields["type"], fields["time"], **{name: fields.get(name) for name in names})


@dataclass(frozen=True)
class ProfileRules:
    """What events say of a person's taste.

    Attributes:
        weights: by type, 0 to 5: 1 is a certain liking, 0 says that it is none and takes back what was done before.
            A type that is left out counts nothing.
        dislike: what a product counts, negatively, whose last word is a dismissal or a low rating; 0 to 5. With 0 it
            pushes nothing away but still is not recommended itself.
        recency: whether weights fade with age: ``1 / sqrt(1 + age in days)``, counted back from the newest event.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: dict(EVENT_WEIGHTS))
    dislike: float = DEFAULT_DISLIKE
    recency: bool = True

    def __post_init__(self) -> None:
        named = {f"weight of {name}": weight for name, weight in self.weights.items()} | {"dislike": self.dislike}
        for where, weight in named.items():
            if not 0 <= weight <= MAX_WEIGHT:
                raise InputError(f"{where} is {weight}; expected a number from 0 to {MAX_WEIGHT:g}")
        if "impression" in self.weights:
            raise InputError("weight of impression: leave it out, what was shown says nothing of what is liked")

    def weight(self, event: Event) -> float:
        """What an event of a weighted type is worth: 3, 4 and 5 stars are 1/3, 2/3 and 1 of it, fewer nothing."""
        weight = self.weights[event.type]
        if event.value is None:
            return weight
        return weight * max(0.0, (event.value - _LOW_RATING) / (_BEST_RATING - _LOW_RATING))


@dataclass(frozen=True)
class ProfileItem:
    """One product or search of a profile.

    Attributes:
        text: the newest title, or the app's id where there is none; or what was searched for.
        weight: faded; negative pushes away.
        product: the app's id, if known.
        is_search: whether it is a search.
    """

    text: str
    weight: float
    product: str | None = None
    is_search: bool = False


@dataclass
class _Standing:
    """What stands of one product: its newest event, and the strongest liking that was not taken back (0: none)."""

    last: Event
    strongest: float = 0.0

    def add(self, event: Event, weight: float) -> None:
        self.last = event
        self.strongest = max(self.strongest, weight) if weight > 0 else 0.0


def profile_items(events: Iterable[Event], rules: ProfileRules | None = None) -> list[ProfileItem]:
    """The items of the profile: products in the order in which they were first met, then searches likewise.

    Titles meet in their canonical form; ids, where there is no title, as they are. Events count in the order of their
    times, those of one time in the order given. Of a product the strongest liking counts, faded by the age of the
    newest; a weight of 0 takes back every liking before it, and if nothing positive follows, the product's weight is
    minus `ProfileRules.dislike`, faded. Each distinct search counts once, as old as its newest.
    """
    rules = rules or ProfileRules()
    counted = sorted((event for event in events if event.type in rules.weights), key=lambda event: event.time)
    products: dict[tuple[str, str], _Standing] = {}
    searches: dict[str, Event] = {}
    for event in counted:
        if event.type == "search":
            searches[canonical_title(event.text or "")] = event
            continue
        key = ("title", canonical_title(event.title)) if event.title else ("product", event.product or "")
        products.setdefault(key, _Standing(event)).add(event, rules.weight(event))

    def faded(weight: float, event: Event) -> float:
        if not rules.recency:
            return weight
        return weight * (1.0 / math.sqrt(1.0 + (counted[-1].time - event.time) / _MILLISECONDS_PER_DAY))

    items = [
        ProfileItem(
            each.last.title or each.last.product or "",
            faded(each.strongest if each.strongest > 0 else 0.0 - rules.dislike, each.last),
            each.last.product,
        )
        for each in products.values()
    ]
    items.extend(
        ProfileItem(collapse(event.text or ""), faded(rules.weight(event), event), is_search=True)
        for event in searches.values()
    )
    return items


def profile_of(events: Iterable[Event], rules: ProfileRules | None = None) -> Profile:
    """The profile of `profile_items`, as `seefud.recommender` takes it."""
    items = profile_items(events, rules)
    products = [item for item in items if not item.is_search]
    searches = [item for item in items if item.is_search]
    return Profile(
        [item.text for item in products],
        [item.text for item in searches],
        [item.weight for item in products],
        search_weights=[item.weight for item in searches],
    )
