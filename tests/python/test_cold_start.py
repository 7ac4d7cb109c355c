"""The token table against a direct solution of the normal equations."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp

from seefud.cold_start import POPULARITY_PULL, WHITENING, cold_targets, fit_token_rows, mean_tokens
from seefud.model import unit_rows

Array = npt.NDArray[Any]
PRODUCTS, TOKENS, DIMENSION = 30, 12, 5


def bags(seed: int = 0, products: int = PRODUCTS) -> sp.csr_matrix:
    dense = np.random.default_rng(seed).random((products, TOKENS)) < 0.3
    dense[2] = False  # a product without a known token
    return sp.csr_matrix(dense.astype(np.float32))


def targets(seed: int = 1, products: int = PRODUCTS) -> npt.NDArray[np.float32]:
    return unit_rows(np.random.default_rng(seed).normal(size=(products, DIMENSION)).astype(np.float32))


def solved(tokens: sp.csr_matrix, rows: Array, ridge: float, weights: Array) -> Array:
    """(X'WX + ridge I) B = X'WE with X the bags divided by the root of their sizes, product by product."""
    normal, right = ridge * np.eye(TOKENS), np.zeros((TOKENS, rows.shape[1]))
    for bag, row, weight in zip(tokens.toarray(), rows, weights, strict=True):
        scaled = bag / np.sqrt(max(bag.sum(), 1.0))
        normal += weight * np.outer(scaled, scaled)
        right += weight * np.outer(scaled, row)
    return np.asarray(np.linalg.solve(normal, right))


@pytest.mark.parametrize("ridge", [0.1, 1.0, 30.0])
def test_conjugate_gradients_find_the_solution(ridge: float) -> None:
    found = fit_token_rows(bags(), targets(), ridge=ridge, tolerance=1e-12)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, solved(bags(), targets(), ridge, np.ones(PRODUCTS)), atol=1e-4)


def test_the_default_tolerance_is_good_enough_for_ranking() -> None:
    exact = solved(bags(), targets(), 3.0, np.ones(PRODUCTS))
    np.testing.assert_allclose(fit_token_rows(bags(), targets(), ridge=3.0), exact, atol=2e-3)


def test_row_weights_weigh_products() -> None:
    weights = np.random.default_rng(2).uniform(0, 3, PRODUCTS).astype(np.float32)
    found = fit_token_rows(bags(), targets(), ridge=1.0, row_weights=weights, tolerance=1e-12)
    np.testing.assert_allclose(found, solved(bags(), targets(), 1.0, weights), atol=1e-4)


def test_a_row_weight_of_two_is_the_product_twice() -> None:
    weights = np.where(np.arange(PRODUCTS) == 4, 2.0, 1.0).astype(np.float32)
    weighted = fit_token_rows(bags(), targets(), ridge=1.0, row_weights=weights, tolerance=1e-12)
    order = [*range(PRODUCTS), 4]
    twice = fit_token_rows(bags()[order], targets()[order], ridge=1.0, tolerance=1e-12)
    np.testing.assert_allclose(weighted, twice, atol=1e-4)


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
    """The row, its pull to everybody's profile, and the whitened mean of its users' profiles, product by product."""
    profiles = np.array([history @ rows / np.linalg.norm(history @ rows) for history in interactions])
    everybody = profiles.mean(axis=0) / np.linalg.norm(profiles.mean(axis=0))
    gram = sum(np.outer(profile, profile) for profile in profiles)
    gram = gram / np.trace(gram) * rows.shape[1] + WHITENING * np.eye(rows.shape[1])
    found = []
    for product, row in enumerate(rows):
        audience = profiles[interactions[:, product] > 0]
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


def test_a_popular_product_is_moved_to_everybodys_profile() -> None:
    rows, interactions = targets(), users()
    everybody = unit_rows(unit_rows(interactions @ rows).mean(axis=0, keepdims=True))[0]
    low, high = (cold_targets(rows, interactions, np.full(PRODUCTS, z, np.float32)) for z in (-1, 2))
    np.testing.assert_allclose((high - low) @ everybody, 3 * POPULARITY_PULL, atol=1e-5)


def test_without_a_history_targets_are_the_rows() -> None:
    nobody = sp.csr_matrix((3, PRODUCTS), dtype=np.float32)
    assert np.array_equal(cold_targets(targets(), nobody, np.ones(PRODUCTS, np.float32)), targets())
