"""The token table against a direct solution of the normal equations."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp

from seefud.cold_start import (
    LEAST_RELEVANCE,
    POPULARITY_PULL,
    WHITENING,
    cold_targets,
    fit_token_rows,
    fit_token_table,
    mean_tokens,
)
from seefud.model import unit_rows

Array = npt.NDArray[Any]
PRODUCTS, TOKENS, DIMENSION = 30, 12, 5


def bags(seed: int = 0, products: int = PRODUCTS) -> sp.csr_matrix:
    dense = np.random.default_rng(seed).random((products, TOKENS)) < 0.3
    dense[2] = False  # a product without a known token
    return sp.csr_matrix(dense.astype(np.float32))


def targets(seed: int = 1, products: int = PRODUCTS) -> npt.NDArray[np.float32]:
    return unit_rows(np.random.default_rng(seed).normal(size=(products, DIMENSION)).astype(np.float32))


def solved(tokens: sp.csr_matrix, rows: Array, ridge: float, scales: Array) -> Array:
    """(X'X + ridge diag(s)^-2) B = X'E with X the bags divided by the root of their sizes, product by product."""
    normal, right = ridge * np.diag(1 / np.square(scales)), np.zeros((TOKENS, rows.shape[1]))
    for bag, row in zip(tokens.toarray(), rows, strict=True):
        scaled = bag / np.sqrt(max(bag.sum(), 1.0))
        normal += np.outer(scaled, scaled)
        right += np.outer(scaled, row)
    return np.asarray(np.linalg.solve(normal, right))


@pytest.mark.parametrize("ridge", [0.1, 1.0, 30.0])
def test_conjugate_gradients_find_the_solution(ridge: float) -> None:
    found = fit_token_rows(bags(), targets(), ridge=ridge, tolerance=1e-12)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, solved(bags(), targets(), ridge, np.ones(TOKENS)), atol=1e-4)


def test_the_default_tolerance_is_good_enough_for_ranking() -> None:
    exact = solved(bags(), targets(), 3.0, np.ones(TOKENS))
    np.testing.assert_allclose(fit_token_rows(bags(), targets(), ridge=3.0), exact, atol=2e-3)


def test_a_scale_says_how_long_a_token_may_easily_be() -> None:
    scales = np.random.default_rng(2).uniform(0.2, 3, TOKENS).astype(np.float32)
    found = fit_token_rows(bags(), targets(), ridge=1.0, token_scales=scales, tolerance=1e-12)
    np.testing.assert_allclose(found, solved(bags(), targets(), 1.0, scales), atol=1e-4)


def test_the_second_fit_follows_from_the_first() -> None:
    """The formula of the docstring, token by token."""
    ridge, tokens, rows = 2.0, bags(), targets()
    first = solved(tokens, rows, ridge, np.ones(TOKENS))
    scaled = tokens.toarray() / np.sqrt(np.maximum(tokens.toarray().sum(axis=1, keepdims=True), 1))
    noise = np.square(rows - scaled @ first).mean()
    scales = []
    for token in range(TOKENS):
        evidence = sum(scaled[product, token] ** 2 for product in range(PRODUCTS))
        variance = np.square(first[token]).mean() + noise / (evidence + ridge)
        scales.append(np.sqrt(max(variance * ridge / noise, LEAST_RELEVANCE)))
    expected = solved(tokens, rows, ridge, np.array(scales))
    np.testing.assert_allclose(fit_token_table(tokens, rows, ridge=ridge), expected, atol=5e-3)


def test_a_token_that_says_nothing_is_silenced_more_than_one_that_tells_the_row() -> None:
    rng = np.random.default_rng(0)
    kinds = rng.integers(4, size=200)
    dense = np.zeros((200, 8), np.float32)
    dense[np.arange(200), kinds] = 1.0
    dense[np.arange(200), 4 + rng.integers(4, size=200)] = 1.0  # words that have nothing to do with the row
    rows = unit_rows((np.eye(4, 6)[kinds] + 0.4 * rng.normal(size=(200, 6))).astype(np.float32))
    tokens = sp.csr_matrix(dense)
    once, twice = (fit(tokens, rows, ridge=5.0) for fit in (fit_token_rows, fit_token_table))

    def share(table: Array) -> float:
        return float(np.linalg.norm(table[4:]) / np.linalg.norm(table[:4]))

    assert share(twice) < 0.7 * share(once)


def test_rows_that_tokens_explain_to_the_end_are_fitted_once() -> None:
    tokens, rows = sp.csr_matrix((3, 2), dtype=np.float32), np.zeros((3, DIMENSION), np.float32)
    assert not fit_token_table(tokens, rows, ridge=1.0).any()


def test_a_token_of_its_own_tells_the_direction() -> None:
    # One token per product: text predicts the row's direction exactly, shrunk by the penalty.
    found = fit_token_rows(sp.identity(4, np.float32, "csr"), targets(products=4), ridge=1.0)
    np.testing.assert_allclose(found, targets(products=4) / 2, atol=1e-3)


def test_unused_tokens_get_zero_rows() -> None:
    tokens = sp.csr_matrix(np.eye(3, 5, dtype=np.float32))
    found = fit_token_rows(tokens, targets(products=3), ridge=1.0)
    assert not found[3:].any()


@pytest.mark.parametrize("shape", [(5, 0), (0, 4)])
def test_nothing_to_fit_is_a_table_of_zeros(shape: tuple[int, int]) -> None:
    found = fit_token_rows(sp.csr_matrix(shape, dtype=np.float32), targets(products=shape[0]), ridge=1.0)
    assert found.shape == (shape[1], DIMENSION)
    assert not found.any()


def test_mean_tokens_divide_by_the_root_of_the_size() -> None:
    found = mean_tokens(bags()).toarray()
    for bag, row in zip(bags().toarray(), found, strict=True):
        np.testing.assert_allclose(row, bag / np.sqrt(max(bag.sum(), 1.0)), atol=1e-6)
    assert not found[2].any()
    assert found.dtype == np.float32


def users(seed: int = 3, count: int = 40, products: int = PRODUCTS) -> sp.csr_matrix:
    dense = np.random.default_rng(seed).random((count, products)) < 0.3
    dense[:, 5] = False  # a product without interactions
    dense[:, 0] = dense[:, 1] = True
    return sp.csr_matrix(dense.astype(np.float32))


def naive_targets(rows: Array, interactions: Array, z: Array) -> Array:
    """The row, its pull to everybody's profile, and the whitened mean of what its users like beside it, one by one."""

    def unit(vector: Array) -> Array:
        return np.asarray(vector / np.linalg.norm(vector))

    profiles = np.array([unit(history @ rows) for history in interactions])
    everybody = profiles.mean(axis=0) / np.linalg.norm(profiles.mean(axis=0))
    gram = sum(np.outer(profile, profile) for profile in profiles)
    gram = gram / np.trace(gram) * rows.shape[1] + WHITENING * np.eye(rows.shape[1])
    found = []
    for product, row in enumerate(rows):
        others = interactions.copy()
        others[:, product] = 0
        audience = np.array([unit(rest @ rows) for rest in others[interactions[:, product] > 0]])
        total = row + POPULARITY_PULL * z[product] * everybody
        if len(audience):
            appeal = np.linalg.inv(gram) @ audience.mean(axis=0)
            total = total + appeal / np.linalg.norm(appeal)
        found.append(total)
    return np.array(found)


def test_cold_targets_are_row_popularity_and_audience() -> None:
    rows, interactions = targets(), users()
    z = np.random.default_rng(4).normal(size=PRODUCTS).astype(np.float32)
    found = cold_targets(rows, interactions, z)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, naive_targets(rows, interactions.toarray(), z), atol=1e-4)


def test_a_history_of_one_product_says_nothing_of_its_audience() -> None:
    rows = targets()
    users_ = sp.csr_matrix((np.ones(4, np.float32), ([0, 1, 1, 2], [3, 3, 4, 7])), shape=(3, PRODUCTS))
    found = cold_targets(rows, users_, np.zeros(PRODUCTS, np.float32))
    np.testing.assert_allclose(found[7], rows[7], atol=1e-6)
    assert np.abs(found[3] - rows[3]).max() > 0.1


def test_a_popular_product_is_moved_to_everybodys_profile() -> None:
    rows, interactions = targets(), users()
    everybody = unit_rows(unit_rows(interactions @ rows).mean(axis=0, keepdims=True))[0]
    low, high = (cold_targets(rows, interactions, np.full(PRODUCTS, z, np.float32)) for z in (-1, 2))
    np.testing.assert_allclose((high - low) @ everybody, 3 * POPULARITY_PULL, atol=1e-5)


def test_without_a_history_targets_are_the_rows() -> None:
    nobody = sp.csr_matrix((3, PRODUCTS), dtype=np.float32)
    assert np.array_equal(cold_targets(targets(), nobody, np.ones(PRODUCTS, np.float32)), targets())
