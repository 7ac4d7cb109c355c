"""A finished file on data of its own: histories, a holdout and the baselines, in the rows of the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.build_data import read_data
from seefud.build_options import BuildOptions
from seefud.errors import InputError
from seefud.measurement import Measurement, file_scorer, measure_scorers
from seefud.ranking import ScoreFunction
from seefud.recency import faded
from seefud.sources import Source
from seefud.split import values_at
from seefud.text import canonical_title
from seefud.threads import use_threads
from seefud_converter.runtime import Runtime

__all__ = ["evaluate_file"]

ABSENT = -1e3
"""Score of a product that the file does not hold: below everything that it does."""


def evaluate_file(model: Path, products: Source, interactions: Source, options: BuildOptions) -> dict[str, Any]:
    """Measures a file on `options.holdout`.

    The rows of the file need not be those of the data: products meet by title, and those that the file does not hold
    come last in its lists.

    Args:
        model: the `.tflite`.
        products: the catalogue of the interactions.
        interactions: the histories.
        options: `holdout` is needed; `baselines`, `columns`, `weights`, `seed` and `threads` are used.

    Returns:
        ``metrics``, ``evaluations`` and ``unavailable_baselines`` as in report.json, and ``products_not_in_the_file``.

    Raises:
        InputError: the data cannot be used, or have no product in common with the file.
    """
    use_threads(options.threads)
    runtime = Runtime.open(model, threads=options.threads)
    bundle = runtime.bundle
    if bundle is None:  # Runtime.open of a path always reads the bundle
        raise InputError(f"{model}: expected a bundle, found a bare model; run seefud convert")
    data = read_data(products, interactions, options)
    rows = {canonical_title(title): row for row, title in enumerate(bundle.products)}
    row_of = np.array([rows.get(key, -1) for key in data.prepared.keys])
    if (row_of < 0).all():
        raise InputError(f"{model}: none of its products is in {products.name}; check that they belong together")
    history = data.development
    if bundle.document["recency"] != "none" and data.prepared.timestamps is not None:
        history = faded(history, values_at(data.prepared.timestamps, history))
    columns = np.flatnonzero(row_of >= 0)
    place = sp.csr_matrix(
        (np.ones(len(columns), np.float32), (columns, row_of[columns])), shape=(len(row_of), runtime.sizes.products)
    )
    of_file = file_scorer(runtime, sp.csr_matrix(history @ place))

    def score(users: Array) -> Array:
        scores = of_file(users)
        return np.where(row_of >= 0, scores[:, np.maximum(row_of, 0)], np.float32(ABSENT))

    scorers: list[tuple[str, ScoreFunction]] = [("seefud (file)", score)]
    measurement: Measurement = measure_scorers(scorers, data, options)
    return {**measurement.to_json(), "products_not_in_the_file": int((row_of < 0).sum())}
