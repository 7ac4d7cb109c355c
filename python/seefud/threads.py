"""One thread count for TensorFlow and NumPy: part of what makes two runs give the same bytes."""

from __future__ import annotations

import threadpoolctl

__all__ = ["use_threads"]


def use_threads(count: int) -> None:
    """Sets the threads of this process; TensorFlow must not have computed anything before.

    Args:
        count: at least 1.
    """
    import tensorflow as tf

    threadpoolctl.threadpool_limits(count)
    try:
        tf.config.threading.set_intra_op_parallelism_threads(count)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        # TensorFlow has started in this process (in tests); its thread count cannot change any more.
        if tf.config.threading.get_intra_op_parallelism_threads() not in (0, count):
            raise
