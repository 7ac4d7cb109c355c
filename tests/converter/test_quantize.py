"""The converted model: tables once, right numbers, no strings, the same bytes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from converter.made_conversion import DIMENSION, PRODUCTS, SEED, TOKENS, draft, flatbuffer_bytes, saved_model
from converter.made_model import made_tables, make_saved_model
from seefud_converter import errors
from seefud_converter.contract import stored_table
from seefud_converter.graph import SIGNATURES, read_graph
from seefud_converter.operators import operators_of
from seefud_converter.quantize import Conversion, convert
from seefud_converter.recipes import RECIPES, recipe_named
from seefud_converter.repack import ALIGNMENT, repack


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_table_is_stored_once(recipe: str) -> None:
    content = flatbuffer_bytes(recipe)
    width = RECIPES[recipe].bytes_per_weight
    tables = [PRODUCTS * (DIMENSION + 1) * width, TOKENS * DIMENSION * width]
    large = [size for size in read_graph(content).buffer_bytes if size >= min(tables)]
    assert sorted(large) == sorted(tables)
    assert len(content) <= sum(tables) + 15_000


def test_float_tables_keep_every_bit() -> None:
    products, tokens = made_tables(PRODUCTS, DIMENSION, TOKENS, SEED)
    for recipe, kind in (("float32", np.float32), ("float16", np.float16)):
        graph = read_graph(flatbuffer_bytes(recipe))
        for which, table in (("products", products), ("tokens", tokens)):
            data = stored_table(graph, draft()[0], which).data
            assert data is not None
            np.testing.assert_array_equal(data, table.astype(kind))


def test_int8_tables_round_to_the_nearest_step_of_one_scale() -> None:
    graph = read_graph(flatbuffer_bytes())
    for which, table in zip(("products", "tokens"), made_tables(PRODUCTS, DIMENSION, TOKENS, SEED), strict=True):
        stored = stored_table(graph, draft()[0], which)
        assert stored.data is not None
        assert stored.type == "int8"
        np.testing.assert_allclose(stored.scales, [np.abs(table).max() / 127], rtol=1e-6)
        assert np.abs(stored.data * stored.scales[0] - table).max() <= stored.scales[0] / 2 * 1.0001


@pytest.mark.parametrize("recipe", RECIPES)
def test_string_signatures_and_their_tables_stay_out(recipe: str) -> None:
    content = flatbuffer_bytes(recipe)
    graph = read_graph(content)
    assert tuple(graph.signatures) == SIGNATURES
    assert not [entry.name for entry in operators_of(graph) if "TABLE" in entry.name or entry.custom]
    assert {tensor.type for part in graph.subgraphs for tensor in part.tensors} & {
        "string",
        "resource",
    } == set()
    assert b"Sate Jamur" not in content


def test_signature_keys_alone_would_bring_the_lookup_tables() -> None:
    """Why the signatures are saved alone first; if this fails, `_save_alone` can go."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved_model()), signature_keys=list(SIGNATURES))
    assert "HASHTABLE" in {entry.name for entry in operators_of(read_graph(converter.convert()))}


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_first_subgraph_is_recommend_and_buffers_are_aligned(recipe: str) -> None:
    content = np.frombuffer(flatbuffer_bytes(recipe), np.uint8)
    graph = read_graph(content.data)
    assert [graph.signatures[key].subgraph for key in SIGNATURES] == [0, 1, 2, 3]
    start = content.__array_interface__["data"][0]
    offsets = [
        tensor.data.__array_interface__["data"][0] - start for tensor in graph.constants() if tensor.data is not None
    ]
    assert [offset % ALIGNMENT for offset in offsets] == [0] * len(offsets)


def test_repacking_changes_nothing_the_second_time() -> None:
    once = flatbuffer_bytes()
    assert repack(once, SIGNATURES) == once


def _run(content: bytes, key: str, **inputs: Any) -> dict[str, Any]:
    answer: dict[str, Any] = Interpreter(model_content=content).get_signature_runner(key)(**inputs)
    return answer


@pytest.mark.parametrize("recipe", RECIPES)
def test_an_empty_history_and_unknown_words_give_numbers(recipe: str) -> None:
    """TensorFlow's own float16 mode gives NaN here: it rounds 1e-12 to 0."""
    products, _ = made_tables(PRODUCTS, DIMENSION, TOKENS, SEED)
    content = flatbuffer_bytes(recipe)
    scores = _run(content, "score", profile=np.zeros((1, DIMENSION), np.float32))["scores"][0]
    np.testing.assert_allclose(scores, products[:, -1], atol=0.006)
    vector = _run(content, "embed_text", tokens=np.full((1, 16), -1, np.int32))["vector"]
    np.testing.assert_array_equal(vector, np.zeros((1, DIMENSION), np.float32))


@pytest.mark.parametrize(("recipe", "tolerance"), [("float32", 1e-6), ("float16", 1e-3), ("dynamic_wi8", 2e-2)])
def test_scores_match_a_naive_computation(recipe: str, tolerance: float) -> None:
    products, _ = made_tables(PRODUCTS, DIMENSION, TOKENS, SEED)
    profile = products[4, :-1] + 0.5 * products[9, :-1]
    expected = [float(np.dot(profile / np.linalg.norm(profile), row[:-1]) + row[-1]) for row in products]
    scores = _run(flatbuffer_bytes(recipe), "score", profile=profile[None])["scores"][0]
    np.testing.assert_allclose(scores, expected, atol=tolerance)


def test_the_same_model_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import sys, hashlib; from seefud_converter.quantize import convert;"
        "print(hashlib.sha256(convert(sys.argv[1])).hexdigest())"
    )
    environment = os.environ | {"PYTHONHASHSEED": "77", "PYTHONPATH": os.pathsep.join(sys.path)}
    other = subprocess.run(
        [sys.executable, "-c", code, str(saved_model())],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == hashlib.sha256(flatbuffer_bytes()).hexdigest()
    assert other.stderr == ""


def test_small_tables_stay_float32(tmp_path: Path) -> None:
    make_saved_model(tmp_path, products=20, dimension=4, tokens=0)
    graph = read_graph(convert(tmp_path))
    assert {tensor.type for tensor in graph.constants()} <= {"float32", "int32"}


def test_weights_beyond_float16_are_refused(tmp_path: Path) -> None:
    products, tokens = made_tables(PRODUCTS, DIMENSION, TOKENS, SEED)
    products[3, 3] = 70_000
    make_saved_model(tmp_path, products=PRODUCTS, dimension=DIMENSION, tokens=TOKENS, tables=(products, tokens))
    with pytest.raises(errors.NonFiniteError, match="weights of at most 65504 for recipe float16"):
        convert(tmp_path, "float16")


def test_missing_signature_is_named(tmp_path: Path) -> None:
    make_saved_model(tmp_path, leave_out=("score",))
    with pytest.raises(errors.MissingSignatureError, match=r"found only embed_products.*; export score too"):
        convert(tmp_path)


def test_operators_without_a_counterpart_are_named(tmp_path: Path) -> None:
    import tensorflow as tf

    make_saved_model(tmp_path, score_through=tf.math.bessel_i0e)
    with pytest.raises(errors.InputError, match="neither strings nor Flex") as caught:
        convert(tmp_path)
    assert "BesselI0e" in str(caught.value)


def test_what_is_not_a_saved_model(tmp_path: Path) -> None:
    with pytest.raises(errors.InputError, match=r"found no such directory; give tf\.saved_model\.save's path"):
        convert(tmp_path / "none")
    with pytest.raises(errors.InputError, match=r"found no saved_model\.pb"):
        convert(tmp_path)
    (tmp_path / "saved_model.pb").write_bytes(b"not a protocol buffer")
    with pytest.raises(errors.InputError, match="four signatures of plain TFLite operators over variables"):
        convert(tmp_path)


def test_unknown_recipes_offer_the_nearest() -> None:
    with pytest.raises(errors.UnknownRecipeError, match=r"found 'dynamic_w8'; did you mean dynamic_wi8?"):
        recipe_named("dynamic_w8")
    with pytest.raises(errors.UnknownRecipeError, match="one of float32, float16, dynamic_wi8"):
        convert(saved_model(), "???")


def test_a_conversion_opens_its_saved_model_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    copy = tmp_path / "saved_model"
    shutil.copytree(saved_model(), copy)
    conversion = Conversion(copy)
    first = conversion.flatbuffer("float32")
    (copy / "saved_model.pb").write_bytes(b"no longer read")
    assert conversion.flatbuffer("dynamic_wi8") == flatbuffer_bytes("dynamic_wi8")
    assert conversion.flatbuffer("float32") is first
    assert first == flatbuffer_bytes("float32")
    del conversion
    assert list(tmp_path.iterdir()) == [copy], "nothing temporary stays"
