"""Both losses against the dense users x products matrix that they avoid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from seefud.losses import normalised_squared_error, sampled_softmax

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Flat:
    """A batch as the losses take it, and the same as dense matrices [users, products]."""

    candidates: Array
    user: npt.NDArray[np.int32]
    product: npt.NDArray[np.int32]
    target: npt.NDArray[np.float32]
    mask: npt.NDArray[np.float32]
    dense: Array
    dense_mask: Array


def made(seed: int, users: int = 7, products: int = 13, dimension: int = 5, masked: float = 0.4) -> Flat:
    """Random unit rows, and for every user at least two products, of which the first is unmasked."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(products, dimension))
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    user, product, mask = [], [], []
    for number in range(users):
        chosen = np.sort(rng.permutation(products)[: rng.integers(2, 6)])
        user += [number] * len(chosen)
        product += chosen.tolist()
        mask += [1.0, *(rng.random(len(chosen) - 1) >= masked).astype(float).tolist()]
    target = rng.uniform(0.3, 2.0, len(user))
    dense, dense_mask = np.zeros((users, products)), np.zeros((users, products))
    dense[user, product] = target
    dense_mask[user, product] = mask
    return Flat(
        rows,
        np.array(user, np.int32),
        np.array(product, np.int32),
        target.astype(np.float32),
        np.array(mask, np.float32),
        dense,
        dense_mask,
    )


def squared_error(batch: Flat, keep_rate: float = 1.0, candidates: Array | None = None) -> tf.Tensor:
    rows = batch.candidates if candidates is None else candidates
    return normalised_squared_error(
        tf.constant(rows, tf.float32),
        tf.constant(batch.user),
        tf.constant(batch.product),
        tf.constant(batch.target),
        tf.constant(batch.mask),
        tf.constant(keep_rate, tf.float32),
    )


def dense_squared_error(batch: Flat, keep_rate: float) -> float:
    """User by user, with the N x N matrix whose diagonal is taken off."""
    between = batch.candidates @ batch.candidates.T
    np.fill_diagonal(between, 0.0)
    losses = []
    for target, mask in zip(batch.dense, batch.dense_mask, strict=True):
        source = target * mask / keep_rate
        if not source.any():
            continue
        prediction = source @ between
        losses.append(2 - 2 * target @ prediction / np.linalg.norm(target) / np.linalg.norm(prediction))
    return float(np.mean(losses))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("keep_rate", [1.0, 0.7])
def test_squared_error_is_the_dense_one(seed: int, keep_rate: float) -> None:
    batch = made(seed)
    assert float(squared_error(batch, keep_rate)) == pytest.approx(dense_squared_error(batch, keep_rate), abs=1e-5)


def test_squared_error_is_the_distance_of_the_unit_vectors() -> None:
    # Two products with the same row: each predicts the other, so that both directions agree and nothing is lost.
    rows = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    dense = np.array([[1.0, 1.0, 0.0]])
    batch = Flat(
        rows,
        np.zeros(2, np.int32),
        np.arange(2, dtype=np.int32),
        np.ones(2, np.float32),
        np.ones(2, np.float32),
        dense,
        dense,
    )
    assert float(squared_error(batch)) == pytest.approx(0.0, abs=1e-5)
    opposite = squared_error(batch, candidates=np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]))
    assert float(opposite) == pytest.approx(4.0, abs=1e-5)


def test_a_user_whose_input_was_dropped_counts_for_nothing() -> None:
    batch = made(5)
    gone = np.where(batch.user == 2, 0.0, batch.mask).astype(np.float32)
    dense_mask = batch.dense_mask.copy()
    dense_mask[2] = 0.0
    dropped = Flat(batch.candidates, batch.user, batch.product, batch.target, gone, batch.dense, dense_mask)
    assert float(squared_error(dropped)) == pytest.approx(dense_squared_error(dropped, 1.0), abs=1e-5)


def dense_cross_entropy(batch: Flat, temperature: float, compared: list[int], log_weights: Array) -> float:
    """User by user: shown products leave the softmax, each hidden one is a class of its own."""
    total = weight = 0.0
    for target, mask in zip(batch.dense, batch.dense_mask, strict=True):
        shown, hidden = target * mask, target * (1 - mask)
        if not shown.any() or not hidden.any():
            continue
        history = shown @ batch.candidates
        logits = temperature * batch.candidates @ (history / np.linalg.norm(history))
        weighted = [
            np.exp(logits[product] + log_weight)
            for product, log_weight in zip(compared, log_weights, strict=True)
            if not shown[product]
        ]
        for product in np.flatnonzero(hidden):
            total -= hidden[product] * (logits[product] - np.log(np.sum(weighted)))
            weight += hidden[product]
    return total / weight


def softmax(batch: Flat, temperature: float, compared: list[int], log_weights: Array) -> tf.Tensor:
    return sampled_softmax(
        tf.constant(batch.candidates, tf.float32),
        tf.constant(compared, tf.int32),
        tf.constant(log_weights, tf.float32),
        tf.constant(batch.user),
        tf.constant(batch.product),
        tf.constant(batch.target),
        tf.constant(batch.mask),
        tf.constant(temperature, tf.float32),
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("temperature", [1.0, 10.0])
def test_softmax_over_all_products_is_the_dense_cross_entropy(seed: int, temperature: float) -> None:
    batch = made(seed)
    everything = list(range(len(batch.candidates)))
    expected = dense_cross_entropy(batch, temperature, everything, np.zeros(len(everything)))
    found = float(softmax(batch, temperature, everything, np.zeros(len(everything))))
    assert found == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_sampled_softmax_counts_a_sampled_product_as_often_as_it_stands_for(seed: int) -> None:
    batch = made(seed, users=4, products=40)
    own = np.unique(batch.product).tolist()
    drawn = [product for product in range(40) if product not in own][::3]
    weights = np.concatenate([np.zeros(len(own)), np.full(len(drawn), np.log((40 - len(own)) / len(drawn)))])
    expected = dense_cross_entropy(batch, 7.0, own + drawn, weights)
    assert float(softmax(batch, 7.0, own + drawn, weights)) == pytest.approx(expected, rel=1e-4)


def test_sampled_softmax_is_near_the_full_one_when_products_are_alike() -> None:
    # With one row for all products the sample says exactly what the whole would.
    batch = made(1, users=4, products=40)
    alike = np.tile(batch.candidates[:1], (40, 1))
    same = Flat(alike, batch.user, batch.product, batch.target, batch.mask, batch.dense, batch.dense_mask)
    own = np.unique(batch.product).tolist()
    drawn = [product for product in range(40) if product not in own][:5]
    weights = np.concatenate([np.zeros(len(own)), np.full(5, np.log((40 - len(own)) / 5))])
    full = float(softmax(same, 5.0, list(range(40)), np.zeros(40)))
    assert float(softmax(same, 5.0, own + drawn, weights)) == pytest.approx(full, rel=1e-4)


@pytest.mark.parametrize("masked", [0.0, 1.0])
def test_softmax_without_a_user_who_has_both_kinds_is_zero(masked: float) -> None:
    batch = made(2)
    nothing = np.full_like(batch.mask, masked)
    one_kind = Flat(batch.candidates, batch.user, batch.product, batch.target, nothing, batch.dense, batch.dense_mask)
    assert float(softmax(one_kind, 5.0, list(range(13)), np.zeros(13))) == 0.0


def gradients(batch: Flat, loss: str, rows: Array, temperature: float) -> Array:
    candidates = tf.constant(rows, tf.float32)
    arguments = [tf.constant(part) for part in (batch.user, batch.product, batch.target, batch.mask)]
    everything = tf.range(len(rows))
    with tf.GradientTape() as tape:
        tape.watch(candidates)
        if loss == "nmse":
            value = normalised_squared_error(candidates, *arguments, tf.constant(0.7))
        else:
            weights = tf.zeros(len(rows))
            value = sampled_softmax(candidates, everything, weights, *arguments, tf.constant(temperature))
    return np.asarray(tf.convert_to_tensor(tape.gradient(value, candidates)), np.float64)


@pytest.mark.parametrize("loss", ["nmse", "softmax"])
def test_gradient_is_that_of_the_dense_loss(loss: str) -> None:
    batch = made(3, users=3, products=6, dimension=3)
    found = gradients(batch, loss, batch.candidates, 5.0)

    def value(rows: Array) -> float:
        moved = Flat(rows, batch.user, batch.product, batch.target, batch.mask, batch.dense, batch.dense_mask)
        if loss == "softmax":
            return dense_cross_entropy(moved, 5.0, list(range(6)), np.zeros(6))
        return dense_squared_error(moved, 0.7)

    # Only along the sphere: off it, the short form of the squared error means another matrix than the dense one.
    for product in range(6):
        row = batch.candidates[product]
        for axis in np.eye(3):
            tangent = axis - (axis @ row) * row
            ends = []
            for sign in (1.0, -1.0):
                rows = batch.candidates.copy()
                rows[product] = rows[product] + sign * 1e-5 * tangent
                rows[product] /= np.linalg.norm(rows[product])
                ends.append(value(rows))
            assert found[product] @ tangent == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=2e-3, rel=2e-3)


@pytest.mark.parametrize("loss", ["nmse", "softmax"])
@pytest.mark.parametrize("case", ["zero rows", "equal rows", "all dropped", "shown takes all"])
def test_gradients_stay_finite(loss: str, case: str) -> None:
    batch = made(4)
    rows, mask = batch.candidates.copy(), batch.mask
    if case == "zero rows":
        rows[:] = 0.0
    elif case == "equal rows":
        rows[:] = rows[0]
    elif case == "all dropped":
        mask = np.zeros_like(mask)
    else:  # what is shown is as near as can be and all else as far: hardly anything is left of the softmax
        near = rows[0].copy()
        rows[:] = -near
        rows[batch.product[batch.mask == 1]] = near
    changed = Flat(rows, batch.user, batch.product, batch.target, mask, batch.dense, batch.dense_mask)
    assert np.isfinite(gradients(changed, loss, rows, 14.0)).all()
