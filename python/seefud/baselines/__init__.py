"""Baselines by name, each in a file of its own, all behind one contract (`Baseline`).

They exist to keep the model honest: they run on the same split, through the same
`seefud.evaluation.evaluate`.
"""

from __future__ import annotations

from seefud.baselines.contract import Baseline, BaselineUnavailableError
from seefud.baselines.registry import BASELINES, make_baseline

__all__ = ["BASELINES", "Baseline", "BaselineUnavailableError", "make_baseline"]
