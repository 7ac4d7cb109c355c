"""golden.json: everything in it can be replayed, also without this package, and nothing wrong passes."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.proving_bundle import Made, shared_bundle
from seefud_converter.bundle import read_bundle
from seefud_converter.errors import InputError
from seefud_converter.golden import (
    GoldenCase,
    GoldenText,
    _shortest,
    make_golden,
    probabilities,
    replay_golden,
    write_golden,
)

CASES = [
    GoldenCase("empty"),
    GoldenCase("two products", (4, 9), exclude=(7,)),
    GoldenCase("over-long, weighted", tuple(range(30)), tuple(0.1 + 0.3 * n for n in range(30))),
    GoldenCase("unknown and repeated", (-1, 5, 5, -1)),
    GoldenCase(
        "search and cold",
        (3,),
        searches=(GoldenText("kata1 kata2", (1, 2), 0.5), GoldenText("???", ())),
        cold=(GoldenText("Sate | kata7", (7,)), GoldenText("nothing known", ())),
    ),
]


@pytest.fixture(scope="module")
def made() -> Made:
    return shared_bundle("dynamic_wi8")


@pytest.fixture(scope="module")
def golden(made: Made) -> dict[str, Any]:
    return make_golden(made.path, CASES)


def test_write_and_replay(made: Made, golden: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "golden.json"
    assert write_golden(made.path, CASES, path) == golden
    assert json.loads(path.read_text(encoding="utf-8")) == golden
    assert [entry.name for entry in tmp_path.iterdir()] == ["golden.json"]
    first = path.read_bytes()
    write_golden(made.path, CASES, path)
    assert path.read_bytes() == first
    for options in ({}, {"xnnpack": False}, {"backend": "tensorflow", "threads": 2}):
        report = replay_golden(made.path, path, **options)  # type: ignore[arg-type]
        assert report.passed, report.to_text()
        assert len(report.checks) == 7 * len(CASES)


def mixed_list(case: dict[str, Any], rule: dict[str, float], lifted: bool) -> list[int]:
    """Every product with its place, sorted."""
    lift, crowding = (rule["lift"], rule["crowding"]) if lifted else (0.0, 0.0)
    best = sorted(range(len(case["cold"])), key=lambda i: -case["cold"][i]["score"])
    new = [(-(case["cold"][i]["score"] + (lift - crowding * r)), 1, r, -1 - i) for r, i in enumerate(best)]
    known = [(-score, 0, i, i) for i, score in enumerate(case["scores"])]
    return [place[3] for place in sorted(known + new)][: len(case["scores"])]


def test_another_language_can_replay_it_from_the_tables_alone(made: Made, golden: dict[str, Any]) -> None:
    """A naive replay without the runtime: exact arithmetic on the stored rows, so only as near as .01."""
    bundle = read_bundle(made.path)
    (table,) = bundle.graph.tables(300, 17)
    assert table.data is not None
    stored = table.data.astype(float) * float(table.scales[0])
    rule = golden["new_products"]
    slope, intercept = golden["calibration"]["slope"], golden["calibration"]["intercept"]
    for case in golden["cases"]:
        profile = [0.0] * 16
        for row, weight in zip(case["history"], case["weights"], strict=True):
            for j in range(16):
                profile[j] += weight * stored[row, j] if row >= 0 else 0.0
        for search in case["searches"]:
            for j in range(16):
                profile[j] += search["weight"] * search["vector"][j]
        assert case["profile"] == pytest.approx(profile, abs=1e-4)
        norm = math.sqrt(sum(x * x for x in profile)) or 1.0
        for row, title, score, chance in zip(
            case["rows"], case["titles"], case["scores"], case["probabilities"], strict=True
        ):
            expected = sum(profile[j] / norm * stored[row, j] for j in range(16)) + stored[row, 16]
            assert score == pytest.approx(expected, abs=0.01)
            assert title == bundle.products[row]
            assert chance == pytest.approx(0.5 / (1 + math.exp(-(slope * score + intercept))), rel=1e-5)
        for cold in case["cold"]:
            prior = rule["cold"] + rule["words"] * math.log(1 + len([token for token in cold["tokens"] if token >= 0]))
            expected = sum(profile[j] / norm * cold["vector"][j] for j in range(16)) + prior
            assert cold["score"] == pytest.approx(expected, abs=1e-5)
        assert case["mixed"] == (mixed_list(case, rule, any(profile)) if case["cold"] else [])
        assert case["scores"] == sorted(case["scores"], reverse=True)
        assert not set(case["rows"]) & {*case["history"], *case["exclude"]}
        assert len(case["rows"]) == golden["k"]


def test_what_a_case_says(golden: dict[str, Any]) -> None:
    case = golden["cases"][3]
    assert case["history_titles"] == [None, "沙茶麵 5", "沙茶麵 5", None]
    assert golden["cases"][0]["rows"] == list(range(20)), "an empty history ranks by popularity"
    assert golden["cases"][0]["tolerance"] == 1e-5
    assert golden["model"]["recipe"] == "dynamic_wi8"
    assert len(golden["model"]["flatbuffer_sha256"]) == 64
    assert golden["cases"][4]["searches"][1]["vector"] == [0.0] * 16


def test_a_case_with_two_right_answers_says_so(made: Made) -> None:
    """Of 300 one-item histories some have a value half way between steps; both kernels must replay them."""
    golden = make_golden(made.path, [GoldenCase(f"item {row}", (row,)) for row in range(300)], k=5)
    wide = [case for case in golden["cases"] if case["tolerance"] > 1e-5]
    assert 0 < len(wide) < 60
    assert all(case["tolerance"] < 0.02 for case in wide)
    for xnnpack in (True, False):
        report = replay_golden(made.path, golden, xnnpack=xnnpack)
        assert report.passed, "\n".join(check.line() for check in report.failures)


@pytest.mark.parametrize(
    ("step", "change"),
    [
        ("vectors", lambda case: case["searches"][0]["vector"].__setitem__(0, 0.7)),
        ("profile", lambda case: case["profile"].__setitem__(3, 0.9)),
        ("scores", lambda case: case["scores"].__setitem__(3, case["scores"][3] + 3e-5)),
        ("scores", lambda case: case["cold"][0].__setitem__("score", 0.5)),
        ("ranking", lambda case: (case["rows"].reverse(), case["scores"].reverse())),
        ("mixed", lambda case: case["mixed"].reverse()),
        ("titles", lambda case: case["titles"].__setitem__(0, "Another")),
        ("probabilities", lambda case: case["probabilities"].__setitem__(0, 0.999)),
        ("vectors", lambda case: case["cold"][0]["vector"].pop()),
    ],
)
def test_each_changed_step_is_noticed(made: Made, golden: dict[str, Any], step: str, change: Any) -> None:
    changed = copy.deepcopy(golden)
    change(changed["cases"][4])
    report = replay_golden(made.path, changed)
    assert f"search and cold.{step}" in [check.name for check in report.failures]
    assert all(check.name.startswith("search and cold.") for check in report.failures)


def test_wrong_golden_files_are_named(made: Made, golden: dict[str, Any], tmp_path: Path) -> None:
    other = copy.deepcopy(golden)
    other["model"]["flatbuffer_sha256"] = "0" * 64
    with pytest.raises(InputError, match=r"golden.json: expected answers of model \w{12}, found those of model 0{12}"):
        replay_golden(made.path, other)
    with pytest.raises(InputError, match=r"golden.json: expected schema 1, found 2; write it again"):
        replay_golden(made.path, golden | {"schema": 2})
    with pytest.raises(InputError, match=r"golden.json: expected every field of schema 1, found trouble with 'cases'"):
        replay_golden(made.path, {key: value for key, value in golden.items() if key != "cases"})
    broken = tmp_path / "golden.json"
    with pytest.raises(InputError, match=r"golden.json: expected a golden.json, found .*No such file"):
        replay_golden(made.path, broken)
    broken.write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="expected a JSON object, found list"):
        replay_golden(made.path, broken)
    with pytest.raises(InputError, match="expected a name of its own for each, found 'a' twice; rename one"):
        make_golden(made.path, [GoldenCase("a"), GoldenCase("a")])


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False)))
def test_float32_survives_the_text(values: list[float]) -> None:
    numbers = np.array(values, np.float32)
    written = json.loads(json.dumps(_shortest(numbers)))
    assert np.array_equal(np.array(written, np.float64).astype(np.float32), numbers)


def test_probabilities_are_platts_and_never_overflow() -> None:
    line = {"slope": 4.0, "intercept": -2.0}
    np.testing.assert_allclose(probabilities([0.5, 0.0], line), [0.5, 1 / (1 + math.exp(2))])
    with np.errstate(all="raise", under="ignore"):
        assert probabilities([1e6, -1e6], line).tolist() == [1.0, 0.0]
