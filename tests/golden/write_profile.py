"""Writes profile.json: the profiles that follow from logs of events, for every implementation to replay.

``python tests/golden/write_profile.py`` after a rule has changed on purpose. A case is a log, the rules where they are
not the defaults, and the profile. Weights are float32, written exactly. Letters outside ASCII are escaped.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from seefud.event_profile import Event, ProfileRules, profile_items

__all__ = ["CASES", "PATH", "long_log", "profile_json"]

PATH = Path(__file__).with_name("profile.json")
HOUR, DAY = 3_600_000, 86_400_000
NOW = 1_764_000_000_000
Fields = dict[str, Any]


def _event(kind: str, name: str, time: int = NOW, **more: Any) -> Fields:
    return {"type": kind, "time": time, "text" if kind == "search" else "title": name, **more}


def _stars(name: str, value: int, time: int = NOW) -> Fields:
    return _event("rating", name, time, value=value)


CASES: dict[str, tuple[list[Fields], Fields]] = {
    "empty": ([], {}),
    "a view": ([_event("view", "sate")], {}),
    "a click": ([_event("click", "sate")], {}),
    "a favorite": ([_event("favorite", "sate")], {}),
    "a purchase": ([_event("purchase", "sate")], {}),
    "a dismissal": ([_event("dismiss", "sate")], {}),
    "a search": ([_event("search", "ayam pedas")], {}),
    "impressions alone": ([_event("impression", "sate", NOW + n) for n in range(3)], {}),
    "1 to 5 stars": ([_stars(f"dish {value}", value) for value in range(1, 6)], {}),
    "every type at once": (
        [
            _event(kind, f"dish {place}", NOW - place * HOUR)
            for place, kind in enumerate(("view", "click", "favorite", "purchase", "dismiss", "search", "impression"))
        ],
        {},
    ),
    "repeated: the strongest counts, once": (
        [_event("click", "sate"), _event("view", "sate"), _event("click", "sate"), _event("view", "sate")],
        {},
    ),
    "repeated: as old as the newest": (
        [_event("purchase", "sate", NOW - 9 * DAY), _event("view", "sate", NOW - DAY), _event("view", "soto")],
        {},
    ),
    "the log's order is not the order of the times": (
        [_event("purchase", "sate", NOW), _event("dismiss", "sate", NOW - DAY), _event("view", "soto", NOW - HOUR)],
        {},
    ),
    "dismissed after liking": (
        [_event("purchase", "sate", NOW - 2 * DAY), _event("dismiss", "sate", NOW - DAY), _event("click", "soto")],
        {},
    ),
    "liked after dismissing": (
        [
            _event("purchase", "sate", NOW - 3 * DAY),
            _event("dismiss", "sate", NOW - 2 * DAY),
            _event("view", "sate", NOW - DAY),
            _event("click", "soto"),
        ],
        {},
    ),
    "a rating lowered and raised": (
        [_stars("sate", 5, NOW - 2), _stars("sate", 2, NOW - 1), _stars("soto", 1, NOW - 2), _stars("soto", 4, NOW)],
        {},
    ),
    "low stars take back a purchase": ([_event("purchase", "sate", NOW - 1), _stars("sate", 1)], {}),
    "at one time the log's order counts": (
        [
            _event("favorite", "sate"),
            _event("dismiss", "sate"),
            _event("dismiss", "soto"),
            _event("favorite", "soto"),
        ],
        {},
    ),
    "ages": (
        [_event("favorite", f"dish {age}", NOW - age) for age in (0, 1, HOUR, DAY, 3 * DAY, 99 * DAY, 15_000 * DAY)],
        {},
    ),
    "impressions and unknown ages do not count as newest": (
        [_event("click", "sate", NOW - 3 * DAY), _event("impression", "soto", NOW)],
        {},
    ),
    "a search or a dismissal may be the newest": (
        [_event("click", "sate", NOW - 3 * DAY), _event("search", "soto", NOW), _event("dismiss", "rawon", NOW + DAY)],
        {},
    ),
    "titles that differ in case and space": (
        [
            _event("click", "Sate  Jamur", NOW - DAY),
            _event("view", " SATE\u00a0jamur "),
            _event("click", "\uff33ate jamur"),
        ],
        {},
    ),
    "searches that differ in case and space": (
        [
            _event("search", "Ayam  pedas", NOW - DAY),
            _event("search", " ayam\tPEDAS "),
            _event("search", "ayam", NOW - 1),
        ],
        {},
    ),
    "ids": (
        [
            {"type": "click", "time": NOW, "product": "SKU-7"},
            {"type": "click", "time": NOW, "product": "sku-7"},
            {"type": "purchase", "time": NOW, "product": "SKU-7", "title": "soto ayam"},
            {"type": "dismiss", "time": NOW, "product": "sku-7"},
        ],
        {},
    ),
    "the newest id of a title": (
        [_event("click", "sate", NOW - 1, product="old"), _event("click", "sate", NOW, product="new")],
        {},
    ),
    "unknown titles": ([_event("click", "xyzzy"), _event("click", "\u5b2e\u9eba\u7092\u996d \U0001f35c")], {}),
    "without recency": (
        [_event("click", "sate", NOW - 9 * DAY), _event("dismiss", "soto", NOW - 8 * DAY), _event("search", "ayam")],
        {"recency": False},
    ),
    "without dislike": ([_event("dismiss", "sate", NOW - DAY), _event("view", "soto")], {"dislike": 0.0}),
    "a strong dislike": ([_event("dismiss", "sate", NOW - DAY), _stars("soto", 2)], {"dislike": 1.0}),
    "weights of one's own": (
        [_event("view", "sate"), _event("click", "sate"), _event("purchase", "soto"), _stars("rawon", 4)],
        {"weights": {"view": 0.7, "purchase": 5.0, "rating": 0.5}},
    ),
    "a type of weight 0 takes back": (
        [_event("click", "sate", NOW - 1), _event("view", "sate")],
        {"weights": {"click": 1.0, "view": 0.0}},
    ),
}
"""Name -> log, rules. A name says what is tried."""


def long_log(length: int) -> list[Fields]:
    """A log made by a rule that every language can repeat: event n is of these, by remainders.

    Type n % 8 of search, view, click, favorite, purchase, rating, dismiss, impression; product (n * n) % 337, its title
    in capitals if n % 3 is 0; search "word" and n % 29; stars n % 5 + 1; time: a third of an hour for each n, but every
    seventh event three days earlier.
    """
    kinds = ("search", "view", "click", "favorite", "purchase", "rating", "dismiss", "impression")
    log = []
    for n in range(length):
        kind = kinds[n % 8]
        name = f"word {n % 29}" if kind == "search" else f"{'DISH' if n % 3 == 0 else 'dish'} {n * n % 337}"
        more = {"value": n % 5 + 1} if kind == "rating" else {}
        log.append(_event(kind, name, NOW + n * HOUR // 3 - (3 * DAY if n % 7 == 0 else 0), **more))
    return log


def _rules(fields: Fields) -> ProfileRules:
    return ProfileRules(**fields)


def _profile(log: list[Fields], rules: Fields) -> list[Fields]:
    items = profile_items([Event.of(fields) for fields in log], _rules(rules))
    return [
        {
            "kind": "search" if item.is_search else "product",
            "text": item.text,
            **({} if item.product is None else {"product": item.product}),
            "weight": float(np.float32(item.weight)),
        }
        for item in items
    ]


def profile_json() -> str:
    """The content of profile.json: one case a line."""
    defaults = ProfileRules()
    head = {
        "schema": 1,
        "defaults": {"weights": dict(defaults.weights), "dislike": defaults.dislike, "recency": defaults.recency},
    }
    cases = [
        {"name": name, "rules": rules, "events": log, "profile": _profile(log, rules)}
        for name, (log, rules) in CASES.items()
    ]
    made = {"name": "a long log", "rules": {}, "made": 5_000, "profile": _profile(long_log(5_000), {})}
    lines = ",\n".join(f"  {json.dumps(case)}" for case in [*cases, made])
    return f'{json.dumps(head, indent=1)[:-2]},\n "cases": [\n{lines}\n ]\n}}\n'


if __name__ == "__main__":
    PATH.write_text(profile_json(), encoding="ascii", newline="\n")
    sys.stdout.write(f"{PATH}: {len(CASES) + 1} cases\n")
