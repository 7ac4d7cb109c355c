"""The numbers the project set itself: what each measure must reach at least, and what it aims at.

The aims were set before anything had reached them; a benchmark prints both, met or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from program import Table

__all__ = ["GOALS", "Goal", "Line", "goal_table"]


@dataclass(frozen=True)
class Goal:
    """Two limits for one or more numbers that must hold together.

    Attributes:
        at_least: the worst that is good enough, one per number.
        aim: what is hoped for.
        smaller: whether smaller numbers are better.
        form: how a number is written.
    """

    at_least: tuple[float, ...]
    aim: tuple[float, ...]
    smaller: bool = False
    form: str = ".3f"

    def reached(self, values: Sequence[float]) -> tuple[bool, bool]:
        """Whether all values, unrounded, reach `at_least`, and whether they reach the aim."""
        return self._holds(values, self.at_least), self._holds(values, self.aim)

    def written(self, limits: Sequence[float]) -> str:
        """Limits as text: ``>= .359/.433`` reads as recall and NDCG."""
        return ("<= " if self.smaller else ">= ") + "/".join(format(limit, self.form) for limit in limits)

    def _holds(self, values: Sequence[float], limits: Sequence[float]) -> bool:
        pairs = list(zip(values, limits, strict=True))
        return all(value <= limit if self.smaller else value >= limit for value, limit in pairs)


GOALS: dict[str, Goal] = {
    "quality ml-100k 64": Goal((0.359, 0.433), (0.366, 0.441)),
    "quality toys 64": Goal((0.155, 0.079), (0.165, 0.087)),
    "quality toys 128": Goal((0.166, 0.086), (0.175, 0.091)),
    "cold ml-100k": Goal((0.430, 0.350), (0.46, 0.38)),
    "cold toys": Goal((0.272, 0.149), (0.30, 0.165)),
    "warm recall lost": Goal((0.05,), (0.02,), smaller=True),
    "cold recall over TF-IDF's": Goal((1.0,), (1.5,), form=".1f"),
    "seconds ml-100k": Goal((60.0,), (30.0,), smaller=True, form=".0f"),
    "seconds toys": Goal((240.0,), (120.0,), smaller=True, form=".0f"),
    "peak MB ml-100k": Goal((2000.0,), (1000.0,), smaller=True, form=".0f"),
    "peak MB toys": Goal((3000.0,), (1500.0,), smaller=True, form=".0f"),
    "file over tables": Goal((1.05,), (1.02,), smaller=True, form=".2f"),
    "time over faiss": Goal((0.6,), (0.35,), smaller=True, form=".2f"),
}


@dataclass(frozen=True)
class Line:
    """One measure with its goal.

    Attributes:
        data: the data set.
        measure: what was measured.
        values: as measured.
        goal: the name of its goal.
        form: how a value is written.
    """

    data: str
    measure: str
    values: tuple[float, ...]
    goal: str
    form: str = ".4f"

    def cells(self) -> list[str]:
        """The line of a table."""
        goal = GOALS[self.goal]
        floor, aim = (("not met", "met")[reached] for reached in goal.reached(self.values))
        found = "/".join(format(value, self.form) for value in self.values)
        limits = goal.written(goal.at_least), floor, goal.written(goal.aim), aim
        return [self.data, self.measure, found, *limits]

    def to_json(self) -> dict[str, object]:
        """A value for ``json.dumps``."""
        goal = GOALS[self.goal]
        floor, aim = goal.reached(self.values)
        return {
            "data": self.data,
            "measure": self.measure,
            "values": list(self.values),
            "at_least": list(goal.at_least),
            "at_least_met": floor,
            "aim": list(goal.aim),
            "aim_met": aim,
        }


def goal_table(lines: Sequence[Line], title: str = "goals") -> Table:
    """Measures beside their goals."""
    header = ["data", "measure", "measured", "at least", "reached", "aim", "reached"]
    return Table(title, header, [line.cells() for line in lines])
