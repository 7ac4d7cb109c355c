"""What the people of the made market did with lists of its dishes: they like their own kitchen, and look less below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from python.made_market import SECONDS_PER_DAY, START, MadeMarket
from seefud.arrays import Array

__all__ = ["FIRST_LIST", "LENGTH", "MODEL", "ROUNDS", "kitchen_events"]

MODEL = "00000000000a"
LENGTH, ROUNDS = 30, 8
FIRST_LIST = START + 20 * SECONDS_PER_DAY
_OWN, _OTHER = 0.6, 0.1


def kitchen_events(market: MadeMarket, seed: int, *, skill: float, model: str | None = MODEL) -> list[dict[str, Any]]:
    """Histories, and lists of `LENGTH` dishes with their clicks; a dish is shown to nobody who has it.

    Args:
        market: people and dishes.
        seed: of lists and clicks.
        skill: how far dishes of the own kitchen come first: 0 is chance, 3 nearly always.
        model: id of the model that is said to have made the lists.
    """
    rng = np.random.default_rng(seed)
    events = []
    for person, liked in enumerate(market.liked):
        user = f"{person:032x}"
        for day, dish in enumerate(liked):
            purchase = {"user": user, "type": "purchase", "title": market.titles[dish]}
            events.append({**purchase, "time": START + day * SECONDS_PER_DAY})
        others = [dish for dish in range(len(market.titles)) if dish not in liked]
        own = np.array([market.kitchen[dish] == market.taste[person] for dish in others])
        for number in range(ROUNDS):
            order = np.argsort(-(skill * own + rng.normal(0, 1, own.size)))[:LENGTH]
            events += _shown(user, number, [market.titles[others[place]] for place in order], own[order], rng, model)
    return events


def _shown(
    user: str, number: int, titles: Sequence[str], own: Array, rng: np.random.Generator, model: str | None
) -> list[dict[str, Any]]:
    events = []
    time = FIRST_LIST + number * SECONDS_PER_DAY
    for rank, (title, liked) in enumerate(zip(titles, own, strict=True), 1):
        event = {"user": user, "title": title, "model": model, "list": number, "time": time}
        events.append({**event, "type": "impression", "rank": rank})
        if rng.random() < (_OWN if liked else _OTHER) * rank**-0.7:
            events.append({**event, "type": "click", "rank": rank, "time": time + 5})
            if rng.random() < 0.3:
                events.append({**event, "type": "purchase", "rank": rank, "time": time + 9})
    return events
