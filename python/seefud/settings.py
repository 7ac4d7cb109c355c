"""Column names and interaction weights from a TOML file and from options; options win."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from seefud.columns import ColumnNames
from seefud.weights import TypeWeights

__all__ = ["read_settings"]


def read_settings(
    toml: Path | None, columns: Iterable[str] = (), weights: Iterable[str] = (), rating_scale: float | None = None
) -> tuple[ColumnNames, TypeWeights]:
    """The names and weights in force.

    Args:
        toml: a file with the tables ``[columns]`` and ``[weights]``, or None.
        columns: options ``part=Name``.
        weights: options ``type=number``.
        rating_scale: the best rating; 5 by default.

    Raises:
        InputError: a file or an option does not read so.
    """
    names, worth = ColumnNames(), TypeWeights()
    if rating_scale is not None:
        worth = worth.with_scale(rating_scale)
    if toml is not None:
        names, worth = names.with_toml(toml), worth.with_toml(toml)
    return names.with_options(columns), worth.with_options(weights)
