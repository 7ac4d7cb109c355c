"""Baseline ``ncf``: user and product embeddings under a small network.

He et al., "Neural collaborative filtering", WWW 2017: a multi-layer perceptron on the two embeddings beside a
weighted product of them, trained on observed pairs against sampled ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from seefud.baselines.contract import fitted

__all__ = ["NeuralCollaborativeFiltering"]

_Weights = dict[str, npt.NDArray[np.float32]]
_Batch = tuple[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]], npt.NDArray[np.float32]]


class NeuralCollaborativeFiltering:
    """logit(u, i) = w . relu(W2 relu(W1 [p_u; q_i] + b1) + b2) + g . (p_u * q_i) + c_i.

    Binary cross entropy; every observed pair meets ``negatives`` uniformly drawn products per epoch, drawn
    anew each epoch. TensorFlow is imported by `fit` only; `score` is NumPy.
    """

    name = "ncf"

    def __init__(
        self,
        *,
        dimension: int = 32,
        hidden: tuple[int, int] = (16, 8),
        epochs: int = 8,
        negatives: int = 4,
        learning_rate: float = 0.005,
        batch: int = 8192,
    ) -> None:
        self.dimension = dimension
        self.hidden = hidden
        self.epochs = epochs
        self.negatives = negatives
        self.learning_rate = learning_rate
        self.batch = batch
        self._weights: _Weights | None = None

    def fit(self, train: sp.csr_matrix, product_tokens: sp.csr_matrix | None, seed: int) -> None:
        """Trains for a fixed number of epochs; `seed` sets the first weights, the negatives and the order."""
        model = self._build(train.shape, seed)
        pairs = train.nnz * (1 + self.negatives)
        steps = self.epochs * -(-pairs // self.batch)
        # One call for all epochs: each call of Keras' fit costs more than an epoch of a small data set.
        model.fit(self._batches(train, seed), steps_per_epoch=steps, epochs=1, shuffle=False, verbose=0)
        self._weights = {weight.path: weight.numpy() for weight in model.weights}

    def _batches(self, train: sp.csr_matrix, seed: int) -> Iterator[_Batch]:
        """Shuffled batches of observed and sampled pairs, for `epochs` epochs."""
        generator = np.random.default_rng(seed)
        users = np.repeat(np.arange(train.shape[0], dtype=np.int32), np.diff(train.indptr))
        products = train.indices.astype(np.int32)
        for _ in range(self.epochs):
            # A drawn product that the user has is a wrong label: rare enough not to be looked for.
            drawn = generator.integers(train.shape[1], size=users.size * self.negatives, dtype=np.int32)
            pair_users = np.concatenate([users, np.repeat(users, self.negatives)])
            pair_products = np.concatenate([products, drawn])
            label = (np.arange(pair_users.size) < users.size).astype(np.float32)[:, None]
            order = generator.permutation(pair_users.size)
            for start in range(0, order.size, self.batch):
                chosen = order[start : start + self.batch]
                yield (pair_users[chosen], pair_products[chosen]), label[chosen]

    def _build(self, shape: tuple[int, int], seed: int) -> Any:
        """The Keras model: (user [b], product [b]) to a logit [b, 1]."""
        import tensorflow as tf

        layers, initializers = tf.keras.layers, tf.keras.initializers

        def dense(units: int, name: str, activation: str | None, offset: int) -> Any:
            start = initializers.GlorotUniform(seed=seed + offset)
            return layers.Dense(units, activation=activation, kernel_initializer=start, name=name)

        def embedding(rows: int, width: int, name: str, offset: int) -> Any:
            start = initializers.RandomNormal(stddev=0.05, seed=seed + offset)
            return layers.Embedding(rows, width, embeddings_initializer=start, name=name)

        user = tf.keras.Input((), dtype="int32", name="user")
        product = tf.keras.Input((), dtype="int32", name="product")
        p = embedding(shape[0], self.dimension, "users", 1)(user)
        q = embedding(shape[1], self.dimension, "products", 2)(product)
        bias = layers.Embedding(shape[1], 1, embeddings_initializer="zeros", name="bias")(product)
        first = dense(self.hidden[0], "first", "relu", 3)(layers.Concatenate()([p, q]))
        second = dense(self.hidden[1], "second", "relu", 4)(first)
        perceptron = dense(1, "perceptron", None, 5)(second)
        factors = dense(1, "factors", None, 6)(layers.Multiply()([p, q]))
        model = tf.keras.Model([user, product], layers.Add()([perceptron, factors, bias]))
        model.compile(
            optimizer=tf.keras.optimizers.Adam(self.learning_rate),
            loss=tf.keras.losses.BinaryCrossentropy(from_logits=True),
        )
        return model

    def score(self, users: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Logits float32 ``[len(users), products]``.

        The first layer is linear in the two embeddings, so its product half is computed once per call and
        each user adds a column to it. The rest is one small matrix product per user, in buffers of
        ``[units, products]`` and with one BLAS thread: two threads are five times slower on such shapes.
        """
        w = fitted(self._weights, self.name)
        p, q = w["users/embeddings"][users], w["products/embeddings"]
        kernel = w["first/kernel"]
        of_users = p @ kernel[: self.dimension] + w["first/bias"]
        of_products = np.ascontiguousarray((q @ kernel[self.dimension :]).T)
        second_kernel, second_bias = w["second/kernel"].T, w["second/bias"][:, None]
        scores = (p * w["factors/kernel"][:, 0]) @ q.T + w["bias/embeddings"][:, 0]
        scores += w["factors/bias"] + w["perceptron/bias"]
        first = np.empty_like(of_products)
        second = np.empty((self.hidden[1], q.shape[0]), dtype=np.float32)
        with threadpool_limits(1, user_api="blas"):
            for line in range(len(users)):
                np.maximum(np.add(of_products, of_users[line][:, None], out=first), 0.0, out=first)
                np.matmul(second_kernel, first, out=second)
                np.maximum(np.add(second, second_bias, out=second), 0.0, out=second)
                scores[line] += w["perceptron/kernel"][:, 0] @ second
        return np.asarray(scores, dtype=np.float32)
