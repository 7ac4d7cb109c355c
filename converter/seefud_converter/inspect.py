"""What is inside a bundle, for people and for machines; nothing is run and TensorFlow is not imported."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .bundle import Bundle, read_bundle
from .contract import stored_table
from .gates import Gates, size_budget
from .graph import Tensor
from .operators import minimum_runtime, operators_of

__all__ = ["HEAD", "inspect", "inspection_lines"]

HEAD = 5
"""Vocabulary lines that are shown."""

_TABLES = ("products", "tokens")


def _tensors(named: Mapping[str, Tensor]) -> dict[str, dict[str, Any]]:
    return {name: {"type": tensor.type, "shape": list(tensor.shape)} for name, tensor in sorted(named.items())}


def _table(bundle: Bundle, which: str) -> dict[str, Any]:
    tensor = stored_table(bundle.graph, bundle.document, which)
    return {
        "type": tensor.type,
        "shape": list(tensor.shape),
        "bytes": bundle.graph.buffer_bytes[tensor.buffer],
        "scale": float(tensor.scales[0]) if len(tensor.scales) else None,
    }


def _bytes_by_part(bundle: Bundle) -> dict[str, int]:
    """Parts whose sum is the file."""
    tables = {which: stored_table(bundle.graph, bundle.document, which).buffer for which in _TABLES}
    sizes = bundle.graph.buffer_bytes
    parts = {f"table of {which}": sizes[buffer] for which, buffer in tables.items()}
    parts["metadata"] = sum(len(content) for content in bundle.graph.metadata.values())
    parts["small constants"] = sum(
        sizes[tensor.buffer] for tensor in bundle.graph.constants() if tensor.buffer not in tables.values()
    )
    parts["graph"] = len(bundle.flatbuffer) - sum(parts.values())
    parts |= {name: len(content) for name, content in sorted(bundle.files.items())}
    parts["archive"] = bundle.size - sum(parts.values())
    return parts


def inspect(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a bundle and describe it in plain JSON values.

    Args:
        path: The `.tflite` file.

    Returns:
        Keys: path, bytes, budget, schema, kind, recipe, model_id, minimum_runtime, dimension, products,
        tokens, history_length, text_length, top_k, prior, mixing (of newer files), calibration, text, recency,
        interaction_weights, metrics, data, digests, signatures, tables, parts (bytes by part), vocabulary (its
        head), operators.

    Raises:
        BundleError: The file cannot be trusted.
    """
    bundle = read_bundle(path)
    known = dict(bundle.document)
    vocabulary = {"products.txt": bundle.products, "tokens.txt": bundle.tokens}
    if bundle.ingredients is not None:
        vocabulary["ingredients.txt"] = bundle.ingredients
    return known | {
        "path": str(path),
        "bytes": bundle.size,
        "budget": size_budget(bundle, Gates())[1],
        "minimum_runtime": minimum_runtime(bundle.graph),
        "signatures": {
            key: {"inputs": _tensors(signature.inputs), "outputs": _tensors(signature.outputs)}
            for key, signature in bundle.graph.signatures.items()
        },
        "tables": {which: _table(bundle, which) for which in _TABLES},
        "parts": _bytes_by_part(bundle),
        "vocabulary": {name: list(lines[:HEAD]) for name, lines in vocabulary.items()},
        "operators": [{"name": entry.name, "version": entry.version} for entry in operators_of(bundle.graph)],
    }


def _flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        rows = [row for key in value for row in _flat(value[key], f"{name}.{key}" if name else str(key))]
        return rows or [(name, "none")]
    return [(name, "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value))]


def _form(tensor: Mapping[str, Any]) -> str:
    return f"{tensor['type']} {tensor['shape']}"


def _section(title: str, rows: list[tuple[str, str]]) -> list[str]:
    width = max((len(name) for name, _ in rows), default=0)
    return ["", title, *(f"  {name:<{width}}  {value}".rstrip() for name, value in rows)]


def inspection_lines(report: Mapping[str, Any]) -> list[str]:
    """The dictionary of `inspect` as lines of plain text, without a final empty line."""
    head = ("bytes", "budget", "schema", "kind", "recipe", "model_id", "minimum_runtime")
    sizes = ("products", "tokens", "dimension", "history_length", "text_length", "top_k")
    rules = ("prior", "mixing", "calibration", "text", "recency", "interaction_weights", "rating_scale")
    signatures = [
        (f"{key} {direction}", f"{name}: {_form(tensor)}")
        for key, signature in report["signatures"].items()
        for direction in ("inputs", "outputs")
        for name, tensor in signature[direction].items()
    ]
    tables = [
        (which, _form(table) + (f", scale {table['scale']:.6g}" if table["scale"] else ""))
        for which, table in report["tables"].items()
    ]
    total = report["bytes"]
    parts = [(name, f"{size:>12,}  {size / total:6.1%}") for name, size in report["parts"].items()]
    vocabulary = [
        (name if number == 0 else "", line)
        for name, lines in report["vocabulary"].items()
        for number, line in enumerate(lines or ("(empty)",))
    ]
    return [
        str(report["path"]),
        *_section("File", [(name, str(report[name])) for name in head]),
        *_section("Sizes", [(name, str(report[name])) for name in sizes]),
        *_section("Signatures", signatures),
        *_section("Tables", tables),
        *_section("Bytes by part", parts),
        *_section("First lines", vocabulary),
        *_section("Rules", _flat({name: report[name] for name in rules if name in report})),
        *_section("Metrics", _flat(report["metrics"], "")),
        *_section("Training data", _flat(report["data"], "")),
        *_section("Digests (SHA-256)", list(report["digests"].items())),
        *_section("Operators", [(entry["name"], f"version {entry['version']}") for entry in report["operators"]]),
    ]
