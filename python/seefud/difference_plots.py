"""The plots of a difference as SVG that stands inside an HTML page.

Text stays text (the page's reader has the fonts), and titles are never read as mathematics.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seefud.arrays import Array
from seefud.list_difference import Exposure

__all__ = ["exposure_plot", "share_plot"]

OLD, NEW, LINE = "#8a94a3", "#1f5fa8", "#d5d9df"
_LONGEST = 38
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "seefud",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 9.0,
}


def share_plot(values: Array, across: str, count: str) -> str:
    """A histogram of shares or cosines.

    Args:
        values: float [n].
        across: label of the horizontal axis.
        count: label of the vertical axis.

    Returns:
        An ``<svg>`` element.
    """
    low = min(0.0, float(np.floor(values.min() * 10) / 10)) if values.size else 0.0
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(6.4, 2.3), layout="constrained")
        axes = figure.add_subplot()
        axes.hist(values, bins=np.linspace(low, 1.0, 41), color=NEW)
        mean = float(values.mean()) if values.size else 1.0
        axes.axvline(mean, color="black", linewidth=1)
        axes.annotate(
            f"mean {mean:.2f}", (mean, 1), (-4, -4), "data", "offset points", ha="right", va="top"
        ).xycoords = ("data", "axes fraction")
        axes.set(xlim=(low, 1.0), xlabel=across, ylabel=count)
        return _svg(figure, axes)


def exposure_plot(products: Sequence[Exposure]) -> str:
    """For each product a line from its old to its new exposure.

    Args:
        products: first on top.

    Returns:
        An ``<svg>`` element; titles are escaped in it.
    """
    places = np.arange(len(products))[::-1]
    old, new = [each.old for each in products], [each.new for each in products]
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(6.4, 0.8 + 0.22 * len(products)), layout="constrained")
        axes = figure.add_subplot()
        axes.hlines(places, old, new, color=LINE, linewidth=3)
        axes.plot(old, places, "o", color=OLD, label="old")
        axes.plot(new, places, "o", color=NEW, label="new")
        axes.set_yticks(places, [_short(each.title) for each in products])
        axes.set(xlabel="exposure per person", xlim=(0, None))
        axes.legend(frameon=False, loc="best")
        return _svg(figure, axes)


def _short(title: str) -> str:
    """A title fit for an axis: what cannot be printed is replaced, what is long is cut."""
    shown = "".join(letter if letter.isprintable() else "�" for letter in title)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def _svg(figure: Figure, axes: Axes) -> str:
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["bottom", "left"]].set_color(LINE)
    axes.tick_params(color=LINE)
    page = io.StringIO()
    with warnings.catch_warnings():
        # Widths of letters that the plotting font lacks are guessed; the reader's browser draws them.
        warnings.filterwarnings("ignore", message="Glyph ")
        figure.savefig(page, format="svg", transparent=True, metadata={"Date": None})
    drawn = page.getvalue()
    # Group names repeat from plot to plot, and a page may hold each id only once.
    return re.sub(r'<g id="[A-Za-z0-9_.]+">', "<g>", drawn[drawn.index("<svg") :])
