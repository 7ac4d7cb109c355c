"""The allow-list, the version table, and what they refuse."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import tensorflow as tf

from converter.made_conversion import flatbuffer_bytes, saved_model
from converter.made_model import make_saved_model
from seefud_converter import errors
from seefud_converter.graph import SIGNATURES, Graph, Operator, read_graph
from seefud_converter.operators import (
    ALLOWED_OPERATORS,
    OLDEST_RUNTIME,
    check_operators,
    minimum_runtime,
    operators_of,
    runtime_tuple,
)
from seefud_converter.quantize import convert
from seefud_converter.recipes import RECIPES


def _with_operator(graph: Graph, operator: Operator) -> Graph:
    first = dataclasses.replace(graph.subgraphs[0], operators=(*graph.subgraphs[0].operators, operator))
    return dataclasses.replace(graph, subgraphs=(first, *graph.subgraphs[1:]))


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The made model, int8."""
    return read_graph(flatbuffer_bytes())


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_passes(recipe: str) -> None:
    made = read_graph(flatbuffer_bytes(recipe))
    check_operators(made, "made")
    assert runtime_tuple(minimum_runtime(made)) <= runtime_tuple(OLDEST_RUNTIME)


def test_int8_tables_are_read_by_old_versions(graph: Graph) -> None:
    versions = {entry.name: entry.version for entry in operators_of(graph)}
    assert (versions["FULLY_CONNECTED"], versions["GATHER"], versions["DEQUANTIZE"]) == (9, 2, 2)
    assert minimum_runtime(graph) == "2.3.0"


def test_the_table_agrees_with_the_converter() -> None:
    """`min_runtime_version` is TensorFlow's own answer, from its own table."""
    for recipe in ("float32", "dynamic_wi8"):
        made = read_graph(flatbuffer_bytes(recipe))
        written = made.metadata["min_runtime_version"].rstrip(b"\0").decode()
        assert minimum_runtime(dataclasses.replace(made, metadata={})) == written


def test_a_newer_operator_raises_the_minimum(graph: Graph) -> None:
    newer = _with_operator(graph, Operator("CAST", 2))
    assert minimum_runtime(newer) == "2.7.0"
    check_operators(newer, "made")  # known to the list; the runtime gate is the one that refuses it


def test_versions_are_compared_as_numbers() -> None:
    assert runtime_tuple("2.10.0") > runtime_tuple("2.3.0") > runtime_tuple("1.15.0") > runtime_tuple("")


@pytest.mark.parametrize("versions", ALLOWED_OPERATORS.values(), ids=ALLOWED_OPERATORS)
def test_newer_versions_never_need_an_older_runtime(versions: dict[int, str]) -> None:
    needs = [runtime_tuple(versions[version]) for version in sorted(versions)]
    assert needs == sorted(needs)


def test_an_operator_outside_the_list_is_named(tmp_path: Path) -> None:
    make_saved_model(tmp_path, score_through=tf.math.sin)
    with pytest.raises(errors.OperatorGateError, match=r"made: expected an operator of the allow-list .*SIN version 1"):
        check_operators(read_graph(convert(tmp_path)), "made")


def test_a_version_outside_the_list_is_named(graph: Graph) -> None:
    with pytest.raises(errors.OperatorGateError, match=r"TOPK_V2 up to version 2.*found TOPK_V2 version 3"):
        check_operators(_with_operator(graph, Operator("TOPK_V2", 3)), "made")


@pytest.mark.parametrize(
    ("custom", "says"),
    [("FlexBesselI0e", "the Flex operator FlexBesselI0e"), ("Mine", "the custom operator Mine")],
)
def test_flex_and_custom_operators_are_refused(graph: Graph, custom: str, says: str) -> None:
    with pytest.raises(errors.OperatorGateError, match=f"builtin TFLite operators only, found {says}"):
        check_operators(_with_operator(graph, Operator("CUSTOM", 1, custom)), "made")


def test_a_real_flex_model_is_refused(tmp_path: Path) -> None:
    make_saved_model(tmp_path, score_through=lambda scores: tf.math.cumprod(scores, 1))
    converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path), signature_keys=["score"])
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    with pytest.raises(errors.OperatorGateError, match="the Flex operator FlexCumprod; rewrite it"):
        check_operators(read_graph(converter.convert()), "made")


def test_lookup_tables_and_strings_are_refused(graph: Graph) -> None:
    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved_model()), signature_keys=list(SIGNATURES))
    with pytest.raises(errors.OperatorGateError, match=r"found CALL_ONCE version 1|found HASHTABLE"):
        check_operators(read_graph(converter.convert()), "made")
    first = graph.subgraphs[0]
    words = dataclasses.replace(first.tensors[0], type="string", name="words")
    with_words = dataclasses.replace(
        graph,
        subgraphs=(dataclasses.replace(first, tensors=(words, *first.tensors[1:])), *graph.subgraphs[1:]),
    )
    with pytest.raises(errors.OperatorGateError, match="number tensors only, found string tensor 'words' in recommend"):
        check_operators(with_words, "made")
