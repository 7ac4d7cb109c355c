"""Writing and reading bundles: round trip, one form, nothing heavy imported."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.made_conversion import DIMENSION, PRODUCTS, TOKENS, bundle_bytes, draft, flatbuffer_bytes
from converter.made_model import made_words
from seefud_converter import errors
from seefud_converter.archive import read_archive, with_archive
from seefud_converter.bundle import parse_bundle, read_bundle, write_bundle
from seefud_converter.contract import stored_table
from seefud_converter.document import document_bytes, parse_document
from seefud_converter.recipes import RECIPES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A good bundle on disk."""
    place = tmp_path / "seefud.tflite"
    place.write_bytes(bundle_bytes())
    return place


def test_round_trip(path: Path) -> None:
    bundle = read_bundle(path)
    titles, words, ingredients = made_words(PRODUCTS, TOKENS)
    assert bundle.products == tuple(titles)
    assert bundle.tokens == tuple(words)
    assert bundle.ingredients == tuple(ingredients)
    document, _ = draft()
    assert {name: bundle.document[name] for name in document} == document
    assert bundle.path == path
    assert bundle.size == path.stat().st_size
    assert sorted(bundle.graph.signatures) == ["embed_products", "embed_text", "recommend", "score"]


def test_the_converter_adds_recipe_runtime_identity_and_digests() -> None:
    bundle = parse_bundle(bundle_bytes(), Path("x.tflite"))
    added = {name: value for name, value in bundle.document.items() if name not in draft()[0]}
    assert sorted(added) == ["digests", "minimum_runtime", "model_id", "recipe"]
    assert (added["recipe"], added["minimum_runtime"]) == ("dynamic_wi8", "2.3.0")
    # The definition of the format page: everything before the first local header of the zip.
    content = bundle_bytes()
    first = min(entry.header_offset for entry in zipfile.ZipFile(io.BytesIO(content)).infolist())
    assert content[first : first + 4] == b"PK\x03\x04"
    digest = hashlib.sha256(content[:first]).hexdigest()
    assert added["digests"]["flatbuffer"] == digest
    assert added["model_id"] == digest[:12]
    assert bytes(bundle.flatbuffer) == content[:first]


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_same_inputs_give_the_same_bytes(recipe: str) -> None:
    document, files = draft()
    shuffled = dict(reversed(document.items())), dict(reversed(files.items()))
    once = write_bundle(flatbuffer_bytes(recipe), files, document, recipe)
    assert write_bundle(flatbuffer_bytes(recipe), shuffled[1], shuffled[0], recipe) == once


def test_the_archive_has_one_form() -> None:
    entries = zipfile.ZipFile(io.BytesIO(bundle_bytes())).infolist()
    assert [entry.filename for entry in entries] == [
        "bundle.json",
        "ingredients.txt",
        "products.txt",
        "tokens.txt",
    ]
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


def test_ingredients_are_optional_and_the_draft_is_not_changed() -> None:
    document, files = draft()
    before = document_bytes(document)
    del files["ingredients.txt"]
    content = write_bundle(flatbuffer_bytes(), files, document, "dynamic_wi8")
    assert parse_bundle(content, Path("x")).ingredients is None
    assert document_bytes(document) == before


def test_what_does_not_fit_is_not_written() -> None:
    document, files = draft()
    with pytest.raises(errors.VocabularySizeError, match=r"the new bundle: products.txt: expected"):
        write_bundle(flatbuffer_bytes(), files, document | {"products": PRODUCTS + 1}, "dynamic_wi8")
    with pytest.raises(errors.WrongTensorError, match="float32 for recipe float32, found int8"):
        write_bundle(flatbuffer_bytes(), files, document, "float32")
    with pytest.raises(errors.DocumentError, match="give finite numbers"):
        write_bundle(flatbuffer_bytes(), files, document | {"metrics": {"x": float("nan")}}, "dynamic_wi8")


def test_fields_of_the_future_are_kept_and_ignored() -> None:
    document, files = draft()
    content = write_bundle(flatbuffer_bytes(), files, document | {"later": [1, None]}, "dynamic_wi8")
    assert parse_bundle(content, Path("x")).document["later"] == [1, None]


def test_a_bundle_cannot_be_changed(path: Path) -> None:
    bundle = read_bundle(path)
    with pytest.raises(dataclasses.FrozenInstanceError):
        bundle.products = ()  # type: ignore[misc]
    table = stored_table(bundle.graph, bundle.document, "products")
    assert table.shape == (PRODUCTS, DIMENSION + 1)
    assert table.data is not None
    with pytest.raises(ValueError, match="read-only"):
        table.data[0, 0] = 1
    assert bundle.flatbuffer.readonly


def test_reading_imports_neither_tensorflow_nor_an_interpreter(path: Path) -> None:
    code = (
        "import sys; from seefud_converter import read_bundle; bundle = read_bundle(sys.argv[1]);"
        "print(len(bundle.products), sorted({name.split('.')[0] for name in sys.modules} & "
        "{'tensorflow', 'tflite_support', 'tensorflow_lite_support', 'pydantic'}),"
        "'ai_edge_litert.interpreter' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == f"{PRODUCTS} [] False"


@given(
    flatbuffer=st.binary(max_size=64).filter(lambda data: b"PK" not in data),
    files=st.dictionaries(st.sampled_from(["a.txt", "b.txt", "ü.txt", "z"]), st.binary(max_size=64), min_size=1),
)
def test_archives_round_trip(flatbuffer: bytes, files: dict[str, bytes]) -> None:
    content = with_archive(flatbuffer, files)
    assert read_archive(content, "x") == (len(flatbuffer), files)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(document=st.dictionaries(st.text(), json_values, max_size=4))
def test_documents_round_trip(document: dict[str, object]) -> None:
    try:
        content = document_bytes(document)
    except UnicodeEncodeError:  # a lone surrogate is not text
        return
    assert parse_document(content, "x") == document
    assert content.endswith(b"}\n")


def test_scales_are_one_per_table() -> None:
    bundle = parse_bundle(bundle_bytes(), Path("x"))
    for which in ("products", "tokens"):
        table = stored_table(bundle.graph, bundle.document, which)
        assert table.scales.dtype == np.float32
        assert table.scales.shape == (1,)
