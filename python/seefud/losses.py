"""The two training losses, both computed without a users x products matrix.

A batch is a flat list of (user, product) entries: `entry_user` int32 [nnz] (ascending, 0-based in the batch) and the
products' rows gathered from the candidates. Sums over a user's entries are segment sums, so that a step costs
O(nnz d + C d^2) for the normalised squared error and O(U C d) for the softmax, C being the number of candidates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import tensorflow as tf

__all__ = ["normalised_squared_error", "sampled_softmax"]

EPSILON = 1e-6


def normalised_squared_error(
    candidates: tf.Tensor,
    entry_user: tf.Tensor,
    entry_candidate: tf.Tensor,
    target: tf.Tensor,
    kept: tf.Tensor,
    keep_rate: tf.Tensor,
) -> Any:
    """``2 - 2 cos(x, prediction)``, averaged over the users: ELSA's loss with the diagonal removed.

    With x the target, x' the input after dropout, h and h' their vectors and G = E'E,
    ``cos = (h.h' - sum x x') / (|x| sqrt(h' G h' - 2 |h'|^2 + sum x'^2))``: the same number as with dense matrices.

    Args:
        candidates: float32 [N, D], unit rows of all products.
        entry_user: int32 [nnz].
        entry_candidate: int32 [nnz], which candidate the entry is.
        target: float32 [nnz], x.
        kept: float32 [nnz], 1 where the entry stays in the input, 0 where it is dropped.
        keep_rate: float32 scalar in (0, 1], the share that is kept.

    Returns:
        float32 scalar.
    """
    import tensorflow as tf

    def per_user(values: tf.Tensor) -> tf.Tensor:
        return tf.math.segment_sum(values, entry_user)

    rows = tf.gather(candidates, entry_candidate)
    source = target * kept / keep_rate
    history = per_user(rows * source[:, None])
    full = per_user(rows * target[:, None])
    overlap = tf.reduce_sum(full * history, 1) - per_user(target * source)
    gram = tf.matmul(candidates, candidates, transpose_a=True)
    energy = per_user(source * source)
    squared = tf.reduce_sum(tf.matmul(history, gram) * history, 1) - 2 * tf.reduce_sum(history * history, 1) + energy
    length = tf.sqrt(per_user(target * target) + 1e-9)
    cosine = overlap / (length * tf.sqrt(tf.maximum(squared, EPSILON)))
    usable = tf.cast(energy > 0, tf.float32)
    return tf.reduce_sum((2 - 2 * cosine) * usable) / (tf.reduce_sum(usable) + EPSILON)


def sampled_softmax(
    candidates: tf.Tensor,
    compared: tf.Tensor,
    log_weights: tf.Tensor,
    entry_user: tf.Tensor,
    entry_candidate: tf.Tensor,
    target: tf.Tensor,
    shown: tf.Tensor,
    temperature: tf.Tensor,
) -> Any:
    """Cross-entropy of the hidden entries given the shown ones; a user's shown products leave the softmax.

    Args:
        candidates: float32 [C, D], unit rows.
        compared: int32 [S], the candidates in the softmax; they hold all entries' products.
        log_weights: float32 [S], log of how many products a sampled one stands for; 0 for the batch's own.
        entry_user: int32 [nnz].
        entry_candidate: int32 [nnz].
        target: float32 [nnz].
        shown: float32 [nnz], 1 input, 0 to be predicted.
        temperature: float32 scalar, multiplies the cosine.

    Returns:
        float32 scalar, averaged over the hidden entries of users that have both kinds.
    """
    import tensorflow as tf

    def per_user(values: tf.Tensor) -> tf.Tensor:
        return tf.math.segment_sum(values, entry_user)

    rows = tf.gather(candidates, entry_candidate)
    history = per_user(rows * (target * shown)[:, None])
    wanted = target * (1 - shown)
    wanted_sum = per_user(wanted)
    usable = tf.cast((wanted_sum > 0) & (per_user(target * shown) > 0), tf.float32)
    profile = history * tf.math.rsqrt(tf.reduce_sum(history * history, 1, keepdims=True) + 1e-8)
    logits = tf.matmul(profile * temperature, tf.gather(candidates, compared), transpose_b=True) + log_weights
    own = tf.reduce_sum(tf.gather(profile, entry_user) * rows, 1) * temperature
    total = tf.reduce_logsumexp(logits, 1)
    shift = tf.stop_gradient(total)
    excluded = per_user(tf.exp(own - tf.gather(shift, entry_user)) * shown)
    remaining = shift + tf.math.log(tf.maximum(tf.exp(total - shift) - excluded, EPSILON))
    likelihood = per_user(wanted * (own - tf.gather(remaining, entry_user)))
    return -tf.reduce_sum(likelihood * usable) / (tf.reduce_sum(wanted_sum * usable) + EPSILON)
