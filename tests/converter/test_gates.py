"""Each gate: what passes, what it refuses, and in which words."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from converter.made_conversion import DIMENSION, PRODUCTS, TOKENS, bundle_bytes, draft, saved_model
from seefud_converter import errors
from seefud_converter.bundle import Bundle, parse_bundle
from seefud_converter.gates import Gates, apply_gates, check_quality, check_runtime, check_size, size_budget
from seefud_converter.graph import SIGNATURES, read_graph
from seefud_converter.recipes import RECIPES

MEASURED: dict[str, Any] = {
    "holdout": {"recall@20": 0.30, "ndcg@20": 0.20},
    "popularity": {"recall@20": 0.10, "ndcg@20": 0.10},
}


def _bundle(recipe: str = "dynamic_wi8") -> Bundle:
    return parse_bundle(bundle_bytes(recipe), Path("made.tflite"))


def _metrics(recall: Any, popular: Any = 0.10) -> dict[str, Any]:
    return {"holdout": {"recall@20": recall}, "popularity": {"recall@20": popular}}


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_good_bundle_passes_all(recipe: str) -> None:
    found = apply_gates(_bundle(recipe), Gates())
    assert found["operators"] == "ok"
    assert found["bytes"] == len(bundle_bytes(recipe)) <= found["budget"]
    assert found["quality"]["recall@20 over popularity"] == pytest.approx(0.14)


def test_the_budget_is_the_formula_of_the_issue() -> None:
    texts = sum(len(content) for content in draft()[1].values())
    weights = PRODUCTS * (DIMENSION + 1) + TOKENS * DIMENSION
    for recipe in RECIPES.values():
        tables, budget = size_budget(_bundle(recipe.name), Gates())
        assert tables == weights * recipe.bytes_per_weight
        assert budget == int(1.05 * tables) + texts + 20_000


def test_a_file_beyond_its_budget_is_refused() -> None:
    bundle = _bundle()
    with pytest.raises(
        errors.SizeGateError, match=r"made\.tflite: expected at most \d+ bytes \(1\.05 x 2390 of tables"
    ) as caught:
        check_size(bundle, Gates(size_allowance=1000))
    assert f"found {bundle.size} bytes" in str(caught.value)
    assert caught.value.exit_code == 1


def test_a_newer_runtime_is_refused_and_the_operator_blamed() -> None:
    """Per-channel quantization, TensorFlow's default, is what the two switches in quantize.py avoid."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved_model()), signature_keys=["score"])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    with pytest.raises(errors.RuntimeVersionGateError, match=r"expected a file that TFLite 2.3.0 runs") as caught:
        check_runtime(read_graph(converter.convert()), "made")
    assert "FULLY_CONNECTED version 12" in str(caught.value)
    assert caught.value.exit_code == 1


def test_the_converter_s_own_answer_counts_too() -> None:
    graph = read_graph(_bundle().flatbuffer)
    later = dataclasses.replace(graph, metadata={"min_runtime_version": b"2.9.1\0\0\0"})
    with pytest.raises(errors.RuntimeVersionGateError, match=r"needs 2\.9\.1 \(by its min_runtime_version\)"):
        check_runtime(later, "made")
    assert check_runtime(later, "made", oldest="2.10.0") == "2.9.1"
    assert tuple(graph.signatures) == SIGNATURES


def test_margins_are_told() -> None:
    margins = check_quality(MEASURED, "made", {"metrics": MEASURED})
    assert margins == pytest.approx(
        {
            "recall@20 over popularity": 0.2,
            "ndcg@20 over popularity": 0.1,
            "recall@20 over committed": 0.0,
            "ndcg@20 over committed": 0.0,
        }
    )


def test_below_popularity_is_refused() -> None:
    with pytest.raises(
        errors.QualityGateError, match=r"recall@20: expected at least popularity's 0.1000, found 0.0900"
    ):
        check_quality(_metrics(0.09), "made")
    check_quality(_metrics(0.09), "made", popularity_tolerance=0.02)
    check_quality(_metrics(0.10), "made")


def test_an_interval_that_reaches_popularity_is_not_below_it() -> None:
    check_quality(_metrics({"value": 0.09, "low": 0.07, "high": 0.11}), "made")
    with pytest.raises(errors.QualityGateError, match="popularity"):
        check_quality(_metrics({"value": 0.09, "low": 0.08, "high": 0.095}), "made")


def test_below_the_committed_report_is_refused() -> None:
    committed = {"metrics": {"holdout": {"recall@20": 0.31}}}
    check_quality(_metrics(0.306), "made", committed)
    with pytest.raises(errors.QualityGateError, match=r"at least the committed 0.3100 less 0.005, found 0.3040"):
        check_quality(_metrics(0.304), "made", committed)
    check_quality(_metrics(0.304), "made", committed, tolerance=0.01)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, "good", True, {"value": float("nan")}])
def test_what_is_not_a_number_is_refused(value: Any) -> None:
    with pytest.raises(errors.QualityGateError, match="expected a finite number"):
        check_quality(_metrics(value), "made")


def test_what_was_not_measured_is_told_and_cannot_replace_a_measured_one() -> None:
    assert check_quality({}, "made") == {}
    with pytest.raises(errors.QualityGateError, match="a measured value, found none; evaluate the model first"):
        check_quality({}, "made", {"metrics": MEASURED})
    with pytest.raises(errors.QualityGateError, match="ndcg@20: expected a measured value"):
        check_quality({"holdout": {"recall@20": 0.3}, "popularity": MEASURED["popularity"]}, "made")
    unmeasured = dataclasses.replace(_bundle(), document=_bundle().document | {"metrics": {}})
    assert apply_gates(unmeasured, Gates())["quality"] == "not measured"


def test_a_report_without_metrics_is_no_floor() -> None:
    with pytest.raises(
        errors.QualityGateError, match=re.escape("metrics.holdout with recall@20 or ndcg@20, found none")
    ):
        check_quality(MEASURED, "made", {"rows": 3})
