"""The picture of a simulation: what feedback does to the recommender, to clicks and to variety, round by round."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from seefud.simulation.results import FIRST, POPULARITY, REBUILT, Simulation
from seefud.simulation.seeds import series

__all__ = ["draw"]

LINES = {
    REBUILT: ("rebuilt from the feedback each round", "#1f5fa8", "-"),
    FIRST: ("the first file, never rebuilt", "#5f6b7a", "--"),
    POPULARITY: ("popularity, counted anew each round", "#c4561c", "-."),
}
PANELS = {
    "recall": "recall@20 of hidden tastes",
    "click_through": "clicks per dish shown",
    "coverage": "share of all dishes in any list",
    "ndcg": "NDCG@20 of hidden tastes",
    "share_of_best": "clicks, as a share of the best possible",
    "gini": "Gini of exposure (1: one takes all)",
}
"""Measure -> title; two rows of three."""
_STYLE: dict[Any, Any] = {"font.family": "sans-serif", "font.size": 9.0, "text.parse_math": False}
_FRAME = "#d5d9df"
_COLORS = 64


def draw(simulations: Sequence[Simulation], path: Path) -> None:
    """Writes the picture; with several seeds lines are means and bands reach two standard errors to both sides.

    Args:
        simulations: of the same number of rounds.
        path: `.png` or `.svg`; an older file is replaced.
    """
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(9.6, 5.4), layout="constrained")
        grid = figure.subplots(2, 3)
        for axes, (measure, title) in zip(grid.flat, PANELS.items(), strict=True):
            for circle in LINES:
                _line(axes, series(simulations, circle, measure), circle)
            axes.set_title(title, fontsize=9.5, loc="left")
            axes.set_xlim(0, len(simulations[0].points[REBUILT]) - 1)
            axes.xaxis.get_major_locator().set_params(integer=True)
            axes.margins(y=0.08)
            axes.spines[["top", "right"]].set_visible(False)
            axes.spines[["bottom", "left"]].set_color(_FRAME)
            axes.tick_params(color=_FRAME)
        figure.get_layout_engine().set(h_pad=0.1, w_pad=0.1)  # type: ignore[union-attr, call-arg]
        figure.supxlabel("rounds of feedback that the recommender has learnt from", fontsize=9)
        handles, labels = grid.flat[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=len(LINES), frameon=False)
        partial = path.with_name(f".{path.stem}.partial{path.suffix}")
        if path.suffix == ".png":
            _save_png(figure, partial)
        else:
            figure.savefig(partial, metadata={"Date": None})
    partial.replace(path)


def _save_png(figure: Figure, path: Path) -> None:
    """A PNG with a palette: a third of the bytes of matplotlib's own, and no difference that is seen."""
    page = io.BytesIO()
    figure.savefig(page, format="png", dpi=100)
    with Image.open(page) as drawn:  # Pillow comes with matplotlib, which writes PNG by it
        drawn.convert("RGB").quantize(_COLORS).save(path, format="PNG", optimize=True)


def _line(axes: Axes, values: NDArray[np.float64], circle: str) -> None:
    """A mean with its band; rounds without a value are left out."""
    label, color, style = LINES[circle]
    known = np.flatnonzero(~np.isnan(values).any(axis=0))
    mean = values[:, known].mean(axis=0)
    axes.plot(known, mean, color=color, linestyle=style, linewidth=1.8, label=label)
    if len(values) > 1:
        reach = 2 * values[:, known].std(axis=0, ddof=1) / np.sqrt(len(values))
        axes.fill_between(known, mean - reach, mean + reach, color=color, alpha=0.15, linewidth=0)
