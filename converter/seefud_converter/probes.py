"""Probes: a few questions that a file carries with their answers, for whoever runs it somewhere else.

The converter asks the finished model and writes the answers into `bundle.json`. A phone asks them again before it
lets a new file rank (docs/delivery.md): a runtime that computes something else shows at once, and not to a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .emulation import KernelModel
from .ranking import Ranking, top_k
from .runtime import Runtime
from .stored_tables import StoredTables

__all__ = ["TOLERANCE", "make_probes", "worst_probe"]

TOLERANCE = 1e-4
"""Largest difference of two scores. Runtimes that compute rightly differ by less than 1e-6; a wrong one by far more."""

_ITEMS = 5
_TURNS = 20
_DIGITS = 6


def make_probes(runtime: Runtime) -> list[dict[str, Any]]:
    """Asks a model about nobody, about three histories, and about a text where it knows words.

    A question whose query has a value half way between two int8 steps has two right answers, up to .006 apart
    (`emulation`); it is asked of the next rows and tokens instead, or left out.

    Args:
        runtime: of the finished bundle; N products, V tokens.

    Returns:
        For each question `history` (rows), `weights`, `tokens` (ids), and its answer: `items` (the best five rows
        without the history's, ties to the lower row) and `scores`, to six decimals.
    """
    bundle = runtime.bundle
    assert bundle is not None
    count, words = len(bundle.products), len(bundle.tokens)
    length = min(runtime.sizes.history_length, max(count - 1, 0), 3)
    spread = sorted({place * count // 3 for place in range(length)})
    questions: list[tuple[list[int], list[float], list[int]]] = [([], [], [])]
    if count > 1:
        questions += [([0], [1.0], []), ([count - 1], [0.5], [])]
        questions.append((spread, [1.0 / 2**place for place in range(len(spread))], []))
    if words:
        ids = sorted({0, words // 2})[: runtime.sizes.text_length]
        questions += [([], [], ids), ([0], [1.0], ids)] if count > 1 else [([], [], ids)]
    kernel = KernelModel(StoredTables.read(bundle.flatbuffer))
    probes = []
    for question in questions:
        probe = _sure(runtime, kernel, *question)
        if probe is None:
            continue
        answer = _ask(runtime, probe)
        scores = [round(float(score), _DIGITS) for score in answer.scores]
        probes.append(probe | {"items": [int(row) for row in answer.rows], "scores": scores})
    return probes


def _sure(
    runtime: Runtime, kernel: KernelModel, history: list[int], weights: list[float], tokens: list[int]
) -> dict[str, Any] | None:
    """The question, or one like it, if every runtime has the same answer to it."""
    count, words = runtime.sizes.products, len(runtime.bundle.tokens) if runtime.bundle else 0
    for turn in range(_TURNS):
        probe = {
            "history": [(row + turn) % count for row in history],
            "weights": weights,
            "tokens": sorted((token + turn) % words for token in tokens),
        }
        if kernel.spread(_profile(runtime, probe)) == 0:
            return probe
    return None


def worst_probe(runtime: Runtime) -> float | None:
    """The largest difference between a written score and the score that the model gives now, or None without probes.

    Compared are the scores place by place, and the scores of the very products that were written: two products may
    change places within a tie, and nothing else.
    """
    assert runtime.bundle is not None
    probes = runtime.bundle.document.get("probes")
    if not probes:
        return None
    worst = 0.0
    for probe in probes:
        expected = np.asarray(probe["scores"], np.float64)
        scores = runtime.score(_profile(runtime, probe)).astype(np.float64)
        best = top_k(scores, len(expected), probe["history"]).scores
        worst = max(worst, *np.abs(best - expected), *np.abs(scores[probe["items"]] - expected))
    return float(worst)


def _profile(runtime: Runtime, probe: Mapping[str, Any]) -> np.ndarray[Any, np.dtype[np.float32]]:
    tokens = probe["tokens"]
    extra = runtime.embed_text(tokens).reshape(1, -1) if tokens else None
    return runtime.profile(probe["history"], probe["weights"], extra)


def _ask(runtime: Runtime, probe: Mapping[str, Any]) -> Ranking:
    return top_k(runtime.score(_profile(runtime, probe)), _ITEMS, probe["history"])
