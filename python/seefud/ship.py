"""From a trained model to files: SavedModel, vocabulary folder, `.tflite`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from seefud.build_data import BuildData
from seefud.build_options import BuildOptions
from seefud.calibration import Calibration
from seefud.model import Model
from seefud.parity_cases import rows_of
from seefud.prepared import Prepared
from seefud.recency import faded
from seefud.saved_model import ServingData, export_saved_model
from seefud.split import values_at
from seefud.vocabulary import draft_document, write_vocabulary
from seefud_converter.convert import ConversionSummary, convert_bundle
from seefud_converter.gates import Gates
from seefud_converter.parity import verify
from seefud_converter.parity_report import ParityReport

__all__ = ["Shipment", "Shipping", "text_length"]

VOCABULARY = "assets.extra"
"""Folder inside the SavedModel that TensorFlow leaves to its users."""
HISTORY_LENGTH = 64
PARITY_USERS = 1_000
"""Real histories that parity looks at; the hard ones come on top."""
LEAST_TEXT_LENGTH, MOST_TEXT_LENGTH = 64, 1024


@dataclass(frozen=True)
class Shipment:
    """What was written.

    Attributes:
        saved_model: the SavedModel; its vocabulary is in `assets.extra`.
        bundle: the `.tflite`.
        summary: of the conversion, with what each gate found.
    """

    saved_model: Path
    bundle: Path
    summary: ConversionSummary


@dataclass(frozen=True)
class Shipping:
    """Ships the models of one build.

    Attributes:
        prepared: the data.
        calibration: of the scores.
        recency: ``none`` or ``inverse_sqrt_age_days``.
        options: of the build.
        digests: sha256 of the data files.
        training: what the file says of its training.
    """

    prepared: Prepared
    calibration: Calibration
    recency: str
    options: BuildOptions
    digests: dict[str, str]
    training: dict[str, Any] = field(default_factory=dict)

    def history(self, interactions: sp.csr_matrix) -> sp.csr_matrix:
        """The histories with the weights in force."""
        if self.recency == "none" or self.prepared.timestamps is None:
            return interactions
        return faded(interactions, values_at(self.prepared.timestamps, interactions))

    def trial(self, model: Model, folder: Path) -> Shipment:
        """A file to be measured; no gate yet."""
        return self._ship(model, folder, None, {}, None)

    def proven(
        self, model: Model, folder: Path, data: BuildData, metrics: dict[str, Any], gates: Gates
    ) -> tuple[Shipment, ParityReport]:
        """The file that ships: through every gate, parity last.

        Raises:
            GateError: it must not ship.
        """
        reports: list[ParityReport] = []

        def prove(path: Path) -> None:
            reports.append(self._parity(path, folder / "saved_model", data))
            reports[0].raise_if_failed()

        return self._ship(model, folder, gates, metrics, prove), reports[0]

    def _parity(self, path: Path, saved_model: Path, data: BuildData) -> ParityReport:
        history = self.history(data.development)
        held = data.held
        users = np.flatnonzero(np.diff(held.indptr) > 0)
        chosen = users[np.unique(np.linspace(0, len(users) - 1, min(PARITY_USERS, len(users))).astype(int))]

        return verify(
            path,
            saved_model,
            histories=rows_of(history, "indices", chosen),
            weights=rows_of(history, "data", chosen),
            holdout=rows_of(held, "indices", chosen),
            texts=[tokens.tolist() for _, tokens in self.prepared.searches[:20]],
        )

    def saved_model(self, model: Model, folder: Path, metrics: dict[str, Any] | None = None) -> None:
        """Writes the SavedModel, its vocabulary inside."""
        prepared = self.prepared
        serving = ServingData(
            titles=prepared.products,
            keys=prepared.keys,
            tokens=prepared.tokens if len(model.token_rows) else (),
            bigrams=prepared.bigrams,
            users=prepared.users,
            histories=prepared.interactions,
            slope=self.calibration.slope,
            intercept=self.calibration.intercept,
            ceiling=self.calibration.ceiling,
            history_length=HISTORY_LENGTH,
            text_length=text_length(prepared),
        )
        document = draft_document(
            model,
            prepared,
            serving,
            recency=self.recency,
            interaction_weights=dict(self.options.weights.weights),
            metrics=metrics,
            digests=self.digests,
            training=self.training,
        )
        export_saved_model(model, serving, folder)
        extra = folder / VOCABULARY
        write_vocabulary(extra, prepared, document, with_ingredients=self.options.with_ingredients)

    def _ship(
        self,
        model: Model,
        folder: Path,
        gates: Gates | None,
        metrics: dict[str, Any],
        prove: Callable[[Path], None] | None,
    ) -> Shipment:
        folder.mkdir(parents=True, exist_ok=True)
        saved_model, bundle = folder / "saved_model", folder / "seefud.tflite"
        self.saved_model(model, saved_model, metrics)
        summary = convert_bundle(saved_model, saved_model / VOCABULARY, bundle, self.options.recipe, gates, prove=prove)
        return Shipment(saved_model, bundle, summary)


def text_length(prepared: Prepared) -> int:
    """T: room for the longest known product's tokens, a power of two from 64 to 1024."""
    longest = int(np.diff(prepared.product_tokens.indptr).max(initial=0))
    length = LEAST_TEXT_LENGTH
    while length < min(longest, MOST_TEXT_LENGTH):
        length *= 2
    return length
