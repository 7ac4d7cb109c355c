"""The plots of a feedback page."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seefud.difference_plots import LINE, NEW, OLD, STYLE, as_svg
from seefud.feedback.position_bias import PositionBias
from seefud.feedback.rates import ModelRates

__all__ = ["examination_plot", "rank_plot"]

_COLOURS = (NEW, OLD, "#b5651d", "#3d7a4c", "#7a4f9a", "#444444")
_MOST_RANKS = 50


def rank_plot(models: Sequence[ModelRates]) -> str:
    """Click-through by rank with its intervals, a line for each of the first models.

    Returns:
        An ``<svg>`` element.
    """
    with mpl.rc_context({**STYLE, "svg.hashsalt": "ranks"}):
        figure, axes = _figure()
        for model, colour in zip(models, _COLOURS, strict=False):
            shown = [each for each in model.ranks if each.rank <= _MOST_RANKS and each.click_through.value is not None]
            ranks = [each.rank for each in shown]
            axes.plot(
                ranks, [each.click_through.value or 0.0 for each in shown], ".-", color=colour, label=_name(model)
            )
            known = [each for each in shown if each.click_through.low is not None]
            axes.vlines(
                [each.rank for each in known],
                [each.click_through.low or 0.0 for each in known],
                [each.click_through.high or 0.0 for each in known],
                color=colour,
                alpha=0.5,
            )
        axes.set(xlabel="rank", ylabel="click-through", ylim=(0, None))
        axes.legend(frameon=False, loc="best")
        return as_svg(figure, axes)


def examination_plot(bias: PositionBias) -> str:
    """Examination by rank with its intervals, and 1 / rank beside it.

    Args:
        bias: with examination.

    Returns:
        An ``<svg>`` element.
    """
    with mpl.rc_context({**STYLE, "svg.hashsalt": "examination"}):
        figure, axes = _figure()
        every = np.arange(1, int(bias.first[-1]) + 1)
        axes.plot(every, 1.0 / every, color=LINE, label="1 / rank, for comparison")
        axes.vlines(bias.first, bias.low, bias.high, color=NEW, alpha=0.5)
        axes.plot(bias.first, bias.examination, "o", color=NEW, label="fitted")
        axes.set(xlabel="rank (the first of its group)", ylabel="examination, rank 1 = 1", ylim=(0, None))
        axes.legend(frameon=False, loc="best")
        return as_svg(figure, axes)


def _figure() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(6.4, 2.6), layout="constrained")
    axes = figure.add_subplot()
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure, axes


def _name(model: ModelRates) -> str:
    return model.model or "none named"
