"""The kernel's error beforehand: against the converter's emulation, and what is chosen by it."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.fitting import ROTATIONS, finish_model, rotated
from seefud.kernel_error import ALLOWED_ERROR, COARSE_GAIN, GAINS, affordable, best_gain, is_affordable, kernel_error
from seefud.model import FINE_GAIN, Kind, PopularityPrior, popularity_z, unit_rows
from seefud.selection import BETAS
from seefud_converter.emulation import ExactModel, KernelModel
from seefud_converter.stored_tables import StoredTable, StoredTables

N, D = 300, 16


def made_rows(products: int = N, dimension: int = D, seed: int = 0) -> Array:
    return unit_rows(np.random.default_rng(seed).standard_normal((products, dimension)).astype(np.float32))


def made_histories(users: int = 40, products: int = N, seed: int = 1, tail: float = 0.0) -> sp.csr_matrix:
    """Histories of 1 to 12 products; with a tail, the first products have nearly all of them."""
    rng = np.random.default_rng(seed)
    weights = (1.0 + np.arange(products)) ** -tail
    bags = [rng.choice(products, rng.integers(1, 13), replace=False, p=weights / weights.sum()) for _ in range(users)]
    rows = np.repeat(np.arange(users), [len(bag) for bag in bags])
    pairs = rows, np.concatenate(bags)
    return sp.csr_matrix((np.ones(len(rows), np.float32), pairs), shape=(users, products))


@pytest.mark.parametrize("gain", [0.25, 0.375, 0.5])
def test_the_error_is_that_of_the_emulated_kernel(gain: float) -> None:
    rows, prior, histories = made_rows(), np.linspace(0.6, -0.2, N).astype(np.float32), made_histories()
    table = np.concatenate([rows, prior[:, None] / gain], axis=1)
    scale = np.float32(np.abs(table).max() / 127)
    stored = StoredTable(np.round(table / scale).astype(np.int8), scale)
    tokens = StoredTable(np.zeros((1, D), np.int8), np.float32(1))
    tables = StoredTables(stored, tokens, np.float32(gain))
    kernel, exact = KernelModel(tables), ExactModel.of_stored(tables)
    errors = []
    for user in range(histories.shape[0]):
        profile = kernel.profile(histories[user].indices)
        errors.append(np.abs(kernel.score(profile) - exact.score(profile)).max())
    assert kernel_error(rows, prior, gain, histories) == pytest.approx(max(errors), abs=2e-6)
    assert max(errors) > 0.001


def test_many_products_are_looked_at_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, prior, histories = made_rows(), np.zeros(N, np.float32), made_histories()
    whole = kernel_error(rows, prior, 0.25, histories)
    monkeypatch.setattr("seefud.kernel_error._CELLS", 7 * histories.shape[0])
    assert kernel_error(rows, prior, 0.25, histories) == pytest.approx(whole, abs=1e-7)


def test_nothing_costs_nothing() -> None:
    nobody = sp.csr_matrix((0, N), dtype=np.float32)
    assert kernel_error(made_rows(), np.zeros(N, np.float32), 0.25, nobody) == 0.0
    zeros = np.zeros((N, D), np.float32)
    assert kernel_error(zeros, np.zeros(N, np.float32), 0.25, made_histories()) == 0.0


def test_the_usual_gain_is_kept_while_its_error_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, histories = made_rows(2000, 64), made_histories(products=2000)
    small, large = np.full(2000, 0.3, np.float32), np.full(2000, 0.6, np.float32)
    monkeypatch.setattr("seefud.kernel_error.GOOD_ERROR", 1.0)
    assert best_gain(rows, small, histories).value == FINE_GAIN
    assert best_gain(rows, large, histories).value == COARSE_GAIN
    monkeypatch.setattr("seefud.kernel_error.GOOD_ERROR", 0.0)
    found = best_gain(rows, large, histories)
    every = [gain / 64 for gain in (8, 12, 14, 16, 18, 20, 22, 24, 26, 28, 32)]
    assert found.error == min(kernel_error(rows, large, gain, histories) for gain in every)
    assert found.value in every


def test_the_least_of_many_largest_errors_is_asked_again_of_more_histories(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gain that suits the first histories by luck gives way to one that more of them bear out."""
    rows, prior, histories = made_rows(2000, 64), np.full(2000, 0.3, np.float32), made_histories(400, products=2000)
    monkeypatch.setattr("seefud.kernel_error.USERS", 10)
    monkeypatch.setattr("seefud.kernel_error.GOOD_ERROR", 0.0)
    few = {gain: kernel_error(rows, prior, gain, histories, 10) for gain in GAINS}
    lucky = min(few, key=few.__getitem__)
    many = {gain: kernel_error(rows, prior, gain, histories, 400) for gain in GAINS}
    assert many[lucky] > 1.1 * few[lucky]
    monkeypatch.setattr("seefud.kernel_error.ALLOWED_ERROR", many[lucky] * 0.999)
    found = best_gain(rows, prior, histories)
    assert found.value != lucky
    assert found.error == many[found.value] < many[lucky]
    monkeypatch.setattr("seefud.kernel_error.ALLOWED_ERROR", 0.0)
    assert best_gain(rows, prior, histories).error == min(many.values()), "none is good enough: the least of all"


def test_a_prior_that_int8_cannot_hold_is_not_offered() -> None:
    """Few products have nearly all interactions: the greatest weights would leave more than parity lets through."""
    products = 3000
    histories = made_histories(3000, products, tail=1.6)
    rows = made_rows(products, 64)
    offered = affordable(BETAS, rows, histories)
    assert 1 <= len(offered) < len(BETAS)
    assert offered == BETAS[: len(offered)]
    assert is_affordable(offered[-1], rows, histories)
    assert not is_affordable(BETAS[len(offered)], rows, histories)
    z = popularity_z(np.diff(histories.tocsc().indptr))
    assert best_gain(rows, BETAS[-1] * z, histories).error > ALLOWED_ERROR
    even = made_histories(3000, products)
    assert affordable(BETAS[:5], rows, even) == BETAS[:5]
    assert affordable((0.2,), rows, histories) == (0.2,), "something must be left"


def test_a_finished_model_has_its_best_gain() -> None:
    histories = made_histories(200)
    bags = sp.csr_matrix((N, 0), dtype=np.float32)
    model = finish_model(made_rows(), histories, bags, Kind.HYBRID, PopularityPrior(0.15, -0.2))
    assert model.gain == best_gain(model.rows, model.prior, histories).value


def test_a_rotation_that_int8_bears_badly_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    histories, bags = made_histories(200), sp.csr_matrix((N, 0), dtype=np.float32)
    popularity = PopularityPrior(0.15, -0.2)
    first = finish_model(made_rows(), histories, bags, Kind.HYBRID, popularity)
    # None is good enough: the best of all is taken.
    monkeypatch.setattr("seefud.fitting.ALLOWED_ERROR", 0.0)
    best = finish_model(made_rows(), histories, bags, Kind.HYBRID, popularity)
    errors = [
        best_gain(
            rotated(made_rows() * (first.rows.any(axis=1))[:, None], histories, seed), first.prior, histories
        ).error
        for seed in range(ROTATIONS)
    ]
    assert kernel_error(best.rows, best.prior, best.gain, histories) == pytest.approx(min(errors), abs=1e-6)
    assert min(errors) < errors[0]
    np.testing.assert_allclose(best.scores(histories), first.scores(histories), atol=1e-5)
