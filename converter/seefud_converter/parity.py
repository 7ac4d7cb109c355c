"""`verify`: does the file compute what the model means, in every way in which it can be run?

Four references, from near to far: the kernels' own arithmetic in NumPy (1e-5), exact arithmetic on the same
rounded tables (.005), the float model (rankings), and other interpreters of the same bytes. The SavedModel
and the float32 file, which share no code, are compared with each other. A non-finite value anywhere fails.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from .bundle import Bundle, read_bundle
from .comparison import LIST_LENGTH, Limits, Setting, Worst, all_right, profile_of, relative
from .depth import compare_in_depth
from .emulation import KernelModel
from .errors import InputError, NonFiniteError
from .histories import hard_cases, real_cases
from .parity_report import Check, ParityReport
from .probes import TOLERANCE, worst_probe
from .ranking import same_up_to_ties, top_k
from .runtime import Backend, Runtime
from .saved_model import OpenedSavedModel, open_saved_model
from .stored_tables import StoredTables

__all__ = ["Check", "Limits", "ParityReport", "verify"]


def verify(
    bundle: Bundle | str | Path,
    saved_model: str | Path | None = None,
    *,
    histories: Sequence[Sequence[int]] = (),
    weights: Sequence[Sequence[float]] | None = None,
    holdout: Sequence[Collection[int]] | None = None,
    texts: Sequence[Sequence[int]] = (),
    float32: bytes | None = None,
    backends: Sequence[Backend] = ("litert", "tensorflow"),
    threads: Sequence[int] = (1, 2),
    limits: Limits | None = None,
    most: int = 2000,
    seed: int = 0,
) -> ParityReport:
    """Compare every execution of a model; the hard histories are added to those given.

    Args:
        bundle: The file, or its path.
        saved_model: Where it came from; without it, checks against the float model are skipped.
        histories: Rows of real users.
        weights: One list for each history; 1 each by default.
        holdout: Rows that each of these users chose later; without it, the NDCG check is skipped.
        texts: Token ids of real searches.
        float32: The float32 flatbuffer of the SavedModel; converted here if it is not given.
        backends: Interpreters to run the file in; the first one is compared in depth.
        threads: Numbers of threads to run it with.
        limits: Other limits than the ones that ship.
        most: Real histories that are looked at, at most.
        seed: Of the hard histories.

    Raises:
        BundleError: The file cannot be trusted.
        InputError: A history, backend or SavedModel cannot be used.
    """
    bundle = bundle if isinstance(bundle, Bundle) else read_bundle(bundle)
    document = bundle.document
    cases = real_cases(histories, weights, holdout, most) + hard_cases(
        document["products"],
        document["history_length"],
        document["tokens"],
        document["text_length"],
        texts=texts,
        seed=seed,
    )
    tables = StoredTables.read(bundle.flatbuffer)
    opened = open_saved_model(saved_model) if saved_model is not None else None
    if opened is not None:
        _check_same_tables(bundle, tables, opened)
    setting = Setting(bundle, KernelModel(tables), opened, cases, limits or Limits())
    checks = _rounding(setting)
    checks += _against_float32_file(setting, saved_model, float32)
    runtime = Runtime.open(bundle, backends[0], threads[0])
    checks += compare_in_depth(setting, runtime)
    checks += _everywhere(setting, backends, threads)
    checks += _probes(runtime)
    found = setting.failures.found
    checks.append(Check.at_most("finite", len(found), 0, found[0] if found else "results of every execution"))
    return ParityReport(bundle.path.name, document["model_id"], document["recipe"], tuple(checks))


def _probes(runtime: Runtime) -> list[Check]:
    """Whether the file still gives the answers that it carries; nothing for a file that carries none."""
    try:
        worst = worst_probe(runtime)
    except NonFiniteError as problem:
        return [Check.at_most("probes.score", math.nan, TOLERANCE, str(problem))]
    if worst is None:
        return []
    return [Check.at_most("probes.score", worst, TOLERANCE, "answers that the file carries")]


def _check_same_tables(bundle: Bundle, tables: StoredTables, opened: OpenedSavedModel) -> None:
    """Raise `InputError` if the SavedModel's tables have other shapes than the file's: it belongs to another file."""
    ours = (tables.products.values.shape, tables.tokens.values.shape)
    theirs = (opened.products.shape, opened.tokens.shape)
    if ours != theirs:
        expected, found = (f"products {list(p)} and tokens {list(t)}" for p, t in (ours, theirs))
        raise InputError(
            "SavedModel",
            f"the one behind {bundle.path.name}, {expected}",
            found,
            "give the SavedModel that it was converted from",
        )


def _rounding(setting: Setting) -> list[Check]:
    """Every stored weight is the float model's weight, rounded: one changed byte of a table shows here."""
    checks = []
    opened, tables = setting.opened, setting.kernel.tables
    for name in ("products", "tokens"):
        if opened is None:
            checks.append(Check.skipped(f"tables.{name}", "no SavedModel given"))
            continue
        table, trained = getattr(tables, name), getattr(opened, name)
        if table.is_quantized:
            distance = np.abs(table.values.astype(np.float64) - trained.astype(np.float64) / float(table.scale))
            limit, unit = setting.limits.rounding, "steps"
        else:
            distance = np.abs(table.values.astype(np.float64) - trained.astype(table.values.dtype))
            limit, unit = 0.0, f"{table.values.dtype}"
        row = int(distance.max(1).argmax())
        checks.append(
            Check.at_most(
                f"tables.{name}",
                distance.max(),
                limit,
                f"{unit} from the SavedModel's weight, most in row {row}",
            )
        )
    return checks


def _against_float32_file(setting: Setting, saved_model: str | Path | None, float32: bytes | None) -> list[Check]:
    opened = setting.opened
    names = ("savedmodel.vectors", "savedmodel.scores", "savedmodel.ranking")
    if opened is None or saved_model is None:
        return [Check.skipped(name, "no SavedModel given") for name in names]
    if float32 is None and setting.bundle.document["recipe"] == "float32":
        float32 = bytes(setting.bundle.flatbuffer)
    if float32 is None:
        from .quantize import convert  # imports TensorFlow

        float32 = convert(saved_model, "float32")
    lite = Runtime.open(float32)
    vectors, scores, ranking = Worst(), Worst(), []
    for case in setting.few():
        with setting.failures.watch(case):
            ours, theirs = profile_of(opened.runtime, case), profile_of(lite, case)
            vectors.add(relative(ours, theirs), case.kind)
            wanted, found = opened.runtime.score(ours), lite.score(theirs)
            scores.add(relative(wanted, found), case.kind)
            tie = setting.tie * float(np.abs(wanted).max())
            ranking.append(same_up_to_ties(top_k(found, LIST_LENGTH, case.history).rows, wanted, case.history, tie))
            if setting.fits(case):
                in_graph = lite.recommend_in_graph(case.history, case.weights)
                reference = opened.runtime.recommend_in_graph(case.history, case.weights)
                right = same_up_to_ties(in_graph.rows, opened.runtime.score(ours), case.history, tie)
                ranking.append(right and len(in_graph.rows) == len(reference.rows))
    return [
        Check.at_most(
            names[0], vectors.value, setting.limits.scores, f"relative, float32 file; worst: {vectors.where}"
        ),
        Check.at_most(names[1], scores.value, setting.limits.scores, f"relative, float32 file; worst: {scores.where}"),
        all_right(names[2], ranking, "lists of the float32 file differ beyond ties"),
    ]


def _everywhere(setting: Setting, backends: Sequence[Backend], threads: Sequence[int]) -> list[Check]:
    """Each interpreter against the kernels' arithmetic: so all agree wherever one answer is right."""
    checks = []
    for backend in backends:
        for number in threads:
            for xnnpack in (True, False):
                runtime = Runtime.open(setting.bundle, backend, number, xnnpack)
                worst, lists = Worst(), []
                for case in setting.few():
                    with setting.failures.watch(replace(case, kind=f"{case.kind} ({runtime.label})")):
                        profile = profile_of(runtime, case)
                        match = setting.kernel.nearest(profile, scores := runtime.score(profile))
                        worst.add(match.error, case.kind)
                        best = top_k(scores, LIST_LENGTH, case.history)
                        lists.append(same_up_to_ties(best.rows, match.scores, case.history, setting.tie))
                where = f"{backend}-{number}-{'xnnpack' if xnnpack else 'plain'}"
                detail = f"{runtime.label}; worst: {worst.where}"
                checks.append(Check.at_most(f"everywhere.scores[{where}]", worst.value, setting.limits.scores, detail))
                checks.append(all_right(f"everywhere.ranking[{where}]", lists, "lists differ beyond ties"))
    return checks
