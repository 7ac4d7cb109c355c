"""Problems met in the rows of a file: each names file, line, column, value and reason.

A reader collects them instead of stopping at the first; what cannot be used is left out and listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypedDict

__all__ = ["Problem", "ProblemRecord", "Problems"]

_SHOWN_VALUE = 80


class ProblemRecord(TypedDict):
    """A problem as it stands in a report."""

    kind: str
    file: str
    line: int
    column: str
    value: str
    reason: str
    lines: list[int]
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in one row or in several alike.

    Attributes:
        kind: a short name to count by, such as `unknown_title`.
        file: name of the file, without its folder.
        lines: where, ascending, counted from 1 with the header; a Parquet file has rows, from 1, instead.
        column: name of the column in the file; empty if the whole row is meant.
        value: what was found there, as it was read.
        reason: what is wrong with it, and what became of it.
        unit: what `lines` counts.
    """

    kind: str
    file: str
    lines: tuple[int, ...]
    column: str
    value: str
    reason: str
    unit: Literal["line", "row"] = "line"

    @property
    def line(self) -> int:
        """The first line."""
        return self.lines[0]

    @property
    def place(self) -> str:
        """`user3.csv line 12, column Title`."""
        column = f", column {self.column}" if self.column else ""
        return f"{self.file} {self.unit} {self.line}{column}"

    def __str__(self) -> str:
        value = self.value if len(self.value) <= _SHOWN_VALUE else self.value[: _SHOWN_VALUE - 1] + "…"
        found = f"{value!r} " if self.value.strip() else ""
        more = len(self.lines) - 1
        also = f" (and {more:,} more {self.unit}{'s' if more > 1 else ''})" if more else ""
        return f"{self.place}: {found}{self.reason}{also}"

    def to_json(self) -> ProblemRecord:
        """Plain values; `line` is the first of `lines`."""
        return {
            "kind": self.kind,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "value": self.value,
            "reason": self.reason,
            "lines": list(self.lines),
            "text": str(self),
        }


@dataclass
class Problems:
    """Problems in the order they were found."""

    items: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """Append one."""
        self.items.append(problem)

    def extend(self, others: Problems) -> None:
        """Append all of another collection."""
        self.items.extend(others.items)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.items)

    def counts(self) -> dict[str, int]:
        """Rows concerned by kind, in the order the kinds were first met."""
        found: dict[str, int] = {}
        for problem in self.items:
            found[problem.kind] = found.get(problem.kind, 0) + len(problem.lines)
        return found

    def shown(self, limit: int = 20) -> str:
        """The first `limit` problems, one per line, and how many more there are; empty without any."""
        lines = [str(problem) for problem in self.items[:limit]]
        rest = len(self.items) - limit
        if rest > 0:
            lines.append(f"… and {rest:,} more; all of them are in the report")
        return "\n".join(lines)

    def to_json(self) -> list[ProblemRecord]:
        """All of them."""
        return [problem.to_json() for problem in self.items]
