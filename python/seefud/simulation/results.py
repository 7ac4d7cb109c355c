"""What a simulation found: its circles, round by round."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from seefud.destinations import write_whole
from seefud.simulation.circle import Point

__all__ = ["FIRST", "POPULARITY", "REBUILT", "Simulation", "SimulationOptions"]

REBUILT, FIRST, POPULARITY = "rebuilt", "first", "popularity"
"""The circles: the file, built anew from the store each round; the first such file, never rebuilt, although histories
grow; popularity, counted anew each round."""


@dataclass(frozen=True)
class SimulationOptions:
    """The size of a simulation.

    Attributes:
        rounds: how often people get a list and the recommender learns from what they did.
        seed: of market, people and trainings.
        people: how many.
        dishes: how many.
        dimension: of the vectors of every build.
    """

    rounds: int = 10
    seed: int = 0
    people: int = 200
    dishes: int = 400
    dimension: int = 32


@dataclass(frozen=True)
class Simulation:
    """What was measured.

    Attributes:
        options: of the simulation.
        points: of each circle, one more than there are rounds.
        events: in each circle's store at the end.
        rejected: exported lines that a store did not take, of all circles.
        refused: rounds whose build a gate refused, so that the file before it stayed.
    """

    options: SimulationOptions
    points: dict[str, tuple[Point, ...]]
    events: dict[str, int]
    rejected: int
    refused: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``."""
        return {
            "options": vars(self.options),
            "points": {
                name: [{**vars(point), "click_through": point.click_through} for point in points]
                for name, points in self.points.items()
            },
            "events": self.events,
            "rejected": self.rejected,
            "refused": list(self.refused),
        }

    def write(self, path: Path) -> None:
        """Writes it as JSON."""
        write_whole(path, json.dumps(self.to_json(), indent=1, allow_nan=False) + "\n")

    @classmethod
    def read(cls, path: Path) -> Simulation:
        """Reads what `write` wrote."""
        found = json.loads(path.read_text(encoding="utf-8"))
        names = [each.name for each in fields(Point)]
        return cls(
            SimulationOptions(**found["options"]),
            {
                circle: tuple(Point(**{name: point[name] for name in names}) for point in points)
                for circle, points in found["points"].items()
            },
            found["events"],
            found["rejected"],
            tuple(found["refused"]),
        )
