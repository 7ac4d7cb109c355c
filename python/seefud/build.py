"""The main job: two CSV files in, one proven `.tflite` out.

The modules that meet the converter are this one, `seefud.ship`, `seefud.measurement`, `seefud.recommender` and
`seefud.cli`; the rest of the toolchain knows no TFLite.
"""

from __future__ import annotations

import json
import resource
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from seefud.baselines import make_baseline
from seefud.build_data import read_data, split_off
from seefud.build_notes import notes_of_build
from seefud.build_options import BuildOptions
from seefud.choices import Choices
from seefud.cold_evaluation import ColdEvaluation
from seefud.destinations import folder_to_fill, folder_to_replace
from seefud.dimension_selection import candidate_dimensions
from seefud.experiment import Experiment
from seefud.fitting import prior_of
from seefud.golden_cases import golden_cases
from seefud.measurement import measure, measure_cold
from seefud.model import Kind
from seefud.prepared import Prepared
from seefud.publication import publish, read_report, write_refused
from seefud.selection import Choice, choose_recency
from seefud.ship import Shipping
from seefud.sources import Source
from seefud.split import Split, values_at
from seefud.threads import use_threads
from seefud.training import TrainingProgress
from seefud.version import __version__
from seefud.warm_start import EarlierModel, WarmStart, kept_recipes, read_earlier_model
from seefud_converter.errors import GateError
from seefud_converter.gates import Gates
from seefud_converter.golden import write_golden
from seefud_converter.inspect import inspect
from seefud_converter.recipes import recipe_named

__all__ = ["BuildOptions", "BuildResult", "Listener", "build", "train"]

VALIDATION_SEED = 23


@dataclass(frozen=True)
class BuildResult:
    """Where the files are and what is said about them."""

    folder: Path
    report: dict[str, Any]

    @property
    def model(self) -> Path:
        """The `.tflite`."""
        return self.folder / "seefud.tflite"


class Listener:
    """Told what a build is doing; the command line draws it. This one says nothing."""

    def stage(self, text: str) -> None:
        """A new stage began."""

    def training(self, name: str, progress: TrainingProgress) -> None:
        """An epoch of a training ended."""


def build(
    products: Source,
    interactions: Source,
    out: Path,
    options: BuildOptions = BuildOptions(),
    listener: Listener | None = None,
) -> BuildResult:
    """Reads, trains, measures, converts, proves and only then writes.

    A build that was killed goes on where it stopped when it is started again with the same data and options. The
    files of an earlier build are replaced at the very end, and only by a file that passed every gate.

    Args:
        products: the catalogue: a file, or a table of a database.
        interactions: a file, an interaction store or a table of a database; the shipped model is trained on all of
            them.
        out: folder for `seefud.tflite`, `saved_model/`, `report.json` and `golden.json`.
        options: see `BuildOptions`.
        listener: told about stages and epochs.

    Raises:
        seefud.errors.InputError: the data cannot be used.
        seefud_converter.errors.GateError: the model must not ship; `report.json` of the refused model is written to
            `refused.json`.
    """
    started = time.monotonic()
    told = listener or Listener()
    committed = read_report(options.against) if options.against else None
    _check(options)
    earlier = _earlier(options)
    work = folder_to_fill(out, "--out") / ".build"
    use_threads(options.threads)

    told.stage("Reading the data")
    data = read_data(products, interactions, options)
    prepared = data.prepared
    warm = earlier.matched(prepared) if earlier else None
    experiment = _experiment(prepared, options, earlier, work, told)

    told.stage("Choosing on validation")
    choices, recency = _choose(experiment, data.development, prepared, options, warm)
    training = _training(choices, prepared, warm)
    shipping = Shipping(prepared, choices.calibration, _fading(recency), options, data.digests, training)

    told.stage("Training the measured model")
    # An earlier file may have seen what a split holds back; only a holdout file can be news to it.
    start = warm.start if warm and options.holdout is not None else None
    model = experiment.fit("measured", data.development, choices, start)
    # With a holdout file the measured model is the one that ships.
    conversion = shipping.exported(model, work / "measured", served=options.holdout is not None)
    trial = shipping.trial(conversion)
    told.stage("Measuring on the holdout")
    measurement = measure(model, trial, shipping.history(data.development), data, options)
    cold: tuple[ColdEvaluation, ...] = ()
    if options.cold and options.kind is not Kind.COLLABORATIVE and prepared.product_tokens.nnz:
        told.stage("Measuring cold products")
        cold = measure_cold(experiment, choices, data, options.seed)
    if options.holdout is None:
        told.stage("Training the model that ships, on everything")
        model = experiment.fit("final", prepared.interactions, choices, warm.start if warm else None)
        conversion = shipping.exported(model, work / "final")

    report: dict[str, Any] = {
        "version": __version__,
        "options": options.to_json(),
        "data": data.summary(),
        "choices": {**choices.to_json(), "recency": recency.to_json()},
        "training": training,
        **measurement.to_json(),
        "cold": [each.to_json() for each in cold],
        "notes": notes_of_build(data, measurement, options),
    }
    told.stage("Converting and proving")
    gates = Gates(committed=committed, committed_tolerance=options.tolerance, largest=options.max_size)
    try:
        shipment, parity = shipping.proven(model, conversion, data, measurement.metrics, gates)
    except GateError as refusal:
        write_refused(report, str(refusal), out)
        raise
    golden = work / "golden.json"
    write_golden(shipment.bundle, golden_cases(prepared, with_text=bool(len(model.token_rows))), golden)
    report |= {
        "file": {**inspect(shipment.bundle), "path": shipment.bundle.name},
        "gates": shipment.summary.gates,
        "parity": {**json.loads(parity.to_json()), "file": shipment.bundle.name},
        "seconds": round(time.monotonic() - started, 1),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    publish(shipment, golden, report, out)
    shutil.rmtree(work)
    return BuildResult(out, report)


def train(
    products: Source,
    interactions: Source,
    out: Path,
    options: BuildOptions = BuildOptions(),
    listener: Listener | None = None,
) -> Choices:
    """Makes the choices on a validation split, trains on everything and writes a SavedModel with its vocabulary.

    Args:
        products: the catalogue: a file, or a table of a database.
        interactions: the interactions.
        out: folder of the SavedModel.
        options: see `BuildOptions`; what concerns measuring and gates is not used.
        listener: told about stages and epochs.

    Raises:
        InputError: the data cannot be used, or `out` holds other files than an older SavedModel.
    """
    told = listener or Listener()
    _check(options)
    earlier = _earlier(options)
    out = folder_to_replace(out, "--out")
    use_threads(options.threads)
    told.stage("Reading the data")
    data = read_data(products, interactions, options)
    prepared = data.prepared
    warm = earlier.matched(prepared) if earlier else None
    work = out.with_name(f".{out.name}.training")
    experiment = _experiment(prepared, options, earlier, work, told)
    told.stage("Choosing on validation")
    choices, recency = _choose(experiment, prepared.interactions, prepared, options, warm)
    told.stage("Training on everything")
    model = experiment.fit("final", prepared.interactions, choices, warm.start if warm else None)
    told.stage("Writing the SavedModel")
    training = _training(choices, prepared, warm)
    shipping = Shipping(prepared, choices.calibration, _fading(recency), options, data.digests, training)
    shipping.saved_model(model, out)
    shutil.rmtree(work)
    return choices


def _check(options: BuildOptions) -> None:
    """Refuses what would otherwise only be noticed after the training."""
    recipe_named(options.recipe)
    for name in options.baselines or ():
        make_baseline(name)
    if options.tensorboard is not None:
        folder_to_fill(options.tensorboard, "--tensorboard")


def _experiment(
    prepared: Prepared, options: BuildOptions, earlier: EarlierModel | None, work: Path, told: Listener
) -> Experiment:
    return Experiment(
        prepared.product_tokens,
        options.kind,
        _dimensions(prepared, options, earlier),
        seed=options.seed,
        work=work,
        tensorboard=options.tensorboard,
        progress=told.training,
    )


def _dimensions(prepared: Prepared, options: BuildOptions, earlier: EarlierModel | None) -> tuple[int, ...]:
    if options.dimension is not None:
        return (options.dimension,)
    return candidate_dimensions(prepared.product_tokens.shape[0]) if earlier is None else (earlier.dimension,)


def _earlier(options: BuildOptions) -> EarlierModel | None:
    """The model to start from; whether it fits is better known before the data are read than after."""
    if options.start_from is None:
        return None
    earlier = read_earlier_model(options.start_from)
    earlier.check(options.kind, options.dimension)
    return earlier


def _training(choices: Choices, prepared: Prepared, warm: WarmStart | None) -> dict[str, Any]:
    """What report and file say of the training of the model that ships."""
    start, origin = (warm.start, warm.origin) if warm else (None, None)
    return {**choices.training(prepared.interactions, start), "from": origin}


def _choose(
    experiment: Experiment,
    interactions: sp.csr_matrix,
    prepared: Prepared,
    options: BuildOptions,
    warm: WarmStart | None,
) -> tuple[Choices, Choice]:
    """All choices, and whether histories fade, on a validation split of some interactions.

    They are made on models from scratch, also before a warm start: earlier rows may have seen what validation holds.
    """
    validation = split_off(interactions, prepared.timestamps, options, VALIDATION_SEED)
    recipes = kept_recipes(experiment.recipes(*prepared.interactions.shape), warm)
    choices = experiment.choose(validation, recipes)
    return choices, _recency(choices, validation, prepared, options)


def _fading(recency: Choice) -> str:
    return "inverse_sqrt_age_days" if recency.value else "none"


def _recency(choices: Choices, split: Split, prepared: Prepared, options: BuildOptions) -> Choice:
    if options.split != "time" or prepared.timestamps is None:
        return Choice(0.0, "only chosen on a split by time: on a random one fading loses by construction", ())
    return choose_recency(
        choices.rows,
        prior_of(np.diff(split.train.tocsc().indptr), choices.popularity, prepared.product_tokens.sum(axis=1).A1),
        split.train,
        values_at(prepared.timestamps, split.train),
        split.held,
    )
