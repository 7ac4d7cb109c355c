"""Adam on the rows that a step touched (lazy Adam), with its state in plain variables that a checkpoint holds.

Keras' Adam moves every row at every step, also those that a sampled step did not see; the lazy form leaves them, which
was both faster and better on catalogues where a step sees a fraction of the products.
Source: Kingma and Ba, Adam, ICLR 2015, algorithm 1.
"""

from __future__ import annotations

import tensorflow as tf

__all__ = ["RowAdam"]

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-7


class RowAdam(tf.Module):  # type: ignore[misc]
    """The moments of one float32 table [n, d]."""

    def __init__(self, table: tf.Variable) -> None:
        """Starts with zero moments of the table's shape."""
        super().__init__()
        self.first = tf.Variable(tf.zeros_like(table), trainable=False)
        self.second = tf.Variable(tf.zeros_like(table), trainable=False)

    def update(
        self, table: tf.Variable, rows: tf.Tensor, gradient: tf.Tensor, rate: tf.Tensor, step: tf.Tensor
    ) -> None:
        """One step on some rows.

        Args:
            table: float32 [n, d], changed in place.
            rows: int32 [m], distinct rows.
            gradient: float32 [m, d].
            rate: float32 scalar, the learning rate of this step.
            step: float32 scalar, 1 for the first step.
        """
        first = tf.gather(self.first, rows) * BETA1 + (1 - BETA1) * gradient
        second = tf.gather(self.second, rows) * BETA2 + (1 - BETA2) * gradient * gradient
        self.first.scatter_update(tf.IndexedSlices(first, rows))
        self.second.scatter_update(tf.IndexedSlices(second, rows))
        unbiased = first / (1 - BETA1**step)
        spread = tf.sqrt(second / (1 - BETA2**step)) + EPSILON
        table.scatter_sub(tf.IndexedSlices(rate * unbiased / spread, rows))
