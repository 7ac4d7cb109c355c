"""The form of the probes in `bundle.json`: what a reader checks before it asks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .errors import DocumentError

__all__ = ["MOST_ITEMS", "MOST_PROBES", "check_probes"]

MOST_PROBES = 16
MOST_ITEMS = 20
"""Of one answer."""

_LARGEST = float(np.finfo(np.float32).max)


def check_probes(document: Mapping[str, Any], where: str) -> None:
    """Checks the form of `probes`, if there are any: rows, ids and numbers that can be asked and compared.

    Raises:
        DocumentError: A probe does not fit the model.
    """
    if "probes" not in document:
        return
    probes = document["probes"]
    if not isinstance(probes, list) or len(probes) > MOST_PROBES:
        found = f"{len(probes)}" if isinstance(probes, list) else type(probes).__name__
        raise DocumentError(f"{where}: probes", f"a list of at most {MOST_PROBES}", found, "build the bundle again")
    for number, probe in enumerate(probes):
        if not _fits(probe, document):
            raise DocumentError(
                f"{where}: probes[{number}]",
                "history, weights, tokens, items and scores that fit the model",
                repr(probe)[:80],
                "build the bundle again",
            )


def _fits(probe: Any, document: Mapping[str, Any]) -> bool:
    names = ("history", "weights", "tokens", "items", "scores")
    if not isinstance(probe, dict) or not all(isinstance(probe.get(name), list) for name in names):
        return False
    history, weights, tokens, items, scores = (probe[name] for name in names)
    return bool(
        len(history) == len(weights) <= document["history_length"]
        and len(tokens) <= document["text_length"]
        and 1 <= len(items) == len(scores) <= MOST_ITEMS
        and all(_whole(row, document["products"]) for row in [*history, *items])
        and all(_whole(token, document["tokens"]) for token in tokens)
        and all(_finite(number) for number in [*weights, *scores])
        and len({*items, *history}) == len(items) + len(set(history))
    )


def _whole(value: Any, below: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < below


def _finite(value: Any) -> bool:
    """Whether it is a number that float32 holds; JSON has whole numbers of any length."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST
