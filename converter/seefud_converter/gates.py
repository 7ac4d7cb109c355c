"""What a finished bundle must pass before it may replace an older one: operators, runtime, size, quality.

Parity, the fifth gate, needs an interpreter and lives in `parity.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .bundle import DOCUMENT, VOCABULARIES, Bundle
from .contract import stored_table, table_shapes
from .errors import QualityGateError, RuntimeVersionGateError, SizeGateError
from .graph import Graph
from .operators import (
    ALLOWED_OPERATORS,
    OLDEST_RUNTIME,
    check_operators,
    minimum_runtime,
    operators_of,
    runtime_tuple,
)

__all__ = [
    "DEFAULT_GATES",
    "QUALITY_METRICS",
    "Gates",
    "apply_gates",
    "check_quality",
    "check_runtime",
    "check_size",
    "size_budget",
]

QUALITY_METRICS = ("recall@20", "ndcg@20")
"""The metrics that the quality floor compares; what they are called in bundle.json and report.json."""


@dataclass(frozen=True)
class Gates:
    """The limits.

    Attributes:
        oldest_runtime: The newest TFLite release that a file may need. size_factor: Bytes of the file per
            byte of its tables. size_allowance: Bytes for everything but tables and vocabularies: graph,
            metadata, bundle.json, archive. popularity_tolerance: By how much a metric may lie below
            popularity's, where it has no interval. committed: An older report.json, or None. Its
            `metrics.holdout` is the floor. committed_tolerance: By how much a metric may lie below the
            committed one.
    """

    oldest_runtime: str = OLDEST_RUNTIME
    size_factor: float = 1.05
    size_allowance: int = 20_000
    largest: int | None = None
    popularity_tolerance: float = 0.0
    committed: Mapping[str, Any] | None = field(default=None, repr=False)
    committed_tolerance: float = 0.005


DEFAULT_GATES = Gates()
"""The limits of the issue, without a committed report."""


def check_runtime(graph: Graph, where: str, oldest: str = OLDEST_RUNTIME) -> str:
    """Refuse a file that an old runtime cannot run; return the minimum runtime.

    Raises:
        RuntimeVersionGateError: It needs a newer one than `oldest`; the message names the operators to blame.
    """
    needed = minimum_runtime(graph)
    if runtime_tuple(needed) > runtime_tuple(oldest):
        blamed = [
            f"{operator.name} version {operator.version}"
            for operator in operators_of(graph)
            if runtime_tuple(ALLOWED_OPERATORS.get(operator.name, {}).get(operator.version, "0"))
            > runtime_tuple(oldest)
        ]
        raise RuntimeVersionGateError(
            where,
            f"a file that TFLite {oldest} runs",
            f"one that needs {needed} ({', '.join(blamed) or 'by its min_runtime_version'})",
            "convert with per-channel quantization off, or express the graph in older operators",
        )
    return needed


def size_budget(bundle: Bundle, gates: Gates) -> tuple[int, int]:
    """Bytes of the tables as stored, and the most bytes that the file may have.

    The budget is `size_factor` x tables + vocabularies + `size_allowance`.
    """
    tables = 0
    for which, (rows, columns) in table_shapes(bundle.document).items():
        data = stored_table(bundle.graph, bundle.document, which).data
        tables += rows * columns * (data.dtype.itemsize if data is not None else 0)
    texts = sum(len(content) for name, content in bundle.files.items() if name in VOCABULARIES)
    return tables, math.floor(gates.size_factor * tables) + texts + gates.size_allowance


def check_size(bundle: Bundle, gates: Gates) -> tuple[int, int]:
    """Refuse a file that is larger than its tables and vocabularies explain; return bytes and budget.

    Raises:
        SizeGateError: A table may be stored twice, or in a wider type than the recipe says.
    """
    tables, budget = size_budget(bundle, gates)
    if bundle.size > budget:
        raise SizeGateError(
            bundle.path.name,
            f"at most {budget} bytes ({gates.size_factor} x {tables} of tables, vocabularies, {gates.size_allowance})",
            f"{bundle.size} bytes, {len(bundle.files[DOCUMENT])} of them {DOCUMENT}",
            "look for a table that is stored twice with seefud inspect",
        )
    if gates.largest is not None and bundle.size > gates.largest:
        raise SizeGateError(
            bundle.path.name,
            f"at most {gates.largest} bytes, as was asked for",
            f"{bundle.size} bytes",
            "take a smaller dimension, leave the ingredients out, or allow a larger file",
        )
    return bundle.size, budget


def _interval(entry: Any, name: str, where: str) -> tuple[float, float]:
    """A metric and the upper end of its interval: a number, or an object with `value` and perhaps `high`."""
    value = entry.get("value", entry.get("mean")) if isinstance(entry, Mapping) else entry
    high = entry.get("high", value) if isinstance(entry, Mapping) else value
    for number in (value, high):
        if not isinstance(number, int | float) or isinstance(number, bool) or not math.isfinite(number):
            raise QualityGateError(f"{where}: {name}", "a finite number", repr(number), "evaluate the model again")
    return float(value), float(high)


def check_quality(
    metrics: Mapping[str, Any],
    where: str,
    committed: Mapping[str, Any] | None = None,
    tolerance: float = 0.005,
    popularity_tolerance: float = 0.0,
) -> dict[str, float]:
    """Refuse a model that ranks below its floor; return the margins.

    Args:
        metrics: bundle.json's `metrics`: `holdout` and `popularity`, each name -> number or
            {"value": number, "high": number}.
        where: Named in errors.
        committed: An older report with `metrics.holdout`, or None.
        tolerance: By how much a metric may lie below the committed one.
        popularity_tolerance: By how much a metric may lie below popularity's. A metric whose interval reaches
            popularity is not below it.

    Returns:
        `"recall@20 over popularity"` -> difference, and so on; empty if the model was not measured.

    Raises:
        QualityGateError: A metric is below its floor, not finite, or missing beside a committed one.
    """
    margins: dict[str, float] = {}
    measured = metrics.get("holdout") or {}
    popularity = metrics.get("popularity") or {}
    older = ((committed or {}).get("metrics") or {}).get("holdout") or {}
    if committed is not None and not any(name in older for name in QUALITY_METRICS):
        found = ", ".join(sorted(older)) or "none"
        expected = "metrics.holdout with " + " or ".join(QUALITY_METRICS)
        raise QualityGateError("the committed report", expected, found, "give a report.json that seefud build wrote")
    for name in QUALITY_METRICS:
        if name not in measured:
            if name in older or (measured and name in popularity):
                raise QualityGateError(f"{where}: {name}", "a measured value", "none", "evaluate the model first")
            continue
        value, high = _interval(measured[name], name, where)
        if name in popularity:
            floor, _ = _interval(popularity[name], f"popularity's {name}", where)
            margins[f"{name} over popularity"] = value - floor
            if value < floor - popularity_tolerance and high < floor:
                raise QualityGateError(
                    f"{where}: {name}",
                    f"at least popularity's {floor:.4f}",
                    f"{value:.4f}",
                    "train longer or on more data, or ship popularity",
                )
        if name in older:
            floor, _ = _interval(older[name], f"committed {name}", where)
            margins[f"{name} over committed"] = value - floor
            if value < floor - tolerance:
                raise QualityGateError(
                    f"{where}: {name}",
                    f"at least the committed {floor:.4f} less {tolerance:g}",
                    f"{value:.4f}",
                    "find what made the model worse, or commit the new report on purpose",
                )
    return margins


def apply_gates(bundle: Bundle, gates: Gates) -> dict[str, Any]:
    """Run operators, runtime, size and quality, in this order.

    Returns:
        What each found: `{"operators": "ok", "minimum_runtime": ..., "bytes": ..., "budget": ..., "quality":
        ...}`; quality is its margins, or `"not measured"`.

    Raises:
        GateError: The first one that refuses.
    """
    where = bundle.path.name
    check_operators(bundle.graph, where)
    needed = check_runtime(bundle.graph, where, gates.oldest_runtime)
    size, budget = check_size(bundle, gates)
    margins = check_quality(
        bundle.document["metrics"],
        where,
        gates.committed,
        gates.committed_tolerance,
        gates.popularity_tolerance,
    )
    return {
        "operators": "ok",
        "minimum_runtime": needed,
        "bytes": size,
        "budget": budget,
        "quality": margins or "not measured",
    }
