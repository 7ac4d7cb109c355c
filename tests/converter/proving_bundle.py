"""Bundles of the made model, and the ways of spoiling one that its reader cannot see."""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from converter.made_model import make_saved_model
from seefud_converter.bundle import Bundle, read_bundle, write_bundle
from seefud_converter.convert import convert_bundle

__all__ = ["Made", "make_bundle", "respell", "shared_bundle", "spoil_table"]

_FOLDER = tempfile.TemporaryDirectory()


class Made(NamedTuple):
    """A bundle and the SavedModel that it was made from."""

    path: Path
    saved_model: Path


def make_bundle(folder: Path, recipe: str = "dynamic_wi8", **options: Any) -> Made:
    """Make a model of 300 products and 120 tokens in 16 dimensions, large enough to be quantized."""
    saved_model = folder / "saved_model"
    sizes = {"products": 300, "dimension": 16, "tokens": 120}
    vocabulary = make_saved_model(saved_model, **(sizes | options))
    path = folder / f"{recipe}.tflite"
    convert_bundle(saved_model, vocabulary, path, recipe, gates=None)
    return Made(path, saved_model)


@functools.cache
def shared_bundle(recipe: str) -> Made:
    """The default model in that recipe, converted once per test run; not to be written to."""
    return make_bundle(Path(_FOLDER.name) / recipe, recipe)


def respell(bundle: Bundle, flatbuffer: bytes, path: Path) -> Path:
    """Write the bundle again around another flatbuffer, digests and all: only parity can notice."""
    texts = {name: content for name, content in bundle.files.items() if name != "bundle.json"}
    draft = json.loads(bundle.files["bundle.json"])
    path.write_bytes(write_bundle(flatbuffer, texts, draft, bundle.document["recipe"]))
    return path


def spoil_table(source: Path, path: Path, change: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]) -> Path:
    """Replace the product table by `change` of it."""
    bundle = read_bundle(source)
    shape = (bundle.document["products"], bundle.document["dimension"] + 1)
    (table,) = bundle.graph.tables(*shape)
    assert table.data is not None
    old, flatbuffer = table.data.tobytes(), bytes(bundle.flatbuffer)
    assert flatbuffer.count(old) == 1
    new = np.ascontiguousarray(change(table.data.copy())).tobytes()
    assert len(new) == len(old)
    return respell(bundle, flatbuffer.replace(old, new), path)
