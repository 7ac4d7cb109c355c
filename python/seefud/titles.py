"""Finding the title that somebody meant: a small index for "did you mean"."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Sequence

from seefud.text import canonical_title

__all__ = ["TitleIndex"]

_CANDIDATES = 100
_CUTOFF = 0.6


class TitleIndex:
    """Titles by their words and by the ends of their words.

    `difflib` alone needs about a second for a look-up among 40,000 titles; here it only sees the titles that
    share the rarest features with what was asked for.
    """

    def __init__(self, titles: Sequence[str]) -> None:
        self._titles = titles
        self._keys = [canonical_title(title) for title in titles]
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, key in enumerate(self._keys):
            for feature in _features(key):
                self._places[feature].append(place)

    def suggest(self, title: str, limit: int = 3) -> list[str]:
        """At most `limit` titles that are at least 60 % alike, best first; ties keep their order."""
        key = canonical_title(title)
        weight: Counter[int] = Counter()
        for feature in _features(key):
            places = self._places.get(feature, [])
            for place in places:
                # a rare word says more than a common one; integers keep the order exact
                weight[place] += 1_000_000 // len(places)
        near = sorted(weight, key=lambda place: (-weight[place], place))[:_CANDIDATES]
        matcher = difflib.SequenceMatcher(autojunk=False)
        matcher.set_seq2(key)
        scored = []
        for place in near:
            matcher.set_seq1(self._keys[place])
            if matcher.quick_ratio() >= _CUTOFF and (ratio := matcher.ratio()) >= _CUTOFF:
                scored.append((-ratio, place))
        return [self._titles[place] for _, place in sorted(scored)[:limit]]


def _features(key: str) -> set[str]:
    found: set[str] = set()
    for word in key.split():
        found.update((word, f"{word[:3]}*", f"*{word[-3:]}"))
    return found
