"""What every baseline promises."""

from __future__ import annotations

from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from seefud.errors import InputError

__all__ = ["Baseline", "BaselineUnavailableError", "fitted"]

_State = TypeVar("_State")


class BaselineUnavailableError(InputError):
    """This baseline cannot run on this data or in this environment; a report lists it with this reason."""


class Baseline(Protocol):
    """Fit once, then score any users of the training matrix.

    Attributes:
        name: the name it is selected by.
    """

    @property
    def name(self) -> str: ...

    def fit(self, train: sp.csr_matrix, product_tokens: sp.csr_matrix | None, seed: int) -> None:
        """Learns from the training data.

        Args:
            train: csr float32 ``[users, products]`` of positive weights, kept by reference; rows without
                users are allowed.
            product_tokens: csr float32 ``[products, tokens]`` of ones, or None where there is no text.
            seed: makes the result repeatable.

        Raises:
            BaselineUnavailableError: too many products, no text, or a package that is not installed.
        """

    def score(self, users: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Finite scores float32 ``[len(users), products]`` for user rows of ``train``; may be read-only."""
        ...


def fitted(value: _State | None, name: str) -> _State:
    """The fitted state, or an error where `Baseline.fit` was not called."""
    if value is None:
        raise RuntimeError(
            f"baseline {name!r} is not fitted; call fit(train, product_tokens, seed) before score(users)"
        )
    return value
