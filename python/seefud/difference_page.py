"""A difference as one HTML page that needs nothing else: no script, no request, plots inside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from seefud.destinations import write_whole
from seefud.difference_plots import exposure_plot, share_plot
from seefud.file_difference import FileDifference, Verdict
from seefud.html_page import render_page

__all__ = ["difference_page", "write_difference_page"]

_BARS = 40
_SHOWN = 50  # titles of a list on the page; the JSON has all of them


def difference_page(difference: FileDifference, verdicts: Sequence[Verdict] = ()) -> str:
    """The page. Titles and paths are untrusted text: the template escapes every value, matplotlib its labels.

    Args:
        difference: of two files.
        verdicts: of the gates.
    """
    plots: dict[str, Markup] = {}
    if difference.rows.cosines.size:
        moved = share_plot(
            difference.rows.cosines, _BARS, "cosine of old and new vector, after the rotation", "products"
        )
        plots["rows"] = Markup(moved)
    lists = difference.lists
    if lists is not None:
        kept = f"share of the {lists.k} products that stayed"
        plots["overlaps"] = Markup(share_plot(lists.overlaps, lists.k if lists.k <= 50 else _BARS, kept, "people"))
        if changed := (*lists.gained, *reversed(lists.lost)):
            plots["exposure"] = Markup(exposure_plot(changed))
    return render_page(
        "difference.html", difference=difference, lists=lists, verdicts=verdicts, plots=plots, shown=_SHOWN
    )


def write_difference_page(path: Path, difference: FileDifference, verdicts: Sequence[Verdict] = ()) -> None:
    """Writes the page, whole or not at all."""
    write_whole(path, difference_page(difference, verdicts))
