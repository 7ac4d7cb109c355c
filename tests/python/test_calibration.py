"""Platt scaling: recovers a known curve, stays monotone, survives degenerate labels."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit

from seefud.calibration import (
    Calibration,
    calibration_sample,
    expected_calibration_error,
    fit_calibration,
    fit_capped_calibration,
    reliability,
)
from seefud.errors import InputError


def drawn(slope: float, intercept: float, pairs: int = 60_000) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    generator = np.random.default_rng(3)
    scores = generator.normal(0.2, 0.3, size=pairs)
    return scores, generator.random(pairs) < expit(slope * scores + intercept)


def test_recovers_the_curve_that_made_the_labels() -> None:
    scores, labels = drawn(6.0, -4.0)
    found = fit_calibration(scores, labels)
    assert found.slope == pytest.approx(6.0, rel=0.05)
    assert found.intercept == pytest.approx(-4.0, rel=0.05)
    assert expected_calibration_error(found.probability(scores), labels) < 0.005
    assert found.probability(scores).mean() == pytest.approx(labels.mean(), abs=1e-4)


def test_equals_a_general_optimiser() -> None:
    scores, labels = drawn(3.0, -2.0, pairs=800)
    hits = labels.sum()
    target = np.where(labels, (hits + 1) / (hits + 2), 1 / (labels.size - hits + 2))

    def loss(parameters: npt.NDArray[np.float64]) -> float:
        z = parameters[0] * scores + parameters[1]
        return float((np.logaddexp(0, z) - target * z).sum())

    options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000}
    best = minimize(loss, [0.0, 0.0], method="Nelder-Mead", options=options)
    found = fit_calibration(scores, labels)
    assert [found.slope, found.intercept] == pytest.approx(best.x, abs=1e-5)


def test_scale_and_shift_of_the_scores_do_not_matter() -> None:
    scores, labels = drawn(6.0, -4.0, pairs=3000)
    plain = fit_calibration(scores, labels).probability(scores)
    shifted = 1e4 * scores - 7e5
    assert fit_calibration(shifted, labels).probability(shifted) == pytest.approx(plain, abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(
    pairs=st.lists(
        st.tuples(st.floats(-50, 50, width=32), st.booleans()),
        min_size=1,
        max_size=60,
    )
)
def test_always_finite_and_monotone(pairs: list[tuple[float, bool]]) -> None:
    scores, labels = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    found = fit_calibration(scores, labels)
    assert found.slope >= 0
    p = found.probability(np.sort(scores))
    assert np.isfinite(p).all()
    assert (np.diff(p) >= 0).all()
    assert ((p >= 0) & (p <= 1)).all()


def test_scores_that_rank_backwards_give_the_base_rate() -> None:
    scores, labels = drawn(-6.0, -1.0, pairs=2000)
    found = fit_calibration(scores, labels)
    assert found.slope == 0.0
    assert found.probability(0.7) == pytest.approx(labels.mean(), abs=2e-3)


@pytest.mark.parametrize("label", [False, True])
def test_one_kind_of_label_only(label: bool) -> None:
    p = fit_calibration(np.linspace(-1, 1, 98), np.full(98, label)).probability(0.0)
    assert p == pytest.approx(0.99 if label else 0.01, abs=1e-6)


def test_perfectly_separated_labels_stay_finite() -> None:
    scores = np.linspace(-1, 1, 200)
    found = fit_calibration(scores, scores > 0)
    assert 1 < found.slope < 1e4


def test_no_calibration_error_where_rates_match() -> None:
    p = np.repeat([0.25, 0.75], 400)
    labels = np.concatenate([np.arange(400) % 4 == 0, np.arange(400) % 4 != 0])
    assert expected_calibration_error(p, labels) == pytest.approx(0.0, abs=1e-12)
    assert [(row.predicted, row.observed, row.pairs) for row in reliability(p, labels)] == [
        (0.25, 0.25, 400),
        (0.75, 0.75, 400),
    ]


def test_calibration_error_of_a_known_miss() -> None:
    """Predicted .9 and .1, observed .5 both: off by .4 everywhere, in any order of the pairs."""
    p = np.array([0.9, 0.1] * 50)
    labels = np.arange(100) // 2 % 2 == 0
    order = np.random.default_rng(0).permutation(100)
    assert expected_calibration_error(p, labels) == pytest.approx(0.4)
    assert expected_calibration_error(p[order], labels[order]) == pytest.approx(0.4)


def test_bins_have_equal_mass() -> None:
    p = np.random.default_rng(0).random(1500)
    assert [row.pairs for row in reliability(p, p > 0.5)] == [100] * 15
    assert reliability([], []) == ()


def test_round_trip() -> None:
    found = Calibration(slope=5.25, intercept=-6.125)
    assert found.to_json() == {"method": "platt", "slope": 5.25, "intercept": -6.125, "ceiling": 1.0}
    assert Calibration.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.parametrize(
    "entry",
    [
        {"method": "isotonic", "slope": 1.0, "intercept": 0.0},
        {"method": "platt", "slope": -1.0, "intercept": 0.0},
        {"method": "platt", "slope": 1.0},
        {"method": "platt", "slope": float("nan"), "intercept": 0.0},
    ],
)
def test_a_damaged_entry_is_refused(entry: dict[str, object]) -> None:
    with pytest.raises(InputError, match="expected method 'platt' with a finite slope >= 0 and a finite inter"):
        Calibration.from_json(entry)


def test_bad_input_is_named() -> None:
    with pytest.raises(InputError, match="as many scores as labels and at least one, found 2 scores and 1"):
        fit_calibration([1.0, 2.0], [True])
    with pytest.raises(InputError, match=r"expected finite scores, found 1 of 2 that are not"):
        fit_calibration([1.0, np.inf], [True, False])


def test_sample_holds_every_candidate_of_every_user() -> None:
    train = sp.csr_matrix(np.array([[1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0]], dtype=np.float32))
    held = sp.csr_matrix(np.array([[0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]], dtype=np.float32))
    table = np.arange(12, dtype=np.float32).reshape(3, 4)
    scores, labels = calibration_sample(lambda users: table[users], train, held)
    assert scores.tolist() == [1, 2, 3, 4, 6, 7]  # own products left out, user 2 has nothing held
    assert labels.tolist() == [True, False, False, False, False, True]
    scores, labels = calibration_sample(
        lambda users: table[users], train, held, candidates=np.array([False, True, True, False])
    )
    assert scores.tolist() == [1, 2]  # what user 1 was to find is no candidate
    assert labels.tolist() == [True, False]


def test_sample_is_bounded_and_seeded() -> None:
    generator = np.random.default_rng(0)
    train = sp.csr_matrix((30, 50), dtype=np.float32)
    held = sp.csr_matrix((generator.random((30, 50)) < 0.2).astype(np.float32))
    table = generator.random((30, 50)).astype(np.float32)
    one = calibration_sample(lambda users: table[users], train, held, max_pairs=200, seed=1)
    two = calibration_sample(lambda users: table[users], train, held, max_pairs=200, seed=1)
    other = calibration_sample(lambda users: table[users], train, held, max_pairs=200, seed=2)
    assert one[0].size == 200
    assert np.array_equal(one[0], two[0])
    assert not np.array_equal(one[0], other[0])


def test_sample_needs_held_interactions() -> None:
    nothing = sp.csr_matrix((3, 4), dtype=np.float32)
    with pytest.raises(InputError, match="expected users with held-out interactions, found none"):
        calibration_sample(lambda users: np.zeros((len(users), 4), np.float32), nothing, nothing)


def test_a_ceiling_is_found_where_even_the_best_score_is_no_certainty() -> None:
    generator = np.random.default_rng(5)
    scores = generator.normal(size=200_000)
    labels = generator.random(scores.size) < 0.3 * expit(4 * scores - 6)

    platt, capped = fit_calibration(scores, labels), fit_capped_calibration(scores, labels)

    assert capped.ceiling == pytest.approx(0.3, abs=0.04)
    assert capped.slope == pytest.approx(4, rel=0.1)
    assert capped.intercept == pytest.approx(-6, rel=0.1)
    best = scores > 2.5
    seen = labels[best].mean()
    assert abs(capped.probability(scores[best]).mean() - seen) < abs(platt.probability(scores[best]).mean() - seen)
    assert Calibration.from_json(capped.to_json()) == capped


def test_without_a_ceiling_in_the_data_the_fit_is_platts() -> None:
    generator = np.random.default_rng(6)
    scores = generator.normal(size=100_000)
    labels = generator.random(scores.size) < expit(2 * scores)

    capped = fit_capped_calibration(scores, labels)

    assert capped.ceiling > 0.97
    assert capped.slope == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("ceiling", [0.0, 1.5, "high"])
def test_a_ceiling_outside_its_range_is_refused(ceiling: object) -> None:
    with pytest.raises(InputError, match="expected a ceiling above 0 and up to 1"):
        Calibration.from_json({"method": "platt", "slope": 1.0, "intercept": 0.0, "ceiling": ceiling})
