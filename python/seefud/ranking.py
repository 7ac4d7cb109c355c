"""Ranked lists for many users from any score function, and the model's own score function.

A *score function* takes user rows (int64 ``[b]``, indices into the interaction matrix) and returns scores
``[b, products]``. Each user's products of the training data are left out of the list; ties go to the lower
row.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from seefud.errors import InputError
from seefud.metrics import Relevant, top_rows

__all__ = ["HistoryScorer", "ScoreFunction", "UserRows", "ranked_lists", "relevant_products"]

UserRows = npt.NDArray[np.int64]
ScoreFunction = Callable[[UserRows], npt.NDArray[np.float32]]

_CELLS = 4_000_000  # scores held at once: 16 MB, plus a masked copy and a mask


class HistoryScorer:
    """The model in NumPy: ``(h / |h|) . e_i + prior_i`` with ``h`` the weighted sum of the history's rows.

    A history without a known row has ``h = 0`` and is ranked by the prior alone.
    """

    def __init__(
        self,
        rows: npt.NDArray[np.float32],
        history: sp.csr_matrix,
        prior: npt.NDArray[np.float32] | None = None,
    ) -> None:
        """Takes rows float32 ``[N, D]``, history csr ``[users, N]`` and prior float32 ``[N]``."""
        found = (rows.shape[0], history.shape[1], rows.shape[0] if prior is None else prior.size)
        if len(set(found)) > 1:
            raise InputError(
                f"history scorer: expected rows, history and prior of the same products, found {found[0]} "
                f"rows, {found[1]} history columns and {found[2]} priors; take all three from one build"
            )
        self._rows = np.ascontiguousarray(rows, dtype=np.float32)
        self._history = history
        self._prior = None if prior is None else prior.astype(np.float32)

    def profiles(self, users: UserRows) -> npt.NDArray[np.float32]:
        """Unit history vectors float32 ``[b, D]``; zeros where nothing is known."""
        h = np.asarray(self._history[users] @ self._rows, dtype=np.float32)
        return np.asarray(h / np.sqrt((h * h).sum(axis=1, keepdims=True) + np.float32(1e-12)))

    def __call__(self, users: UserRows) -> npt.NDArray[np.float32]:
        """Scores float32 ``[b, products]``."""
        scores = self.profiles(users) @ self._rows.T
        if self._prior is not None:
            scores += self._prior
        return np.asarray(scores)


def relevant_products(
    train: sp.csr_matrix, held: sp.csr_matrix, candidates: npt.NDArray[np.bool_] | None = None
) -> Relevant:
    """Held pairs among the candidates that training does not hold, grouped by user.

    Raises:
        InputError: the two matrices differ in shape.
    """
    if train.shape != held.shape:
        raise InputError(
            f"evaluation: expected train and held of one shape [users, products], found {train.shape} and "
            f"{held.shape}; split one prepared matrix"
        )
    products = train.shape[1]
    keys = _pair_keys(held)[held.data > 0]
    keys = np.unique(keys[~np.isin(keys, _pair_keys(train))])
    if candidates is not None:
        keys = keys[candidates[keys % products]]
    users, counts = np.unique(keys // products, return_counts=True)
    return Relevant(users=users, counts=counts, keys=keys, products=products)


def _pair_keys(matrix: sp.csr_matrix) -> npt.NDArray[np.int64]:
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    return rows * matrix.shape[1] + matrix.indices


def ranked_lists(
    score: ScoreFunction,
    train: sp.csr_matrix,
    users: UserRows,
    k: int,
    *,
    candidates: npt.NDArray[np.bool_] | None = None,
    batch: int = 512,
) -> npt.NDArray[np.int32]:
    """The k best products of each user, without those of the user's training data.

    Args:
        score: the scorer; its result is not written to.
        train: csr ``[users, products]``, what to leave out.
        users: int64 ``[u]``, user rows.
        k: list length.
        candidates: bool ``[products]``, what may be listed; all by default.
        batch: users scored at once, fewer where there are many products (4 million scores at most).

    Returns:
        int32 ``[u, k]``, best first, -1 where a list ran out.

    Raises:
        InputError: the scorer returned another shape, or a score that is not finite.
    """
    products = train.shape[1]
    batch = max(1, min(batch, _CELLS // max(products, 1)))
    left_out = None if candidates is None else np.flatnonzero(~candidates)
    buffer = np.empty((min(batch, users.size), products), dtype=np.float32)
    top = np.empty((users.size, k), dtype=np.int32)
    for start in range(0, users.size, batch):
        rows = users[start : start + batch]
        found = np.asarray(score(rows))
        if found.shape != (rows.size, products):
            raise InputError(
                f"evaluation: expected scores of shape {(rows.size, products)}, found {found.shape}; a "
                "score function returns one line per user and one column per product"
            )
        if not np.isfinite(found).all():
            line, column = np.argwhere(~np.isfinite(found))[0]
            raise InputError(
                f"evaluation: expected finite scores, found {found[line, column]} for user row "
                f"{rows[line]}, product row {column}; the scorer is broken or did not converge"
            )
        scores = buffer[: rows.size]
        np.copyto(scores, found, casting="same_kind")
        own = train[rows]
        scores[np.repeat(np.arange(rows.size), np.diff(own.indptr)), own.indices] = -np.inf
        if left_out is not None:
            scores[:, left_out] = -np.inf
        top[start : start + rows.size] = top_rows(scores, k)
    return top
