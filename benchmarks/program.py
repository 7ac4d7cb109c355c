"""What every benchmark shares as a program: arguments, `--json`, plain tables, and leaving with a reason."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["SKIPPED", "Report", "SkippedError", "Table", "note", "run_program"]

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

SKIPPED = 77
"""Exit code of a program that had nothing to measure (as in automake's test driver)."""


class SkippedError(Exception):
    """Something that a benchmark needs is not here; the text says what, and how to get it."""


@dataclass(frozen=True)
class Table:
    """A title, a header and rows of cells."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        """Aligned text; never cut to the width of a terminal, so that it can be piped and pasted."""
        lines = [list(self.header), *(list(row) for row in self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.header))]
        left = [not any(_is_number(line[column]) for line in lines[1:]) for column in range(len(self.header))]
        text = [
            "  ".join(
                cell.ljust(width) if to_left else cell.rjust(width)
                for cell, width, to_left in zip(line, widths, left, strict=True)
            ).rstrip()
            for line in lines
        ]
        rule = "  ".join("-" * width for width in widths)
        return "\n".join([self.title, text[0], rule, *text[1:]])


@dataclass(frozen=True)
class Report:
    """What a benchmark found.

    Attributes:
        tables: for a person.
        figures: for a program, a value for ``json.dumps``.
        notes: sentences below the tables.
        broken: something failed; what could be measured is here all the same.
    """

    tables: Sequence[Table]
    figures: dict[str, Any]
    notes: Sequence[str] = field(default_factory=tuple)
    broken: bool = False


def run_program(
    description: str | None,
    measure: Callable[[argparse.Namespace], Report],
    arguments: Callable[[argparse.ArgumentParser], None] | None = None,
) -> int:
    """Parses, measures and prints.

    Args:
        description: the module's docstring; its first line is the help.
        measure: the benchmark.
        arguments: adds the benchmark's own options.

    Returns:
        The exit code: 0, 1 if something failed, or `SKIPPED`. A goal that is missed is printed and is no failure.
    """
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON for a program to read")
    if arguments:
        arguments(parser)
    options = parser.parse_args()
    try:
        report = measure(options)
    except SkippedError as reason:
        print(json.dumps({"skipped": str(reason)}) if options.json else f"skipped: {reason}")
        return SKIPPED
    if options.json:
        print(json.dumps({**report.figures, "notes": list(report.notes)}, ensure_ascii=False, indent=1))
    else:
        print("\n\n".join([*map(str, report.tables), *report.notes]))
    return int(report.broken)


def note(text: str) -> None:
    """Progress, on standard error, so that standard output holds results only."""
    print(text, file=sys.stderr, flush=True)


def _is_number(cell: str) -> bool:
    first = cell.replace(",", "").removesuffix(" %").partition("/")[0]
    try:
        float(first)
    except ValueError:
        return False
    return True
