"""What inspection tells, as a dictionary and as lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from converter.made_conversion import DIMENSION, PRODUCTS, TOKENS, bundle_bytes, draft
from seefud_converter import errors
from seefud_converter.inspect import HEAD, inspect, inspection_lines
from seefud_converter.recipes import RECIPES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A good bundle on disk."""
    place = tmp_path / "seefud.tflite"
    place.write_bytes(bundle_bytes())
    return place


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_parts_add_up_to_the_file(recipe: str, tmp_path: Path) -> None:
    place = tmp_path / "x.tflite"
    place.write_bytes(bundle_bytes(recipe))
    report = inspect(place)
    width = RECIPES[recipe].bytes_per_weight
    assert sum(report["parts"].values()) == report["bytes"] == place.stat().st_size
    assert min(report["parts"].values()) > 0
    assert report["parts"]["table of products"] == PRODUCTS * (DIMENSION + 1) * width
    assert report["parts"]["table of tokens"] == TOKENS * DIMENSION * width
    assert report["tables"]["products"]["type"] == RECIPES[recipe].weight_type


def test_the_report_survives_json_and_keeps_the_document(path: Path) -> None:
    report = inspect(path)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    document, _ = draft()
    # Two names carry more than the document's: the counts stay numbers, the lines are under "vocabulary".
    assert {name: report[name] for name in document} == document
    assert report["signatures"]["recommend"] == {
        "inputs": {
            "history": {"type": "int32", "shape": [1, 8]},
            "weights": {"type": "float32", "shape": [1, 8]},
        },
        "outputs": {
            "items": {"type": "int32", "shape": [1, 20]},
            "scores": {"type": "float32", "shape": [1, 20]},
        },
    }
    assert report["vocabulary"]["products.txt"] == [
        "Sate Jamur 0",
        "Nasi Goreng 1",
        "Telur Gulung 2",
        "Soto Ayam 3",
        "Crème Brûlée 4",
    ]
    assert {len(lines) for lines in report["vocabulary"].values()} == {HEAD}
    assert {"name": "FULLY_CONNECTED", "version": 9} in report["operators"]


def test_the_lines_show_every_section(path: Path) -> None:
    report = inspect(path)
    lines = inspection_lines(report)
    text = "\n".join(lines)
    for title in (
        "File", "Sizes", "Signatures", "Tables", "Bytes by part", "First lines", "Rules", "Metrics",
        "Training data", "Digests (SHA-256)", "Operators",
    ):  # fmt: skip
        assert title in lines
    for part in (
        "minimum_runtime  2.3.0",
        "dynamic_wi8",
        "holdout.recall@20",
        "int8 [150, 9], scale",
        "Soto Ayam 3",
    ):
        assert part in text
    assert report["digests"]["flatbuffer"] in text
    assert all(line == line.rstrip() for line in lines)


def test_an_untrusted_file_is_not_described(tmp_path: Path) -> None:
    place = tmp_path / "x.tflite"
    place.write_bytes(bundle_bytes()[:-1])
    with pytest.raises(errors.TruncatedError):
        inspect(place)
