"""Everything about a build that can be set."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from seefud.columns import ColumnNames
from seefud.model import Kind
from seefud.sources import Source
from seefud.weights import TypeWeights

__all__ = ["BuildOptions"]


@dataclass(frozen=True)
class BuildOptions:
    """Everything that can be set; the defaults need no tuning.

    Attributes:
        kind: what rows are made of.
        dimension: D, the length of every vector; None lets validation choose, or takes that of `start_from`.
        recipe: quantization recipe of the file.
        holdout: a file, store or table to measure on; None measures on a split.
        split: how validation (and the holdout, if split off) is drawn.
        baselines: names to measure beside the model; None takes those that fit the size of the data.
        cold: whether to measure cold products, which costs one more training.
        with_ingredients: whether the file carries the ingredients, for apps without a catalogue of their own.
        columns: names of the columns.
        weights: what types and ratings are worth.
        drop_invalid: drop products without a title instead of refusing the file.
        against: a committed report.json; a model worse than it by more than `tolerance` is refused.
        tolerance: of recall@20 and NDCG@20, absolute.
        max_size: largest file in bytes; None leaves the converter's budget alone.
        seed: of training.
        threads: of TensorFlow and NumPy; another number may change the last bits.
        tensorboard: folder for TensorBoard's event files.
        start_from: an earlier `.tflite`, or its SavedModel, to start the model that ships from; None trains it from
            scratch.
    """

    kind: Kind = Kind.HYBRID
    dimension: int | None = None
    recipe: str = "dynamic_wi8"
    holdout: Source | None = None
    split: Literal["random", "time"] = "random"
    baselines: tuple[str, ...] | None = None
    cold: bool = True
    with_ingredients: bool = False
    columns: ColumnNames = field(default_factory=ColumnNames)
    weights: TypeWeights = field(default_factory=TypeWeights)
    drop_invalid: bool = False
    against: Path | None = None
    tolerance: float = 0.005
    max_size: int | None = None
    seed: int = 0
    threads: int = 2
    tensorboard: Path | None = None
    start_from: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """What the report says of the options; files by name only, so that no path of a machine is in it."""
        return {
            "kind": self.kind.value,
            "dimension": self.dimension,
            "recipe": self.recipe,
            "holdout": self.holdout.name if self.holdout else None,
            "split": self.split,
            "seed": self.seed,
            "threads": self.threads,
            "from": self.start_from.name if self.start_from else None,
            "with_ingredients": self.with_ingredients,
            "columns": vars(self.columns),
            "weights": {"types": dict(self.weights.weights), "scale": self.weights.scale, "low": self.weights.low},
        }
