"""The made model's conversion in its stages, each done once per test process."""

from __future__ import annotations

import atexit
import functools
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from converter.made_model import make_saved_model
from seefud_converter.bundle import parse_bundle, write_bundle
from seefud_converter.metadata import embed_metadata
from seefud_converter.probes import make_probes
from seefud_converter.quantize import convert
from seefud_converter.runtime import Runtime

__all__ = [
    "DIMENSION",
    "PRODUCTS",
    "SEED",
    "TOKENS",
    "bundle_bytes",
    "draft",
    "flatbuffer_bytes",
    "probed_bundle_bytes",
    "saved_model",
]

# Large enough that the quantizer touches both tables (1,024 elements), small enough to convert in two
# seconds.
PRODUCTS, DIMENSION, TOKENS, SEED = 150, 8, 130, 3


@functools.cache
def saved_model() -> Path:
    """The SavedModel; its vocabulary is in `assets.extra`."""
    folder = Path(tempfile.mkdtemp(prefix="seefud_made_"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    make_saved_model(folder, products=PRODUCTS, dimension=DIMENSION, tokens=TOKENS, seed=SEED)
    return folder


@functools.cache
def flatbuffer_bytes(recipe: str = "dynamic_wi8") -> bytes:
    """The converted model without metadata."""
    return convert(saved_model(), recipe)


def draft() -> tuple[dict[str, Any], dict[str, bytes]]:
    """The draft document and the vocabulary files."""
    vocabulary = saved_model() / "assets.extra"
    files = {place.name: place.read_bytes() for place in sorted(vocabulary.glob("*.txt"))}
    return json.loads((vocabulary / "bundle.json").read_text(encoding="utf-8")), files


@functools.cache
def bundle_bytes(recipe: str = "dynamic_wi8") -> bytes:
    """The whole file, without probes."""
    document, files = draft()
    return write_bundle(embed_metadata(flatbuffer_bytes(recipe), document, files), files, document, recipe)


@functools.cache
def probed_bundle_bytes(recipe: str = "dynamic_wi8") -> bytes:
    """The whole file as the converter ships it, with probes."""
    document, files = draft()
    probes = make_probes(Runtime.open(parse_bundle(bundle_bytes(recipe), Path("made"))))
    flatbuffer = embed_metadata(flatbuffer_bytes(recipe), document, files)
    return write_bundle(flatbuffer, files, document | {"probes": probes}, recipe)
