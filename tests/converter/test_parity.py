"""A good file passes every check; each way of spoiling one fails the check that is meant for it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from converter.made_model import made_tables
from converter.proving_bundle import Made, make_bundle, shared_bundle, spoil_table
from seefud_converter.bundle import read_bundle
from seefud_converter.emulation import ExactModel
from seefud_converter.errors import InputError, NonFiniteError, ParityGateError
from seefud_converter.histories import Case, hard_cases, real_cases
from seefud_converter.parity import Limits, verify
from seefud_converter.parity_report import Check, ParityReport
from seefud_converter.ranking import top_k

TABLES, TOKENS = made_tables(300, 16, 120, 0)
DRAW = np.random.default_rng(1)
HISTORIES = [DRAW.choice(300, int(n), replace=False).tolist() for n in DRAW.integers(1, 20, 40)]
# The made model's gain of 1 is the largest value of every query and makes the kernel's steps twice as wide as
# a trained model's, whose gain is smaller.
LIMITS = Limits(exact=0.01)


def likely() -> list[set[int]]:
    """What these users choose next, if the float model knows them well."""
    model = ExactModel(TABLES, TOKENS, 1.0)
    return [set(top_k(model.score(model.profile(h)), 8, h).rows.tolist()) for h in HISTORIES]


@pytest.fixture(scope="module")
def made() -> Made:
    return shared_bundle("dynamic_wi8")


@pytest.fixture(scope="module")
def float32() -> bytes:
    return bytes(read_bundle(shared_bundle("float32").path).flatbuffer)


@pytest.fixture(scope="module")
def report(made: Made, float32: bytes) -> ParityReport:
    return verify(
        made.path,
        made.saved_model,
        histories=HISTORIES,
        holdout=likely(),
        texts=[[3, 5], [7]],
        float32=float32,
        limits=LIMITS,
    )


def brief(made: Made, path: Path, float32: bytes, **options: object) -> ParityReport:
    chosen = {"backends": ("litert",), "threads": (1,), "float32": float32, "limits": LIMITS} | options
    return verify(path, made.saved_model, histories=HISTORIES, holdout=likely(), **chosen)  # type: ignore[arg-type]


def test_a_good_file_passes_every_check(report: ParityReport) -> None:
    assert report.passed, report.to_text()
    report.raise_if_failed()
    names = [check.name for check in report.checks]
    assert len(names) == len(set(names))
    kinds = (
        "real",
        "empty",
        "one item",
        "full length",
        "over-long",
        "unknown ids",
        "repeated items",
        "cold text",
    )
    runs = [f"{b}-{t}-{x}" for b in ("litert", "tensorflow") for t in (1, 2) for x in ("xnnpack", "plain")]
    wanted = [
        "tables.products",
        "tables.tokens",
        "savedmodel.vectors",
        "savedmodel.scores",
        "savedmodel.ranking",
    ]
    wanted += [f"kernel.scores[{kind}]" for kind in kinds]
    wanted += ["kernel.ranking", "kernel.recommend", "exact.scores", "exact.overlap@20", "ties@20"]
    wanted += ["float.overlap@20", "float.ndcg@20-loss", "finite"]
    wanted += [f"everywhere.{what}[{run}]" for run in runs for what in ("scores", "ranking")]
    assert set(wanted) <= set(names)
    assert not [check.name for check in report.checks if check.verdict == "skipped"]
    assert report.check("kernel.scores[real]").limit == 1e-5
    assert report.check("ties@20").verdict == "reported"


def test_the_limits_that_ship_are_those_of_the_issue() -> None:
    limits = Limits()
    assert (limits.scores, limits.exact, limits.exact_overlap) == (1e-5, 0.005, 0.99)
    assert (limits.float_overlap, limits.ndcg_loss) == (0.95, 0.002)


def test_one_changed_weight_fails(made: Made, float32: bytes, tmp_path: Path) -> None:
    def change(table: np.ndarray) -> np.ndarray:
        table[123, 4] += 2 if table[123, 4] < 0 else -2
        return table

    path = spoil_table(made.path, tmp_path / "one.tflite", change)
    found = brief(made, path, float32)
    assert [check.name for check in found.failures] == ["tables.products"]
    with pytest.raises(ParityGateError) as error:
        found.raise_if_failed()
    text = str(error.value)
    assert text.startswith("one.tflite: parity: expected every execution of the model to agree, found 1 of ")
    assert "tables.products is " in text
    assert "must be <= 0.501 (steps from the SavedModel's weight, most in row 123)" in text
    assert text.endswith("convert the SavedModel again; do not ship this file")
    assert error.value.exit_code == 1


def test_rows_in_another_order_fail(made: Made, float32: bytes, tmp_path: Path) -> None:
    path = spoil_table(made.path, tmp_path / "turned.tflite", lambda table: table[::-1])
    failed = {check.name for check in brief(made, path, float32).failures}
    assert failed == {"tables.products", "float.overlap@20", "float.ndcg@20-loss", "probes.score"}


def test_a_foreign_float32_file_fails(made: Made, float32: bytes) -> None:
    (place,) = [at for at in range(len(float32)) if float32.startswith(TABLES.tobytes(), at)][:1]
    spoilt = bytearray(float32)
    spoilt[place : place + TABLES.nbytes] = TABLES[::-1].tobytes()
    failed = {check.name for check in brief(made, made.path, bytes(spoilt)).failures}
    assert failed == {"savedmodel.vectors", "savedmodel.scores", "savedmodel.ranking"}


def test_a_non_finite_score_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tensorflow as tf

    # sqrt of a negative score is not a number; times zero it changes no positive one.
    def through(scores: tf.Tensor) -> tf.Tensor:
        return scores + 0 * tf.sqrt(scores)

    # The converter sees it when it asks its probes; a file without them, such as an older one, gets further.
    with pytest.raises(NonFiniteError, match=r"signature score, output scores .*: expected finite numbers"):
        make_bundle(tmp_path / "probed", score_through=through)
    monkeypatch.setattr("seefud_converter.convert.make_probes", lambda runtime: [])
    made = make_bundle(tmp_path / "unprobed", score_through=through)
    report = verify(made.path, backends=("litert",), threads=(1,), limits=LIMITS)
    check = report.check("finite")
    assert check.verdict == "fail"
    assert check.measured is not None
    assert check.measured >= len(hard_cases(300, 8, 120, 16))
    assert "signature score, output scores (litert, 1 thread, XNNPACK on)" in check.detail
    with pytest.raises(ParityGateError, match=r"finite is \d+, must be <= 0"):
        report.raise_if_failed()
    assert json.loads(report.to_json())["passed"] is False


def test_without_a_saved_model_its_checks_are_skipped_aloud(made: Made) -> None:
    report = verify(made.path, backends=("litert",), threads=(1,), limits=LIMITS)
    skipped = {check.name: check.detail for check in report.checks if check.verdict == "skipped"}
    assert set(skipped.values()) == {"no SavedModel given"}
    assert "float.overlap@20" in skipped
    assert report.passed
    assert "7 skipped" in report.to_text()


@pytest.mark.parametrize("recipe", ["float32", "float16"])
def test_the_other_recipes_pass_too(recipe: str, float32: bytes) -> None:
    made = shared_bundle(recipe)
    options = {"backends": ("litert",), "threads": (1,), "float32": float32}
    report = verify(made.path, made.saved_model, histories=HISTORIES, **options)  # type: ignore[arg-type]
    assert report.passed, report.to_text()
    assert report.recipe == recipe


def test_a_model_without_text_passes(tmp_path: Path) -> None:
    made = make_bundle(tmp_path, tokens=0)
    report = verify(made.path, made.saved_model, backends=("litert",), threads=(1,), limits=LIMITS)
    assert report.passed, report.to_text()


def test_wrong_inputs_are_named(made: Made, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="history: expected rows from -1 to 299, found 300"):
        verify(made.path, histories=[[300]])
    with pytest.raises(InputError, match="holdout: expected 2, one for each history, found 1"):
        verify(made.path, histories=[[1], [2]], holdout=[{3}])
    with pytest.raises(InputError, match=r"SavedModel .*: expected a directory that tf.saved_model.save wrote"):
        verify(made.path, tmp_path)


def test_the_saved_model_of_another_file_is_named(made: Made, tmp_path: Path) -> None:
    other = make_bundle(tmp_path, products=200)
    with pytest.raises(
        InputError,
        match=r"SavedModel: expected the one behind .*, products \[300, 17\] and tokens \[120, 16\], "
        r"found products \[200, 17\] and tokens \[120, 16\]; give the SavedModel that it was converted from",
    ):
        verify(made.path, other.saved_model, backends=("litert",), threads=(1,))


def made_report() -> ParityReport:
    checks = (
        Check.at_most("kernel.scores[real]", 3e-6, 1e-5, "40 histories"),
        Check.at_least("float.overlap@20", 0.5, 0.95, "<few> & bad"),
        Check.at_most("exact.scores", float("nan"), 0.005),
        Check.reported("ties@20", 0.25),
        Check.skipped("float.ndcg@20-loss", "no holdout given"),
    )
    return ParityReport("seefud.tflite", "0123456789ab", "dynamic_wi8", checks)


def test_report_as_text() -> None:
    lines = made_report().to_text().splitlines()
    assert lines[0] == "parity of seefud.tflite (dynamic_wi8, model 0123456789ab)"
    assert [line[:4] for line in lines[1:-1]] == ["ok  ", "FAIL", "FAIL", "info", "skip"]
    assert lines[-1] == "FAILED: 5 checks, 2 failed, 1 skipped"


def test_report_as_json() -> None:
    content = json.loads(made_report().to_json())
    assert content["passed"] is False
    assert content["model_id"] == "0123456789ab"
    assert [check["verdict"] for check in content["checks"]] == [
        "pass",
        "fail",
        "fail",
        "reported",
        "skipped",
    ]
    assert content["checks"][1]["measured"] == 0.5
    assert content["checks"][2]["measured"] is None, "NaN is no JSON"


def test_report_as_junit_xml() -> None:
    text = made_report().to_junit_xml()
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>')
    suite = ET.fromstring(text).find("testsuite")
    assert suite is not None
    assert {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5",
        "failures": "2",
        "errors": "0",
        "skipped": "1",
    }
    cases = suite.findall("testcase")
    assert cases[1].get("classname") == "parity.float"
    assert cases[1].get("name") == "overlap@20"
    failure = cases[1].find("failure")
    assert failure is not None
    assert failure.text == "<few> & bad"
    assert len(suite.findall("testcase/skipped")) == 1


def test_nan_passes_no_limit() -> None:
    assert Check.at_most("a", float("nan"), 1).verdict == "fail"
    assert Check.at_least("a", float("nan"), 1).verdict == "fail"


def test_hard_histories_are_of_every_kind_and_the_same_each_time() -> None:
    cases = hard_cases(300, 8, 120, 16, texts=[list(range(30))], seed=3)
    assert cases == hard_cases(300, 8, 120, 16, texts=[list(range(30))], seed=3)
    lengths = {case.kind: max(len(c.history) for c in cases if c.kind == case.kind) for case in cases}
    assert lengths["empty"] == 0
    assert lengths["one item"] == 1
    assert lengths["full length"] == 8
    assert lengths["over-long"] == 25
    assert {row for c in cases if c.kind == "unknown ids" for row in c.history} > {-1}
    assert all(len(text) <= 16 for case in cases for text in case.texts)
    assert all(len(case.history) == len(case.weights) for case in cases)


def test_of_many_real_histories_some_are_taken_at_even_distances() -> None:
    cases = real_cases([[n] for n in range(100)], holdout=[{n} for n in range(100)], most=5)
    assert [case.history[0] for case in cases] == [0, 24, 49, 74, 99]
    assert cases[1] == Case("real", (24,), (1.0,), relevant=frozenset({24}))
