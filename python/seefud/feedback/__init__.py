"""What people do with recommendations: rates by rank and model, position bias, and a new model tried on old lists."""

from __future__ import annotations

from seefud.feedback.report import Feedback, read_feedback

__all__ = ["Feedback", "read_feedback"]
