"""Feedback as one HTML page that needs nothing else: no script, no request, plots inside."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from seefud.destinations import write_whole
from seefud.feedback.plots import examination_plot, rank_plot
from seefud.feedback.report import Feedback
from seefud.html_page import render_page

__all__ = ["feedback_page", "write_feedback_page"]


def feedback_page(feedback: Feedback) -> str:
    """The page. Model ids and paths are untrusted text: the template escapes every value, matplotlib its labels."""
    plots = {"ranks": Markup(rank_plot(feedback.models))}
    if feedback.bias.reason is None:
        plots["examination"] = Markup(examination_plot(feedback.bias))
    models = [*feedback.models, feedback.overall] if len(feedback.models) > 1 else feedback.models
    return render_page(
        "feedback.html",
        feedback=feedback,
        models=models,
        groups=feedback.bias.to_json()["groups"],
        replay=feedback.replay,
        plots=plots,
    )


def write_feedback_page(path: Path, feedback: Feedback) -> None:
    """Writes the page, whole or not at all."""
    write_whole(path, feedback_page(feedback))
