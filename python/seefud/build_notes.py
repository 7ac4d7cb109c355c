"""What a reader of a report's metrics must know."""

from __future__ import annotations

from seefud.build_data import BuildData
from seefud.build_options import BuildOptions
from seefud.measurement import Measurement

__all__ = ["notes_of_build"]


def notes_of_build(data: BuildData, measurement: Measurement, options: BuildOptions) -> list[str]:
    """Sentences for the report and the screen: what was not measured, and what a metric does not mean."""
    notes = []
    if not measurement.evaluations:
        notes.append(
            "Nothing was measured and the quality gate had nothing to judge: nobody has enough products to hold one "
            "back. More interactions per user, or a holdout file (--holdout), are needed."
        )
    gain = measurement.to_json()["gain_over_popularity"]
    if gain and gain["ndcg@20"] <= gain["standard_error"]:
        notes.append(
            "The model is not better than popularity by more than one standard error on this holdout. If the "
            "interactions are random labels, as with generated data, nothing can be better; otherwise more "
            "interactions per user are needed."
        )
    if data.thin:
        notes.append("Half of the users have at most two products: there is hardly a taste to be learnt.")
    if options.start_from is not None:
        notes.append(_warm_note(options))
    return notes


def _warm_note(options: BuildOptions) -> str:
    if options.holdout is None:
        return (
            "The metrics are those of a model trained from scratch: the earlier file may have seen what the split "
            "holds back. Only the model that ships started from it; newer interactions (--holdout) measure that one."
        )
    return (
        "The measured model started from the earlier file: the metrics hold only if that file was not trained on the "
        "interactions of the holdout."
    )
