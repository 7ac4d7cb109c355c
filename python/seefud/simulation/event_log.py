"""The phones' side: each person's acts as the JSON Lines that an app exports (schema 1)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seefud.simulation.people import Act
from seefud.store.line_sum import with_sum

__all__ = ["DAY", "START", "EventLog", "ShownList"]

START = 1_735_689_600_000
"""2025-01-01T00:00:00Z, in milliseconds: the day before the first list."""
DAY = 86_400_000
_BETWEEN = 7_000


@dataclass(frozen=True)
class ShownList:
    """What a recommender showed a person.

    Attributes:
        dishes: places, best first.
        scores: of the dishes, same length.
        model: id of the file that ranked them; None if none did.
    """

    dishes: Sequence[int]
    scores: Sequence[float]
    model: str | None


@dataclass
class EventLog:
    """The logs of all phones, written as one export a round.

    Attributes:
        seed: of the simulation; installations are named after it.
        titles: of the dishes.
    """

    seed: int
    titles: Sequence[str]
    _sequences: dict[int, int] = field(default_factory=dict)
    _lines: list[str] = field(default_factory=list)

    def installation(self, person: int) -> str:
        """A person's installation: 32 hexadecimal digits; the store knows the person by it."""
        return hashlib.sha256(f"simulated installation {self.seed} {person}".encode()).hexdigest()[:32]

    def add(self, person: int, round_number: int, acts: Sequence[Act], shown: ShownList | None = None) -> None:
        """Logs what a person did in a round; a round is a day, and a person shows up once in it."""
        begin = START + round_number * DAY + person * 60_000
        for place, act in enumerate(acts):
            sequence = self._sequences.get(person, 0)
            self._sequences[person] = sequence + 1
            event: dict[str, Any] = {
                "schema": 1,
                "installation": self.installation(person),
                "sequence": sequence,
                "type": act.type,
                "time": begin + (place if act.type == "impression" else place * _BETWEEN),
            }
            if act.dish is not None:
                event["title"] = self.titles[act.dish]
            if act.text is not None:
                event["text"] = act.text
            if act.value is not None:
                event["value"] = act.value
            if shown is not None and act.rank is not None:
                event |= {"rank": act.rank, "list": round_number, "score": round(shown.scores[act.rank - 1], 6)}
                if shown.model is not None:
                    event["model"] = shown.model
            self._lines.append(with_sum(json.dumps(event, ensure_ascii=False)))

    def export(self, path: Path) -> int:
        """Writes what was logged since the last export and returns the number of lines."""
        count = len(self._lines)
        path.write_text("".join(f"{line}\n" for line in self._lines), encoding="utf-8")
        self._lines.clear()
        return count
