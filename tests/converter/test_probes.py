"""Probes: the answers in the file are the model's, by a computation of its own, and nothing wrong passes."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from converter.proving_bundle import shared_bundle, spoil_table
from seefud_converter.bundle import Bundle, read_bundle, write_bundle
from seefud_converter.emulation import KernelModel
from seefud_converter.errors import DocumentError
from seefud_converter.parity import verify
from seefud_converter.probe_form import MOST_ITEMS, MOST_PROBES, check_probes
from seefud_converter.probes import TOLERANCE, make_probes, worst_probe
from seefud_converter.recipes import RECIPES
from seefud_converter.runtime import Runtime
from seefud_converter.stored_tables import StoredTables


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(shared_bundle("dynamic_wi8").path)


@pytest.mark.parametrize("recipe", sorted(RECIPES))
def test_a_converted_file_carries_answers_that_it_gives(recipe: str) -> None:
    bundle = read_bundle(shared_bundle(recipe).path)
    probes = bundle.document["probes"]
    assert [(probe["history"], len(probe["tokens"])) for probe in probes] == [
        ([], 0),
        ([0], 0),
        ([299], 0),
        ([0, 100, 200], 0),
        ([], 2),
        ([0], 2),
    ]
    assert all(len(probe["items"]) == len(probe["scores"]) == 5 for probe in probes)
    worst = worst_probe(Runtime.open(bundle))
    assert worst is not None
    assert worst <= 6e-7  # half a unit of the last decimal, and float32
    assert probes == make_probes(Runtime.open(bundle))


def test_the_answers_are_those_of_plain_arithmetic(bundle: Bundle) -> None:
    tables = StoredTables.read(bundle.flatbuffer)
    table = tables.products.values.astype(np.float64) * tables.products.scale
    rows, prior = table[:, :-1], table[:, -1] * bundle.document["prior"]["gain"]
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    probe = bundle.document["probes"][3]
    profile = np.asarray(probe["weights"]) @ unit[probe["history"]]
    scores = rows @ (profile / np.linalg.norm(profile)) + prior
    scores[probe["history"]] = -np.inf
    # int8 arithmetic differs from this by less than .005 (docs/file-format.md).
    np.testing.assert_allclose(np.sort(scores)[::-1][:5], probe["scores"], atol=0.005)


def test_a_question_with_two_right_answers_is_replaced(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a value of the query lies half way between two steps, kernels differ (see `emulation`)."""
    runtime = Runtime.open(bundle)
    real = KernelModel.spread
    ambiguous = runtime.profile([0], [1.0])
    monkeypatch.setattr(KernelModel, "spread", lambda self, h: 0.006 if np.array_equal(h, ambiguous) else real(self, h))
    assert [probe["history"] for probe in make_probes(runtime)][:3] == [[], [1], [299]]
    monkeypatch.setattr(KernelModel, "spread", lambda self, h: 0.006)
    assert make_probes(runtime) == []


def test_another_model_gives_other_answers(bundle: Bundle, tmp_path: Any) -> None:
    """The digests fit: only the answers can tell."""
    changed = spoil_table(bundle.path, tmp_path / "changed.tflite", lambda table: np.roll(table, 1, axis=0))
    worst = worst_probe(Runtime.open(read_bundle(changed)))
    assert worst is not None
    assert worst > 100 * TOLERANCE
    report = verify(changed, backends=("litert",), threads=(1,))
    (check,) = [check for check in report.checks if check.name == "probes.score"]
    assert check.verdict == "fail"


def test_a_file_without_probes_is_read(bundle: Bundle) -> None:
    document = {key: value for key, value in bundle.document.items() if key != "probes"}
    texts = {name: content for name, content in bundle.files.items() if name != "bundle.json"}
    content = write_bundle(bytes(bundle.flatbuffer), texts, document, document["recipe"])
    assert b"probes" not in content
    check_probes(document, "x")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.update(probes={}), "x: probes: expected a list of at most 16, found dict"),
        (lambda d: d.update(probes=d["probes"] * 3), "x: probes: expected a list of at most 16, found 18"),
        (lambda d: d["probes"].insert(1, None), r"x: probes\[1\]: expected history, weights, tokens, items and scores"),
        (lambda d: d["probes"][1].pop("weights"), r"x: probes\[1\]"),
        (lambda d: d["probes"][1].update(weights=[]), r"x: probes\[1\]"),
        (lambda d: d["probes"][1].update(weights=[1e39]), r"x: probes\[1\]"),
        (lambda d: d["probes"][1].update(weights=[True]), r"x: probes\[1\]"),
        (lambda d: d["probes"][2].update(history=[300]), r"x: probes\[2\]"),
        (lambda d: d["probes"][2].update(history=[-1]), r"x: probes\[2\]"),
        (lambda d: d["probes"][2].update(history=[1.0]), r"x: probes\[2\]"),
        (lambda d: d["probes"][4].update(tokens=[120]), r"x: probes\[4\]"),
        (lambda d: d["probes"][0].update(items=[], scores=[]), r"x: probes\[0\]"),
        (lambda d: d["probes"][0].update(items=[1] * 5), r"x: probes\[0\]"),
        (lambda d: d["probes"][1].update(items=[0, 1, 2, 3, 4]), r"x: probes\[1\]"),
        (lambda d: d["probes"][0].update(scores=[0.5] * 4), r"x: probes\[0\]"),
        (lambda d: d["probes"][0].update(scores=[10**400] * 5), r"x: probes\[0\]"),
        (lambda d: d["probes"][0].update(items=list(range(21)), scores=[0.0] * 21), r"x: probes\[0\]"),
    ],
)
def test_probes_that_cannot_be_asked_are_refused(bundle: Bundle, change: Any, says: str) -> None:
    document = copy.deepcopy(dict(bundle.document))
    change(document)
    with pytest.raises(DocumentError, match=says):
        check_probes(document, "x")


def test_the_limits() -> None:
    assert (MOST_PROBES, MOST_ITEMS, TOLERANCE) == (16, 20, 1e-4)
