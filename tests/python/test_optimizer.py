"""Lazy Adam against algorithm 1 of its paper, written again row by row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from seefud.optimizer import RowAdam

Array = npt.NDArray[np.float64]


class NaiveAdam:
    """Kingma and Ba, algorithm 1, in float64; rows without a gradient are left, moments too."""

    def __init__(self, table: Array) -> None:
        self.table = table.copy()
        self.m, self.v = np.zeros_like(table), np.zeros_like(table)

    def step(self, rows: list[int], gradient: Array, rate: float, t: int) -> None:
        for row, g in zip(rows, gradient, strict=True):
            for column in range(len(g)):
                self.m[row, column] = 0.9 * self.m[row, column] + 0.1 * g[column]
                self.v[row, column] = 0.999 * self.v[row, column] + 0.001 * g[column] ** 2
                m_hat = self.m[row, column] / (1 - 0.9**t)
                v_hat = self.v[row, column] / (1 - 0.999**t)
                self.table[row, column] -= rate * m_hat / (np.sqrt(v_hat) + 1e-7)


def start(rows: int = 6, columns: int = 3) -> tuple[tf.Variable, RowAdam, NaiveAdam]:
    table = np.random.default_rng(0).normal(size=(rows, columns)).astype(np.float32)
    variable = tf.Variable(table)
    return variable, RowAdam(variable), NaiveAdam(table.astype(np.float64))


def update(variable: tf.Variable, optimizer: RowAdam, rows: list[int], gradient: Array, rate: float, step: int) -> None:
    optimizer.update(
        variable,
        tf.constant(rows, tf.int32),
        tf.constant(gradient, tf.float32),
        tf.constant(rate, tf.float32),
        tf.constant(step, tf.float32),
    )


def test_all_rows_at_every_step_is_adam() -> None:
    variable, optimizer, naive = start()
    rng = np.random.default_rng(1)
    for step in range(1, 31):
        gradient = rng.normal(size=(6, 3)) * 10.0 ** rng.integers(-3, 3)
        update(variable, optimizer, list(range(6)), gradient, 0.01, step)
        naive.step(list(range(6)), gradient, 0.01, step)
    np.testing.assert_allclose(variable.numpy(), naive.table, atol=2e-5)


def test_some_rows_at_every_step_with_a_changing_rate() -> None:
    variable, optimizer, naive = start()
    rng = np.random.default_rng(2)
    for step in range(1, 31):
        rows = rng.permutation(6)[: rng.integers(1, 5)].tolist()
        gradient, rate = rng.normal(size=(len(rows), 3)), 0.1 / step
        update(variable, optimizer, rows, gradient, rate, step)
        naive.step(rows, gradient, rate, step)
    np.testing.assert_allclose(variable.numpy(), naive.table, atol=2e-5)
    np.testing.assert_allclose(optimizer.first.numpy(), naive.m, atol=1e-6)
    np.testing.assert_allclose(optimizer.second.numpy(), naive.v, atol=1e-6)


def test_untouched_rows_and_their_moments_stay_bit_for_bit() -> None:
    variable, optimizer, _ = start()
    update(variable, optimizer, list(range(6)), np.ones((6, 3)), 0.01, 1)
    before = [part.numpy() for part in (variable, optimizer.first, optimizer.second)]
    update(variable, optimizer, [4, 1], np.ones((2, 3)), 0.01, 2)
    for old, part in zip(before, (variable, optimizer.first, optimizer.second), strict=True):
        assert np.array_equal(old[[0, 2, 3, 5]], part.numpy()[[0, 2, 3, 5]])
        assert (old[[1, 4]] != part.numpy()[[1, 4]]).all()


def test_the_first_step_has_the_length_of_the_rate() -> None:
    variable, optimizer, _ = start()
    before = variable.numpy()
    update(variable, optimizer, [2], np.array([[5.0, -0.001, 300.0]]), 0.01, 1)
    assert (variable.numpy() - before)[2] == pytest.approx([-0.01, 0.01, -0.01], rel=1e-3)


def test_no_rows_change_nothing() -> None:
    variable, optimizer, _ = start()
    before = variable.numpy()
    update(variable, optimizer, [], np.zeros((0, 3)), 0.01, 1)
    assert np.array_equal(before, variable.numpy())


def test_state_is_what_a_checkpoint_holds() -> None:
    variable, optimizer, _ = start()
    assert {part.ref() for part in optimizer.variables} == {optimizer.first.ref(), optimizer.second.ref()}
    assert optimizer.first.shape == optimizer.second.shape == variable.shape
