"""What the comparisons of `parity` share: limits, the worst of many figures, and what must be finite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from .bundle import Bundle
from .emulation import ExactModel, KernelModel
from .errors import NonFiniteError
from .histories import Case
from .parity_report import Check
from .runtime import Runtime
from .saved_model import OpenedSavedModel

__all__ = [
    "LIST_LENGTH",
    "Failures",
    "Limits",
    "Setting",
    "Worst",
    "all_right",
    "mean",
    "profile_of",
    "relative",
]

Floats = npt.NDArray[Any]

LIST_LENGTH = 20
"""Lists are compared as far down as people look."""

_MOST_REAL = 200


@dataclass(frozen=True)
class Limits:
    """What may differ, and by how much.

    Attributes:
        scores: Absolute, file against the kernels' arithmetic; relative, SavedModel against float32 file.
        exact: Absolute, file against exact arithmetic on its tables.
        exact_overlap: Mean overlap of the first 20 with exact arithmetic's.
        float_overlap: Mean overlap of the first 20 with the float model's.
        ndcg_loss: NDCG@20 of the float model less that of the file, on the holdout.
        rounding: Largest distance of a stored weight from the float model's, in steps of the table.
    """

    scores: float = 1e-5
    exact: float = 0.005
    exact_overlap: float = 0.99
    float_overlap: float = 0.95
    ndcg_loss: float = 0.002
    rounding: float = 0.501


class Failures:
    """Counts non-finite results and lets the other cases go on."""

    def __init__(self) -> None:
        self.found: list[str] = []

    @contextmanager
    def watch(self, case: Case) -> Iterator[None]:
        """Count a `NonFiniteError` of the block and leave the block."""
        try:
            yield
        except NonFiniteError as error:
            self.found.append(f"{case.kind} history: {error.where}, {error.found}")

    def check(self, values: Floats, what: str) -> None:
        """Raise `NonFiniteError` if a value is not finite."""
        if not np.isfinite(values).all():
            raise NonFiniteError(what, "finite numbers", f"{int((~np.isfinite(values)).sum())} others")


@dataclass(frozen=True)
class Setting:
    """One file, its references and the histories to try it on.

    Attributes:
        bundle: The file.
        kernel: The kernels' arithmetic on its tables.
        opened: The SavedModel that it came from, if it is at hand.
        cases: Real and hard histories.
        limits: What may differ.
        failures: Where non-finite results are counted.
    """

    bundle: Bundle
    kernel: KernelModel
    opened: OpenedSavedModel | None
    cases: Sequence[Case]
    limits: Limits
    failures: Failures = field(default_factory=Failures)

    @property
    def tie(self) -> float:
        """Scores of two executions whose difference means nothing."""
        return 2 * self.limits.scores

    def few(self) -> list[Case]:
        """All hard cases, and real ones at even distances up to a number that keeps a verification short."""
        real = [case for case in self.cases if case.kind == "real"]
        chosen = np.unique(np.linspace(0, len(real) - 1, min(_MOST_REAL, len(real))).astype(int))
        return [real[at] for at in chosen] + [case for case in self.cases if case.kind != "real"]

    def fits(self, case: Case) -> bool:
        """Whether the graph's own `recommend` can take the history in one call."""
        return len(case.history) <= self.bundle.document["history_length"] and not case.texts

    def graph_length(self, case: Case) -> int:
        """How many products the graph's own `recommend` must give: K, or all that are left."""
        own = len({row for row in case.history if row >= 0})
        return int(min(self.bundle.document["top_k"], self.bundle.document["products"] - own))


@dataclass
class Worst:
    """The largest of many figures; NaN counts as the largest, and so does having none."""

    value: float = float("nan")
    where: str = ""
    count: int = 0

    def add(self, value: float, where: str) -> None:
        """Take one more figure into account."""
        if not self.count or not value <= self.value:
            self.value, self.where = value, where
        self.count += 1


def profile_of(model: Runtime | ExactModel | KernelModel, case: Case) -> Floats:
    """The case's profile [D] as that model computes it."""
    texts = np.array([model.embed_text(text) for text in case.texts]) if case.texts else None
    return model.profile(case.history, case.weights, texts)


def relative(first: Floats, second: Floats) -> float:
    """Largest difference, relative to the largest value of the first."""
    size = float(np.abs(first).max())
    return float(np.abs(first - second).max()) / (size if size > 0 else 1.0)


def mean(values: Sequence[float]) -> float:
    """Mean; NaN, which no limit lets pass, of nothing."""
    return float(np.mean(values)) if values else float("nan")


def all_right(name: str, right: Sequence[bool], what: str) -> Check:
    """A check that no list is wrong; having compared none fails."""
    wrong = sum(not value for value in right) if right else float("nan")
    return Check.at_most(name, wrong, 0, f"{len(right)} lists compared" if wrong == 0 else f"of {len(right)} {what}")
