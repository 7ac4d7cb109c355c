"""Feedback as one HTML page that needs nothing else: no script, no request, plots inside."""

from __future__ import annotations

import os
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from seefud.feedback.plots import examination_plot, rank_plot
from seefud.feedback.report import Feedback

__all__ = ["feedback_page", "write_feedback_page"]


def feedback_page(feedback: Feedback) -> str:
    """The page. Model ids and paths are untrusted text: the template escapes every value, matplotlib its labels."""
    plots = {"ranks": Markup(rank_plot(feedback.models))}
    if feedback.bias.reason is None:
        plots["examination"] = Markup(examination_plot(feedback.bias))
    environment = Environment(
        loader=PackageLoader("seefud"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    models = [*feedback.models, feedback.overall] if len(feedback.models) > 1 else feedback.models
    return environment.get_template("feedback.html").render(
        feedback=feedback, models=models, groups=feedback.bias.to_json()["groups"], replay=feedback.replay, plots=plots
    )


def write_feedback_page(path: Path, feedback: Feedback) -> None:
    """Writes the page beside `path` and renames it, so that nobody reads half a page."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(feedback_page(feedback), encoding="utf-8", newline="\n")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
