"""The rotation changes no score, and flattens."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from seefud.model import unit_rows
from seefud.rotation import flattening_rotation

Table = npt.NDArray[np.float32]
VECTORS = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 12), st.integers(1, 6)),
    elements=st.floats(-1, 1, width=32, allow_subnormal=False),
)


def spiked(count: int = 200, dimension: int = 16, seed: int = 0) -> Table:
    """Unit vectors that lie near the axes: the worst case of one int8 scale."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, dimension)) * 0.05
    vectors[np.arange(count), rng.integers(0, dimension, count)] += rng.choice([-1.0, 1.0], count)
    return unit_rows(vectors.astype(np.float32))


@settings(max_examples=25, deadline=None)
@given(VECTORS)
def test_any_rotation_is_orthogonal_and_leaves_dot_products(vectors: Table) -> None:
    unit = unit_rows(vectors)
    rotation = flattening_rotation(unit)
    assert rotation.dtype == np.float32
    np.testing.assert_allclose(rotation.T @ rotation, np.eye(unit.shape[1]), atol=1e-5)
    turned = unit @ rotation
    np.testing.assert_allclose(turned @ turned.T, unit @ unit.T, atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_the_largest_coordinate_falls(seed: int) -> None:
    vectors = spiked(seed=seed)
    before, after = np.abs(vectors).max(), np.abs(vectors @ flattening_rotation(vectors)).max()
    assert before > 0.9
    assert after < 0.6  # 0.25 would be perfectly flat


def test_it_is_flatter_than_a_random_rotation() -> None:
    vectors = spiked()
    random = np.linalg.qr(np.random.default_rng(5).normal(size=(16, 16)))[0]
    assert np.abs(vectors @ flattening_rotation(vectors)).max() < np.abs(vectors @ random).max()


def test_int8_gets_finer() -> None:
    vectors = spiked()

    def error(table: Table) -> float:
        scale = np.abs(table).max() / 127
        rounded = np.round(table / scale) * scale
        return float(np.abs(rounded @ rounded.T - table @ table.T).mean())

    assert error(vectors @ flattening_rotation(vectors)) < 0.8 * error(vectors)


def test_the_same_seed_gives_the_same_rotation() -> None:
    vectors = spiked()
    assert np.array_equal(flattening_rotation(vectors, 3), flattening_rotation(vectors, 3))


def test_nothing_known_means_no_rotation() -> None:
    assert np.array_equal(flattening_rotation(np.zeros((4, 3), np.float32)), np.eye(3))
    assert np.array_equal(flattening_rotation(np.zeros((0, 3), np.float32)), np.eye(3))


def test_zero_rows_do_not_matter() -> None:
    vectors = spiked(count=40)
    with_zeros = np.concatenate([np.zeros((3, 16), np.float32), vectors])
    assert np.array_equal(flattening_rotation(vectors), flattening_rotation(with_zeros))


def test_of_many_vectors_a_sample_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seefud.rotation.MOST_VECTORS", 100)
    vectors = spiked(count=400)
    rotation = flattening_rotation(vectors)
    np.testing.assert_allclose(rotation.T @ rotation, np.eye(16), atol=1e-5)
    assert np.abs(vectors @ rotation).max() < np.abs(vectors).max() - 0.2
