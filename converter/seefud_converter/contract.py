"""The contract between a bundle's document and its graph: signatures, tensors, tables, finite numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .errors import MissingSignatureError, NonFiniteError, WrongTensorError
from .graph import SIGNATURES, Graph, Tensor
from .recipes import recipe_named
from .repack import LEAST_TABLE_ELEMENTS

__all__ = ["TensorForm", "check_graph", "signature_forms", "stored_table", "table_shapes"]

TensorForm = tuple[str, tuple[int, ...]]
"""A tensor's type name and shape."""

_REBUILD = "build the bundle again"


def signature_forms(
    document: Mapping[str, Any],
) -> dict[str, tuple[dict[str, TensorForm], dict[str, TensorForm]]]:
    """Inputs and outputs of each signature, as the document's numbers define them."""
    n, d, k = (int(document[name]) for name in ("products", "dimension", "top_k"))
    h, t = int(document["history_length"]), int(document["text_length"])
    return {
        "recommend": (
            {"history": ("int32", (1, h)), "weights": ("float32", (1, h))},
            {"items": ("int32", (1, k)), "scores": ("float32", (1, k))},
        ),
        "embed_products": ({"products": ("int32", (1, h))}, {"vectors": ("float32", (1, h, d))}),
        "embed_text": ({"tokens": ("int32", (1, t))}, {"vector": ("float32", (1, d))}),
        "score": ({"profile": ("float32", (1, d))}, {"scores": ("float32", (1, n))}),
    }


def table_shapes(document: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Shapes of the product table (prior last) and of the token table (one row where there are no tokens)."""
    dimension = int(document["dimension"])
    return {
        "products": (int(document["products"]), dimension + 1),
        "tokens": (max(int(document["tokens"]), 1), dimension),
    }


def stored_table(graph: Graph, document: Mapping[str, Any], which: str) -> Tensor:
    """The constant behind `which` ("products" or "tokens"): `data` in its stored type, with its `scales`.

    It is searched for by shape, among the constants of the signature that must read it, so that tables of
    equal shape cannot be mixed up.

    Raises:
        WrongTensorError: There is no such constant, or more than one (a table stored twice).
    """
    shape = table_shapes(document)[which]
    users = ("score", "recommend", "embed_products") if which == "products" else ("embed_text",)
    found: dict[int, Tensor] = {}
    for key in users:
        for tensor in graph.subgraphs[graph.signatures[key].subgraph].tensors:
            if tensor.data is not None and tensor.shape == shape:
                found.setdefault(tensor.buffer, tensor)
    if len(found) != 1:
        raise WrongTensorError(f"table of {which}", f"one constant of shape {list(shape)}", f"{len(found)}", _REBUILD)
    return next(iter(found.values()))


def _check_tensors(place: str, expected: Mapping[str, TensorForm], found: Mapping[str, Tensor]) -> None:
    if set(expected) != set(found):
        raise WrongTensorError(place, " and ".join(sorted(expected)), " and ".join(sorted(found)) or "none", _REBUILD)
    for name, (kind, shape) in expected.items():
        tensor = found[name]
        if (tensor.type, tensor.shape) != (kind, shape):
            raise WrongTensorError(
                f"{place}: {name}", f"{kind} {list(shape)}", f"{tensor.type} {list(tensor.shape)}", _REBUILD
            )


def _check_finite(graph: Graph, where: str) -> None:
    for subgraph in graph.subgraphs:
        for tensor in subgraph.tensors:
            good = np.isfinite(tensor.scales) & (tensor.scales > 0)
            if not good.all():
                found = f"{tensor.scales[~good][0]}"
                place = f"{where}: tensor {tensor.name!r}"
                raise NonFiniteError(place, "finite, positive scales", found, _REBUILD)
    for tensor in graph.constants():
        if tensor.data is not None and tensor.data.dtype.kind == "f" and not np.isfinite(tensor.data).all():
            row = int(np.argwhere(~np.isfinite(tensor.data))[0][0]) if tensor.shape else 0
            found = f"a NaN or an infinity in row {row}"
            raise NonFiniteError(f"{where}: tensor {tensor.name!r}", "finite weights", found, _REBUILD)


def _check_table(graph: Graph, document: Mapping[str, Any], which: str, where: str) -> None:
    table = stored_table(graph, document, which)
    weight_type = recipe_named(document["recipe"]).weight_type
    if table.shape[0] * table.shape[1] < LEAST_TABLE_ELEMENTS:
        weight_type = "float32"  # the quantizer leaves small constants alone
    place = f"{where}: table of {which}"
    if table.type != weight_type:
        raise WrongTensorError(place, f"{weight_type} for recipe {document['recipe']}", table.type, _REBUILD)
    if table.type == "int8" and (len(table.scales) != 1 or table.zero_points.tolist() not in ([], [0])):
        found = f"{len(table.scales)} scales, zero points {table.zero_points.tolist()[:3]}"
        raise WrongTensorError(place, "one scale and zero point 0", found, _REBUILD)


def check_graph(graph: Graph, document: Mapping[str, Any], where: str) -> None:
    """Check that the graph is the one that the document describes.

    Raises:
        MissingSignatureError: One of the four signatures is absent.
        WrongTensorError: A tensor or table has another name, type or shape, or a table is stored twice.
        NonFiniteError: A scale or a weight is not finite.
    """
    missing = [key for key in SIGNATURES if key not in graph.signatures]
    if missing:
        found = ", ".join(sorted(graph.signatures)) or "no signature"
        raise MissingSignatureError(where, "signatures " + ", ".join(SIGNATURES), found, _REBUILD)
    for key, (inputs, outputs) in signature_forms(document).items():
        _check_tensors(f"{where}: inputs of {key}", inputs, graph.signatures[key].inputs)
        _check_tensors(f"{where}: outputs of {key}", outputs, graph.signatures[key].outputs)
    _check_finite(graph, where)
    for which in table_shapes(document):
        _check_table(graph, document, which, where)
