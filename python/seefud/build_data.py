"""The data of a build: read, prepared, split, and described."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from seefud.build_options import BuildOptions
from seefud.catalogue import Catalogue, read_catalogue
from seefud.errors import InputError
from seefud.holdout import read_holdout
from seefud.interactions import Interactions, read_interactions
from seefud.prepared import Prepared, prepare
from seefud.sources import Source
from seefud.split import Split, split_random, split_time, values_at

__all__ = ["BuildData", "read_data", "split_off"]

HOLDOUT_SEED = 11
HELD_FRACTION = 0.15


@dataclass(frozen=True)
class BuildData:
    """What a build works on.

    Attributes:
        catalogue: the products as read.
        events: the interactions as read.
        prepared: both in rows and columns; the shipped model learns all of it.
        development: csr [U, N], what may be learnt from before the holdout is read.
        held: csr [U, N], the holdout; read once.
        left_out: pairs of a holdout file that cannot be measured, by reason.
        digests: sha256 of the two files, or of what a store or a database gave.
    """

    catalogue: Catalogue
    events: Interactions
    prepared: Prepared
    development: sp.csr_matrix
    held: sp.csr_matrix
    left_out: dict[str, int]
    digests: dict[str, str]

    @property
    def thin(self) -> bool:
        """Whether the data are too thin to hold any taste: hardly anybody has more than two products."""
        return bool(np.median(np.diff(self.prepared.interactions.indptr)) <= 2)

    def summary(self) -> dict[str, Any]:
        """Rows read and dropped, sizes, problems: for the report."""
        return {
            **self.prepared.summary(),
            "rows": dict(self.events.counts),
            "catalogue_problems": self.catalogue.problems.counts(),
            "problems": [*self.catalogue.problems.to_json(), *self.events.problems.to_json()],
            "holdout_interactions": int(self.held.nnz),
            "holdout_left_out": self.left_out,
            **self.digests,
        }


def read_data(products: Source, interactions: Source, options: BuildOptions) -> BuildData:
    """Reads both sources, and the holdout file or a split in its place.

    Raises:
        InputError: a file cannot be used.
    """
    catalogue = read_catalogue(products, options.columns, options.drop_invalid)
    events = read_interactions(interactions, catalogue, options.columns, options.weights)
    prepared = prepare(catalogue, events)
    left_out: dict[str, int] = {}
    if options.holdout is not None:
        holdout = read_holdout(options.holdout, catalogue, prepared, options.columns, options.weights)
        split, left_out = Split(prepared.interactions, holdout.held), holdout.left_out
    else:
        split = split_off(prepared.interactions, prepared.timestamps, options, HOLDOUT_SEED)
    digests = {"products_sha256": catalogue.digest, "interactions_sha256": events.digest}
    return BuildData(catalogue, events, prepared, split.train, split.held, left_out, digests)


def split_off(interactions: sp.csr_matrix, timestamps: sp.csr_matrix | None, options: BuildOptions, seed: int) -> Split:
    """Holds `HELD_FRACTION` of every user's products, drawn at random or the newest.

    Raises:
        InputError: a split by time is asked for and there are no timestamps.
    """
    if options.split == "random":
        return split_random(interactions, HELD_FRACTION, seed)
    if timestamps is None:
        raise InputError(
            "--split time: no interaction has a timestamp; map a timestamp column (--column timestamp=NAME) or use "
            "--split random"
        )
    return split_time(interactions, values_at(timestamps, interactions), HELD_FRACTION, seed=seed)
