"""The plots of a difference as SVG that stands inside an HTML page.

Text stays text (the page's reader has the fonts), and titles are never read as mathematics.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seefud.arrays import Array
from seefud.list_difference import Exposure

__all__ = ["LINE", "NEW", "OLD", "STYLE", "as_svg", "exposure_plot", "share_plot"]

OLD, NEW, LINE = "#8a94a3", "#1f5fa8", "#d5d9df"
_LONGEST = 38
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 9.0,
}


def share_plot(values: Array, steps: int, across: str, count: str) -> str:
    """A histogram of shares or cosines, with their mean.

    Args:
        values: float [n], at most 1; n at least 1.
        steps: bars between 0 and 1. Each is centred on a multiple of 1 / steps, for shares of short lists are such.
        across: label of the horizontal axis.
        count: label of the vertical axis.

    Returns:
        An ``<svg>`` element.
    """
    lowest = min(0, int(np.floor(values.min() * steps)))
    edges = (np.arange(lowest, steps + 2) - 0.5) / steps
    with mpl.rc_context({**STYLE, "svg.hashsalt": across}):
        figure = Figure(figsize=(6.4, 2.3), layout="constrained")
        axes = figure.add_subplot()
        axes.hist(values, bins=edges.tolist(), rwidth=0.9, color=NEW)
        mean = float(values.mean())
        axes.axvline(mean, color="black", linewidth=1)
        place = axes.get_xaxis_transform()  # along the data, and from bottom to top of the axes
        side: Literal["left", "right"] = "right" if mean > 0.5 else "left"
        axes.text(mean, 1.0, f" mean {mean:.2f} ", transform=place, ha=side, va="bottom")
        axes.set(xlim=(edges[0], edges[-1]), xlabel=across, ylabel=count)
        return as_svg(figure, axes)


def exposure_plot(products: Sequence[Exposure]) -> str:
    """For each product a line from its old to its new exposure.

    Args:
        products: first on top.

    Returns:
        An ``<svg>`` element; titles are escaped in it.
    """
    places = np.arange(len(products))[::-1]
    old, new = [each.old for each in products], [each.new for each in products]
    with mpl.rc_context({**STYLE, "svg.hashsalt": "exposure"}):
        figure = Figure(figsize=(6.4, 0.8 + 0.22 * len(products)), layout="constrained")
        axes = figure.add_subplot()
        axes.hlines(places, old, new, color=LINE, linewidth=3)
        axes.plot(old, places, "o", color=OLD, label="old")
        axes.plot(new, places, "o", color=NEW, label="new")
        axes.set_yticks(places, [_short(each.title) for each in products])
        axes.set(xlabel="exposure per person", xlim=(0, None))
        axes.legend(frameon=False, loc="best")
        return as_svg(figure, axes)


def _short(title: str) -> str:
    """A title fit for an axis: what cannot be printed is replaced, what is long is cut."""
    shown = "".join(letter if letter.isprintable() else "�" for letter in title)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def as_svg(figure: Figure, axes: Axes) -> str:
    """The figure as an ``<svg>`` element that may stand beside others in a page; draw it within `STYLE`."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["bottom", "left"]].set_color(LINE)
    axes.tick_params(color=LINE)
    page = io.StringIO()
    with warnings.catch_warnings():
        # Widths of letters that the plotting font lacks are guessed; the reader's browser draws them.
        warnings.filterwarnings("ignore", message="Glyph ")
        figure.savefig(page, format="svg", transparent=True, metadata={"Date": None})
    drawn = page.getvalue()
    # Group names repeat from plot to plot, and a page may hold each id only once; the salt keeps the other ids apart.
    return re.sub(r'<g id="[A-Za-z0-9_.]+">', "<g>", drawn[drawn.index("<svg") :])
