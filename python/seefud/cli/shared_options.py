"""Options that several commands have, and what is said where one is given without another that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from seefud.errors import InputError

__all__ = ["Column", "ColumnSettings", "Json", "RatingScale", "RecordedScale", "refuse_without"]

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
Column = Annotated[
    list[str] | None,
    typer.Option("--column", help="PART=NAME: another column name, such as user=customer_id; repeat for more."),
]
ColumnSettings = Annotated[
    Path | None, typer.Option("--settings", help="TOML file with the tables columns and queries.")
]
RatingScale = Annotated[float | None, typer.Option("--rating-scale", help="The best rating, 5 unless given.")]
RecordedScale = Annotated[
    float | None, typer.Option("--rating-scale", help="The best rating, if not that which the file records.")
]


def refuse_without(needed: str, value: object, options: Mapping[str, object], remedy: str) -> None:
    """Refuses options that would do nothing because another one is missing.

    Args:
        needed: the other option.
        value: of it; None where it was not given.
        options: option to value; None or no item where it was not given.
        remedy: ends the message.

    Raises:
        InputError: `needed` was not given, and some of `options` were.
    """
    if value is None and (lonely := [name for name, given in options.items() if given not in (None, [])]):
        raise InputError(f"{', '.join(lonely)}: expected {needed} too, found none; {remedy}")
