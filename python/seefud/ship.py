"""From a trained model to files: SavedModel, vocabulary folder, `.tflite`."""

from __future__ import annotations

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
from seefud_converter.quantize import Conversion

__all__ = ["Shipment", "Shipping", "text_length"]

VOCABULARY = "assets.extra"
"""Folder inside the SavedModel that TensorFlow leaves to its users."""
BUNDLE = "seefud.tflite"
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

    def exported(self, model: Model, folder: Path, *, served: bool = True) -> Conversion:
        """The SavedModel, still without metrics, from which the files are made.

        Args:
            model: the trained model.
            folder: of this model's files.
            served: False where the file is all that is wanted: the serving signatures take longer than the others.
        """
        folder.mkdir(parents=True, exist_ok=True)
        saved_model = folder / "saved_model"
        self.saved_model(model, saved_model, served=served)
        return Conversion(saved_model)

    def trial(self, conversion: Conversion) -> Path:
        """A file to be measured; no gate yet."""
        bundle = conversion.source.with_name(BUNDLE)
        convert_bundle(conversion, conversion.source / VOCABULARY, bundle, self.options.recipe, None)
        return bundle

    def proven(
        self, model: Model, conversion: Conversion, data: BuildData, metrics: dict[str, Any], gates: Gates
    ) -> tuple[Shipment, ParityReport]:
        """The file that ships: through every gate, parity last.

        Raises:
            GateError: it must not ship.
        """
        saved_model = conversion.source
        bundle = saved_model.with_name(BUNDLE)
        reports: list[ParityReport] = []

        def prove(path: Path) -> None:
            reports.append(self._parity(path, conversion, data))
            reports[0].raise_if_failed()

        vocabulary = saved_model / VOCABULARY
        self._write_vocabulary(model, vocabulary, metrics)
        summary = convert_bundle(conversion, vocabulary, bundle, self.options.recipe, gates, prove=prove)
        return Shipment(saved_model, bundle, summary), reports[0]

    def _parity(self, path: Path, conversion: Conversion, data: BuildData) -> ParityReport:
        history = self.history(data.development)
        held = data.held
        users = np.flatnonzero(np.diff(held.indptr) > 0)
        chosen = users[np.unique(np.linspace(0, len(users) - 1, min(PARITY_USERS, len(users))).astype(int))]

        return verify(
            path,
            conversion.source,
            float32=conversion.flatbuffer("float32"),
            histories=rows_of(history, "indices", chosen),
            weights=rows_of(history, "data", chosen),
            holdout=rows_of(held, "indices", chosen),
            texts=[tokens.tolist() for _, tokens in self.prepared.searches[:20]],
        )

    def saved_model(self, model: Model, folder: Path, *, served: bool = True) -> None:
        """Writes the SavedModel, its vocabulary inside."""
        export_saved_model(model, self._serving(model), folder, served=served)
        self._write_vocabulary(model, folder / VOCABULARY, None)

    def _serving(self, model: Model) -> ServingData:
        prepared = self.prepared
        return ServingData(
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

    def _write_vocabulary(self, model: Model, folder: Path, metrics: dict[str, Any] | None) -> None:
        document = draft_document(
            model,
            self.prepared,
            self._serving(model),
            weights=self.options.weights,
            recency=self.recency,
            metrics=metrics,
            digests=self.digests,
            training=self.training,
        )
        write_vocabulary(folder, self.prepared, document, with_ingredients=self.options.with_ingredients)


def text_length(prepared: Prepared) -> int:
    """T: room for the longest known product's tokens, a power of two from 64 to 1024."""
    longest = int(np.diff(prepared.product_tokens.indptr).max(initial=0))
    length = LEAST_TEXT_LENGTH
    while length < min(longest, MOST_TEXT_LENGTH):
        length *= 2
    return length
