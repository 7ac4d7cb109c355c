"""Which operators a bundle may use, in which versions, and which runtime they need.

The table gives the TFLite release that first had an operator in a version
(tensorflow/lite/tools/versioning/runtime_version.cc, restricted to the allow-list). The converter also writes
its own answer into the `min_runtime_version` buffer; the larger of both counts, since a later rewriting, as
of the float16 tables, may have added an operator.
"""

from __future__ import annotations

from collections.abc import Iterable

from .errors import OperatorGateError
from .graph import Graph, Operator

__all__ = [
    "ALLOWED_OPERATORS",
    "OLDEST_RUNTIME",
    "check_operators",
    "minimum_runtime",
    "operators_of",
    "runtime_tuple",
]

OLDEST_RUNTIME = "2.3.0"
"""The oldest TFLite release that a bundle must run on."""

ALLOWED_OPERATORS: dict[str, dict[int, str]] = {
    "ADD": {1: "1.5.0", 2: "1.14.0", 3: "2.4.0"},
    "CAST": {1: "1.5.0", 2: "2.7.0", 3: "2.8.0"},
    "CONCATENATION": {1: "1.5.0", 2: "1.14.0", 3: "2.3.0"},
    "DEQUANTIZE": {1: "1.13.1", 2: "1.14.0", 3: "1.15.0", 4: "2.2.0", 5: "2.7.0"},
    "EXPAND_DIMS": {1: "1.10.0"},
    "FILL": {1: "1.13.0", 2: "2.3.0", 3: "2.5.0"},
    "FULLY_CONNECTED": {
        1: "1.5.0", 2: "1.10.0", 3: "1.14.0", 4: "1.14.0", 5: "2.0.0", 6: "2.1.0", 7: "2.3.0", 8: "2.3.0",
        9: "2.3.0", 10: "2.11.0", 11: "2.15.0", 12: "2.17.0",
    },
    "GATHER": {1: "1.6.0", 2: "1.14.0", 3: "1.15.0", 4: "2.4.0", 5: "2.5.0"},
    "GREATER": {1: "1.14.0", 2: "1.14.0"},
    "GREATER_EQUAL": {1: "1.14.0", 2: "1.14.0"},
    "MAXIMUM": {1: "1.14.0", 2: "1.14.0", 3: "2.3.0", 4: "2.3.0"},
    "MUL": {1: "1.5.0", 2: "1.14.0", 3: "1.15.0", 4: "2.3.0", 5: "2.6.0"},
    "RESHAPE": {1: "1.5.0"},
    "RSQRT": {1: "1.10.0", 2: "2.5.0"},
    "SCATTER_ND": {1: "2.1.0"},
    "SELECT_V2": {1: "2.2.0"},
    "SLICE": {1: "1.14.0", 2: "1.14.0", 3: "1.14.0", 4: "2.4.0", 5: "2.5.0"},
    "SQUARE": {1: "1.12.0"},
    "STRIDED_SLICE": {1: "1.6.0", 2: "1.14.0", 3: "2.1.0", 4: "2.2.0", 5: "2.5.0", 6: "2.6.0"},
    "SUB": {1: "1.6.0", 2: "1.14.0", 3: "2.3.0", 4: "2.4.0", 5: "2.4.0"},
    "SUM": {1: "1.10.0", 2: "1.15.0"},
    "TOPK_V2": {1: "1.7.0", 2: "1.14.0"},
}  # fmt: skip
"""Operator -> version -> first TFLite release that runs it. Versions that need a newer release than
`OLDEST_RUNTIME` are listed too: it is the runtime gate that refuses them, and it can say why."""


def runtime_tuple(version: str) -> tuple[int, ...]:
    """`"2.3.0"` as (2, 3, 0), for comparison; anything that is not a number counts as 0."""
    return tuple(int(part) if part.isdigit() else 0 for part in version.strip().split("."))


def operators_of(graph: Graph) -> list[Operator]:
    """The operators that the subgraphs use, each name and version once, by name."""
    used: set[Operator] = {operator for subgraph in graph.subgraphs for operator in subgraph.operators}
    return sorted(used | set(graph.operator_codes), key=lambda entry: (entry.name, entry.version, entry.custom))


def minimum_runtime(graph: Graph) -> str:
    """The oldest TFLite release that runs the graph, by its metadata and by the table.

    An operator outside the table adds nothing here; `check_operators` refuses it.
    """
    written = graph.metadata.get("min_runtime_version", b"").rstrip(b"\0").decode("ascii", "replace")
    needs: Iterable[str] = (
        ALLOWED_OPERATORS.get(operator.name, {}).get(operator.version, "") for operator in operators_of(graph)
    )
    return max([written, *needs], key=runtime_tuple)


def check_operators(graph: Graph, where: str) -> None:
    """Refuse anything but the allowed builtin operators and plain numbers.

    Raises:
        OperatorGateError: A custom or Flex operator, one or a version of it outside the table, or a string,
            resource or variant tensor.
    """
    operators = operators_of(graph)
    # Custom operators first: the plain ones around them are only their by-products.
    for operator in operators:
        if operator.custom or operator.name == "CUSTOM":
            kind = "the Flex operator" if operator.custom.startswith("Flex") else "the custom operator"
            raise OperatorGateError(
                where,
                "builtin TFLite operators only",
                f"{kind} {operator.custom}",
                "rewrite it with plain operators",
            )
    for operator in operators:
        versions = ALLOWED_OPERATORS.get(operator.name)
        if versions is None or operator.version not in versions:
            allowed = (
                ", ".join(ALLOWED_OPERATORS) if versions is None else f"{operator.name} up to version {max(versions)}"
            )
            raise OperatorGateError(
                where,
                f"an operator of the allow-list ({allowed})",
                f"{operator.name} version {operator.version}",
                "rewrite the graph, or test the operator on the oldest runtime and extend ALLOWED_OPERATORS",
            )
    for subgraph in graph.subgraphs:
        for tensor in subgraph.tensors:
            if tensor.type in ("string", "resource", "variant"):
                found = f"{tensor.type} tensor {tensor.name!r} in {subgraph.name}"
                raise OperatorGateError(where, "number tensors only", found, "leave strings to the caller")
