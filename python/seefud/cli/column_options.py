"""How a table is to be read, for the commands that take what an interaction is worth from the file, or need it not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seefud.errors import InputError

if TYPE_CHECKING:
    from seefud.columns import ColumnNames

__all__ = ["ColumnSettings", "RatingScale", "column_names"]

ColumnSettings = Annotated[
    Path | None, typer.Option("--settings", help="TOML file with the tables columns and queries.")
]

RatingScale = Annotated[float | None, typer.Option("--rating-scale", help="The best rating, 5 unless given.")]


def column_names(
    column: list[str] | None,
    settings: Path | None,
    described: str | None,
    option: str,
    rating_scale: float | None = None,
) -> ColumnNames:
    """The column names in force, of a source that may not have been given.

    Args:
        column: of ``--column``.
        settings: of ``--settings``.
        described: the source whose columns they are, None where it was not given.
        option: its option, for the message.
        rating_scale: of ``--rating-scale``, which means nothing without the source either.

    Raises:
        InputError: names are given and no source; or see `seefud.settings.read_settings`.
    """
    from seefud.settings import read_settings

    if described is None:
        options = {"--column": column, "--settings": settings, "--rating-scale": rating_scale}
        if lonely := [name for name, value in options.items() if value not in (None, [])]:
            raise InputError(f"{', '.join(lonely)}: expected {option} too, found none; give what they describe")
    return read_settings(settings, column or ())[0]
