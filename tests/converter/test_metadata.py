"""TFLite metadata as tflite-support's own displayer reads it back."""

from __future__ import annotations

from typing import Any

import pytest

from converter.made_conversion import bundle_bytes, draft, flatbuffer_bytes
from seefud_converter.graph import METADATA_NAME, SIGNATURES, read_graph
from seefud_converter.metadata import embed_metadata, metadata_json
from seefud_converter.recipes import RECIPES


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    """The metadata of a finished bundle."""
    return metadata_json(bundle_bytes())


def test_the_model_is_described(shown: dict[str, Any]) -> None:
    assert shown["name"] == "Seefud recommender"
    assert "150 products and 130 tokens as vectors of 8 numbers (hybrid)" in shown["description"]
    assert shown["version"] == "schema 1"
    assert [entry["name"] for entry in shown["associated_files"]] == [
        "bundle.json",
        "ingredients.txt",
        "products.txt",
        "tokens.txt",
    ]
    assert all(entry["description"] for entry in shown["associated_files"])


def test_the_least_parser_version_is_stated(shown: dict[str, Any]) -> None:
    assert [part.isdigit() for part in shown["min_parser_version"].split(".")] == [True] * 3


def test_every_tensor_has_a_name_and_a_description_in_the_order_of_the_subgraph(
    shown: dict[str, Any],
) -> None:
    graph = read_graph(flatbuffer_bytes())
    assert [entry["name"] for entry in shown["subgraph_metadata"]] == list(SIGNATURES)
    for entry, key in zip(shown["subgraph_metadata"], SIGNATURES, strict=True):
        signature = graph.signatures[key]
        subgraph = graph.subgraphs[signature.subgraph]
        for field, indexes, named in (
            ("input_tensor_metadata", subgraph.inputs, signature.inputs),
            ("output_tensor_metadata", subgraph.outputs, signature.outputs),
        ):
            found = [named[tensor["name"]] for tensor in entry[field]]
            assert [id(tensor) for tensor in found] == [id(subgraph.tensors[index]) for index in indexes]
            assert all(tensor["description"].endswith(".") or tensor["description"] for tensor in entry[field])


def test_vocabularies_belong_to_their_tensors(shown: dict[str, Any]) -> None:
    files = {
        (entry["name"], tensor["name"]): [(file["name"], file["type"]) for file in tensor["associated_files"]]
        for entry in shown["subgraph_metadata"]
        for tensor in entry["input_tensor_metadata"] + entry["output_tensor_metadata"]
        if "associated_files" in tensor
    }
    assert files["embed_text", "tokens"] == [("tokens.txt", "VOCABULARY")]
    assert files["recommend", "history"] == [("products.txt", "VOCABULARY")]
    assert files["recommend", "items"] == [("products.txt", "TENSOR_VALUE_LABELS")]
    assert files["score", "scores"] == [("products.txt", "TENSOR_AXIS_LABELS")]


def test_the_displayer_finds_the_packed_files() -> None:
    from tensorflow_lite_support.metadata.python import metadata

    shown = metadata.MetadataDisplayer.with_model_buffer(bundle_bytes())
    assert sorted(shown.get_packed_associated_file_list()) == [
        "bundle.json",
        "ingredients.txt",
        "products.txt",
        "tokens.txt",
    ]
    assert shown.get_associated_file_buffer("tokens.txt") == draft()[1]["tokens.txt"]


@pytest.mark.parametrize("recipe", RECIPES)
def test_embedding_changes_nothing_else_and_repeats(recipe: str) -> None:
    document, files = draft()
    plain = flatbuffer_bytes(recipe)
    described = embed_metadata(plain, document, files)
    assert embed_metadata(plain, document, reversed(list(files))) == described
    before, after = read_graph(plain), read_graph(described)
    assert set(after.metadata) - set(before.metadata) == {METADATA_NAME}
    assert [graph.operators for graph in before.subgraphs] == [graph.operators for graph in after.subgraphs]
    constants = [
        {tensor.name: tensor.data.tobytes() for tensor in graph.constants() if tensor.data is not None}
        for graph in (before, after)
    ]
    assert constants[0] == constants[1]
    assert embed_metadata(described, document, files) == described


def test_files_that_are_absent_are_not_announced() -> None:
    document, _ = draft()
    described = embed_metadata(flatbuffer_bytes(), document, ["products.txt", "tokens.txt"])
    names = [entry["name"] for entry in metadata_json(described)["associated_files"]]
    assert names == ["bundle.json", "products.txt", "tokens.txt"]
