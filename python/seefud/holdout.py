"""A holdout file read into the rows and columns of prepared data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from seefud.catalogue import Catalogue
from seefud.columns import ColumnNames
from seefud.errors import InputError
from seefud.interactions import read_interactions
from seefud.prepared import Prepared
from seefud.sources import Source
from seefud.weights import TypeWeights

__all__ = ["Holdout", "read_holdout"]


@dataclass(frozen=True)
class Holdout:
    """Held interactions in the order of prepared data.

    Attributes:
        held: csr float32 [U, N].
        left_out: pairs that cannot be measured, by reason: unknown user, or a product without a training interaction.
    """

    held: sp.csr_matrix
    left_out: dict[str, int]


def read_holdout(
    path: Source,
    catalogue: Catalogue,
    prepared: Prepared,
    columns: ColumnNames | None = None,
    weights: TypeWeights | None = None,
) -> Holdout:
    """Reads a holdout that belongs to prepared data.

    Pairs of users who have no history, and pairs of products that nobody touched in training, say nothing about
    ranking from a history and are left out and counted.

    Raises:
        InputError: no pair is left; or see `read_interactions`.
    """
    frame = read_interactions(path, catalogue, columns, weights).frame
    users = {user: row for row, user in enumerate(prepared.users)}
    products = {key: row for row, key in enumerate(prepared.keys)}
    user = frame["user"].map(users).fillna(-1).to_numpy(np.int64)
    product = frame["key"].map(products).fillna(-1).to_numpy(np.int64)
    unknown_user = user < 0
    unused = ~unknown_user & ((product < 0) | (prepared.counts[np.maximum(product, 0)] == 0))
    usable = ~unknown_user & ~unused
    if not usable.any():
        raise InputError(
            f"{path.name}: none of its {len(frame)} interactions is of a user and a product of the training data; "
            "check that both files belong together"
        )
    weight = frame["weight"].to_numpy(np.float32)[usable]
    shape = prepared.interactions.shape
    held = sp.csr_matrix((weight, (user[usable], product[usable])), shape=shape)
    held.sum_duplicates()
    left_out = {"unknown_user": int(unknown_user.sum()), "product_without_interactions": int(unused.sum())}
    return Holdout(held, left_out)
