"""Trains, measures and ships a product recommender that fits in one TFLite file.

``seefud.build`` makes the file, ``seefud.recommender`` ranks with it; the names below are the public surface. They are
looked up when they are used, so that ranking never imports TensorFlow.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from seefud.version import __version__

if TYPE_CHECKING:
    from seefud.build import BuildOptions, BuildResult, train
    from seefud.file_evaluation import evaluate_file
    from seefud.recommender import Product, Profile, Recommendation, Recommender

__all__ = [
    "BuildOptions",
    "BuildResult",
    "Product",
    "Profile",
    "Recommendation",
    "Recommender",
    "__version__",
    "evaluate_file",
    "train",
]

_HOMES = {
    "BuildOptions": "seefud.build_options",
    "BuildResult": "seefud.build",
    "Product": "seefud.recommender",
    "Profile": "seefud.recommender",
    "Recommendation": "seefud.recommender",
    "Recommender": "seefud.recommender",
    "evaluate_file": "seefud.file_evaluation",
    "train": "seefud.build",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'seefud' has no attribute {name!r}; public are {', '.join(__all__)}")
