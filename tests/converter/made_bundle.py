"""A good bundle of the made model for each recipe, as bytes, converted once per test run."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from seefud_converter.convert import convert_bundle

from converter.made_model import make_saved_model

__all__ = ["DIMENSION", "PRODUCTS", "TOKENS", "bundle_bytes"]

PRODUCTS, DIMENSION, TOKENS = 300, 8, 150
"""Large enough that both tables are quantized."""


@functools.cache
def bundle_bytes(recipe: str = "dynamic_wi8") -> bytes:
    """The whole file of that recipe."""
    with tempfile.TemporaryDirectory() as folder:
        saved_model, path = Path(folder) / "saved_model", Path(folder) / "model.tflite"
        vocabulary = make_saved_model(saved_model, products=PRODUCTS, dimension=DIMENSION, tokens=TOKENS)
        convert_bundle(saved_model, vocabulary, path, recipe, gates=None)
        return path.read_bytes()
