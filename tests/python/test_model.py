"""A model's scores against loops over the formula."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from seefud.metrics import top_rows
from seefud.model import Kind, Model, PopularityPrior, popularity_z, unit_rows

Table = npt.NDArray[np.float32]


def made(products: int = 9, dimension: int = 4, tokens: int = 6, seed: int = 0) -> Model:
    rng = np.random.default_rng(seed)
    rows = unit_rows(rng.normal(size=(products, dimension)).astype(np.float32))
    prior = rng.normal(size=products).astype(np.float32) * np.float32(0.1)
    words = rng.normal(size=(tokens, dimension)).astype(np.float32)
    return Model(Kind.HYBRID, rows, prior, words, PopularityPrior(0.1, -0.2))


def naive_scores(model: Model, history: dict[int, float]) -> list[float]:
    total = [0.0] * model.dimension
    for product, weight in history.items():
        for axis in range(model.dimension):
            total[axis] += weight * float(model.rows[product, axis])
    length = math.sqrt(sum(value * value for value in total))
    scores = []
    for row, prior in zip(model.rows, model.prior, strict=True):
        cosine = sum(a * float(b) for a, b in zip(total, row, strict=True)) / length if length > 1e-6 else 0.0
        scores.append(cosine + float(prior))
    return scores


def test_scores_are_the_formula() -> None:
    model = made()
    dense = np.zeros((4, 9), np.float32)
    dense[0, [1, 4]] = [1.0, 1.0]
    dense[1, [0, 2, 8]] = [0.5, 2.0, 0.25]
    dense[3, 5] = 7.0
    found = model.scores(sp.csr_matrix(dense))
    assert found.dtype == np.float32
    for user in range(4):
        history = {int(product): float(dense[user, product]) for product in np.flatnonzero(dense[user])}
        np.testing.assert_allclose(found[user], naive_scores(model, history), atol=1e-6)


def test_an_empty_history_is_ranked_by_the_prior_alone() -> None:
    model = made()
    empty = sp.csr_matrix((1, 9), dtype=np.float32)
    assert not model.profiles(empty).any()
    assert np.array_equal(model.scores(empty)[0], model.prior)


def test_a_history_of_opposite_products_is_as_good_as_none() -> None:
    model = made()
    rows = model.rows.copy()
    rows[1] = -rows[0]
    opposite = Model(model.kind, rows, model.prior, model.token_rows, model.popularity)
    history = sp.csr_matrix(([1.0, 1.0], ([0, 0], [0, 1])), shape=(1, 9), dtype=np.float32)
    np.testing.assert_allclose(opposite.scores(history)[0], model.prior, atol=1e-6)


def test_the_length_of_a_history_does_not_matter() -> None:
    model = made()
    history = sp.csr_matrix(([1.0, 2.0], ([0, 0], [3, 6])), shape=(1, 9), dtype=np.float32)
    np.testing.assert_allclose(model.scores(history), model.scores(history * 40), atol=1e-6)
    assert np.linalg.norm(model.profiles(history)) == pytest.approx(1.0, abs=1e-6)


def test_equal_products_have_equal_scores_and_the_lower_row_comes_first() -> None:
    model = made()
    # Along an axis, so that sums are exact in whatever order they are made.
    rows, prior = np.eye(4, dtype=np.float32)[np.arange(9) % 4], np.zeros(9, np.float32)
    rows[[2, 5, 7]], prior[[2, 5, 7]] = rows[1], 1.0
    tied = Model(model.kind, rows, prior, model.token_rows, model.popularity)
    history = sp.csr_matrix(([1.0], ([0], [1])), shape=(1, 9), dtype=np.float32)
    scores = tied.scores(history)
    assert len(set(scores[0, [2, 5, 7]].tolist())) == 1
    assert top_rows(scores, 3).tolist() == [[2, 5, 7]]


def test_text_rows_are_unit_sums_of_token_rows() -> None:
    model = made()
    bags = np.zeros((3, 6), np.float32)
    bags[0, [1, 4]] = 1
    bags[2, 3] = 1
    found = model.text_rows(sp.csr_matrix(bags))
    total = model.token_rows[1] + model.token_rows[4]
    np.testing.assert_allclose(found[0], total / np.linalg.norm(total), atol=1e-6)
    assert not found[1].any()
    np.testing.assert_allclose(np.linalg.norm(found[[0, 2]], axis=1), 1.0, atol=1e-6)


def test_without_a_token_table_text_says_nothing() -> None:
    model = made(tokens=0)
    assert model.text_rows(sp.csr_matrix((2, 0), dtype=np.float32)).tolist() == [[0.0] * 4] * 2


@given(arrays.arrays(np.float32, (5, 3), elements=st.floats(-1e3, 1e3, width=32)))
def test_unit_rows_have_length_one_or_zero(matrix: Table) -> None:
    found = unit_rows(matrix)
    lengths = np.linalg.norm(found.astype(np.float64), axis=1)
    assert (np.isclose(lengths, 1.0, atol=1e-5) | (lengths == 0.0)).all()
    assert (lengths[np.linalg.norm(matrix, axis=1) > 1e-3] > 0).all()


def test_popularity_z_is_standardised_over_products_with_interactions() -> None:
    counts = np.array([50, 20, 20, 3, 1, 0, 0])
    found = popularity_z(counts)
    known = [math.log(1 + count) for count in (50, 20, 20, 3, 1)]
    mean = sum(known) / 5
    spread = math.sqrt(sum((value - mean) ** 2 for value in known) / 5)
    expected = [(value - mean) / spread for value in known]
    np.testing.assert_allclose(found[:5], expected, atol=1e-6)
    least = -mean / spread
    assert least < -2, "a product that nobody touched lies in the compressed part"
    np.testing.assert_allclose(found[5:], -2 - math.log1p(-least - 2), atol=1e-6)
    assert found.dtype == np.float32


def test_popularity_z_beyond_two_grows_by_the_logarithm_and_stays_in_order() -> None:
    counts = np.array([1_000_000, 100_000, 10_000, *[10] * 400])
    logs = np.log1p(counts)
    plain = (logs - logs.mean()) / logs.std()
    assert plain[2] > 2
    found = popularity_z(counts)
    assert found[:3] == pytest.approx(2 + np.log1p(plain[:3] - 2), rel=1e-5)
    assert found[0] > found[1] > found[2] > found[3]
    assert found[3] == pytest.approx(plain[3], rel=1e-5)


@pytest.mark.parametrize("counts", [[], [0, 0, 0], [4, 4, 4]])
def test_popularity_z_without_differences_is_zero(counts: list[int]) -> None:
    assert popularity_z(np.array(counts, np.int64)).tolist() == [0.0] * len(counts)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=30))
def test_popularity_z_is_finite_and_keeps_the_order(counts: list[int]) -> None:
    found = popularity_z(np.array(counts))
    assert np.isfinite(found).all()
    order = np.argsort(counts, kind="stable")
    assert (np.diff(found[order]) >= 0).all()


def test_kinds_by_name() -> None:
    assert [kind.value for kind in Kind] == ["collaborative", "content", "hybrid"]
    assert Kind("hybrid") is Kind.HYBRID
