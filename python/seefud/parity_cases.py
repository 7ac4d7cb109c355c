"""Parity of a finished file, on the histories of data files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.catalogue import read_catalogue
from seefud.columns import ColumnNames
from seefud.holdout import read_holdout
from seefud.interactions import read_interactions
from seefud.prepared import prepare
from seefud.sources import Source
from seefud.text import canonical_title
from seefud.weights import TypeWeights
from seefud_converter.bundle import read_bundle
from seefud_converter.golden import replay_golden
from seefud_converter.parity import verify
from seefud_converter.parity_report import ParityReport

__all__ = ["rows_of", "verify_file"]


def rows_of(matrix: sp.csr_matrix, part: str, users: Array) -> list[list[Any]]:
    """`indices` or `data` of some users' rows, as lists."""
    values = getattr(matrix, part)
    return [values[matrix.indptr[user] : matrix.indptr[user + 1]].tolist() for user in users]


def verify_file(
    model: Path,
    saved_model: Path | None = None,
    products: Source | None = None,
    interactions: Source | None = None,
    holdout: Source | None = None,
    golden: Path | None = None,
    columns: ColumnNames | None = None,
    rating_scale: float | None = None,
) -> ParityReport:
    """Every check of `seefud_converter.parity.verify`, and a replay of golden.json if there is one.

    Args:
        model: the `.tflite`.
        saved_model: what it was converted from; without it the checks against TensorFlow's model are skipped.
        products: catalogue of `interactions`.
        interactions: real histories; without them only the hard ones are used.
        holdout: what the users did later.
        golden: a golden.json.
        columns: names of the columns.
        rating_scale: the best rating, if not that of the file; what types are worth is what the model was trained with.
    """
    bundle = read_bundle(model)
    given: dict[str, Any] = {}
    if products is not None and interactions is not None:
        names = columns or ColumnNames()
        catalogue = read_catalogue(products, names, drop_invalid=True)
        weights = TypeWeights.recorded(bundle.document, rating_scale)
        prepared = prepare(catalogue, read_interactions(interactions, catalogue, names, weights))
        rows = {canonical_title(title): row for row, title in enumerate(bundle.products)}
        row_of = np.array([rows.get(key, -1) for key in prepared.keys])
        users = np.arange(len(prepared.users))
        if holdout is not None:
            held = read_holdout(holdout, catalogue, prepared, names, weights).held
            users = np.flatnonzero(np.diff(held.indptr) > 0)
            given["holdout"] = [[row for row in row_of[found] if row >= 0] for found in rows_of(held, "indices", users)]
        given["histories"] = [row_of[found].tolist() for found in rows_of(prepared.interactions, "indices", users)]
        given["weights"] = rows_of(prepared.interactions, "data", users)
    report = verify(bundle, saved_model, **given)
    if golden is None:
        return report
    replayed = replay_golden(bundle, golden)
    return ParityReport(report.file, report.model_id, report.recipe, (*report.checks, *replayed.checks))
