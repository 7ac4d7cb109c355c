"""A rotation of the vector space that leaves every score as it is and makes int8 finer.

Scores are dot products, so that any rotation Q gives the same ranking in exact arithmetic. The one int8 scale of the
table, and that of the profile in the kernel, follow the largest coordinate: the flatter the vectors, the finer both.
Q is found as in iterative quantization (Gong and Lazebnik, CVPR 2011), with clipping in the place of the sign:
``B = clip(E Q, -c, c)``, then the orthogonal Procrustes solution of ``E Q = B``, and again.
On the sample market's 64-dimensional rows the largest coordinate falls from .45 to .27, the mean error of scores by
the table from .0010 to .0006, and the largest error by the kernel from .0034 to .0025.
"""

from __future__ import annotations

import numpy as np

from seefud.arrays import Array

__all__ = ["flattening_rotation"]

MOST_VECTORS = 4096
ITERATIONS = 200
CLIP = 1.75
"""Times ``1 / sqrt(D)``, the coordinate of a perfectly flat vector."""


def flattening_rotation(vectors: Array, seed: int = 0) -> Array:
    """An orthogonal matrix float32 [D, D] that spreads the vectors' lengths evenly over the coordinates.

    Args:
        vectors: float32 [n, D], unit vectors; of more than `MOST_VECTORS` a seeded sample is used.
        seed: of the sample and of the start.

    Returns:
        Q; use ``vectors @ Q``. The identity where there is nothing to flatten.
    """
    dimension = vectors.shape[1]
    rng = np.random.default_rng(seed)
    known = vectors[np.abs(vectors).max(axis=1, initial=0.0) > 0]
    if not len(known):
        return np.eye(dimension, dtype=np.float32)
    sample = known if len(known) <= MOST_VECTORS else known[np.sort(rng.permutation(len(known))[:MOST_VECTORS])]
    sample = sample.astype(np.float64)
    rotation = np.linalg.qr(rng.standard_normal((dimension, dimension)))[0]
    limit = CLIP / np.sqrt(dimension)
    for _ in range(ITERATIONS):
        clipped = np.clip(sample @ rotation, -limit, limit)
        left, _, right = np.linalg.svd(sample.T @ clipped)
        rotation = left @ right
    return rotation.astype(np.float32)
