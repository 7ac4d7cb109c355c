"""How good a scorer is: full ranking over every product, the same for our model and for each baseline.

Each user's products of the training data are left out of the list, ties go to the lower row, users without a
relevant product are skipped, and a held pair that training holds too is no relevant pair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from seefud.errors import InputError
from seefud.metrics import (
    Relevant,
    bootstrap_intervals,
    catalogue_coverage,
    hit_matrix,
    long_tail_mask,
    metric_names,
    per_user_metrics,
)
from seefud.ranking import ScoreFunction, UserRows, ranked_lists, relevant_products

__all__ = [
    "Comparison",
    "Evaluation",
    "Measured",
    "compare",
    "evaluate",
]


@dataclass(frozen=True)
class Measured:
    """A metric's mean over users, with its bootstrap interval (none for coverage, see `evaluate`)."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Result of `evaluate`.

    Attributes:
        name: of the scorer.
        ks: the cuts.
        candidates: number of products that could be listed.
        evaluated: number of users measured.
        values: ``"recall@20"`` and so on to its mean and interval.
        users: int64 ``[users]``, the evaluated user rows, rising.
        per_user: metric name to float64 ``[users]``, for paired comparison; without coverage.
    """

    name: str
    ks: tuple[int, ...]
    candidates: int
    evaluated: int
    values: dict[str, Measured]
    users: UserRows
    per_user: dict[str, npt.NDArray[np.float64]]

    def __getitem__(self, metric: str) -> float:
        """The mean of one metric; ``evaluation["ndcg@20"]``."""
        return self.values[metric].value

    def to_json(self, *, per_user: bool = False) -> dict[str, Any]:
        """A value for ``json.dumps``; with ``per_user`` also what `compare` needs."""
        entry: dict[str, Any] = {
            "name": self.name,
            "ks": list(self.ks),
            "candidates": self.candidates,
            "evaluated_users": self.evaluated,
            "metrics": {
                name: {"value": found.value}
                if found.low is None
                else {"value": found.value, "low": found.low, "high": found.high}
                for name, found in self.values.items()
            },
        }
        if per_user:
            entry["users"] = self.users.tolist()
            entry["per_user"] = {name: values.tolist() for name, values in self.per_user.items()}
        return entry

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Evaluation:
        """Reads what `to_json` wrote; without per-user arrays ``users`` is empty."""
        return cls(
            name=entry["name"],
            ks=tuple(entry["ks"]),
            candidates=entry["candidates"],
            evaluated=entry["evaluated_users"],
            values={
                name: Measured(found["value"], found.get("low"), found.get("high"))
                for name, found in entry["metrics"].items()
            },
            users=np.asarray(entry.get("users", []), dtype=np.int64),
            per_user={name: np.asarray(v, dtype=np.float64) for name, v in entry.get("per_user", {}).items()},
        )


def evaluate(
    score: ScoreFunction,
    train: sp.csr_matrix,
    held: sp.csr_matrix,
    *,
    name: str = "model",
    ks: Sequence[int] = (5, 10, 20),
    candidates: npt.NDArray[np.bool_] | None = None,
    batch: int = 512,
    bootstrap: int = 1000,
    confidence: float = 0.95,
    max_users: int | None = None,
    seed: int = 0,
) -> Evaluation:
    """Ranks every candidate for every user with held products and measures the lists.

    Coverage has no interval: a bootstrap resample repeats users and so lists fewer products than the real
    users, which puts the whole interval below the value.

    Args:
        score: user rows to scores.
        train: csr ``[users, products]``, left out of the lists; also gives the popularity of the long tail.
        held: csr of the same shape, the relevant pairs.
        name: of the scorer, for tables.
        ks: cuts.
        candidates: bool ``[products]``; only these are ranked, and only held pairs among them count.
        batch: users scored at once.
        bootstrap: resamples for the intervals; 0 for none.
        confidence: of the intervals.
        max_users: evaluate a random sample of this many users, the same for every scorer with the same seed.
        seed: of the sample and of the bootstrap.

    Raises:
        InputError: nobody has a relevant product; no cut, or one below 1; or see `ranked_lists`.
    """
    cuts = tuple(sorted(set(ks)))
    if not cuts or cuts[0] < 1:
        raise InputError(f"evaluation: expected cuts of at least 1, found {tuple(ks)}; use for example 5, 10, 20")
    relevant = relevant_products(train, held, candidates)
    if not relevant.users.size:
        raise InputError(
            "evaluation: expected users with held-out products among the candidates, found none; hold out "
            "a larger share, or check that the holdout names the same users and products"
        )
    if max_users is not None and relevant.users.size > max_users:
        chosen = np.sort(np.random.default_rng(seed).permutation(relevant.users.size)[:max_users])
        relevant = Relevant(relevant.users[chosen], relevant.counts[chosen], relevant.keys, relevant.products)
    top = ranked_lists(score, train, relevant.users, cuts[-1], candidates=candidates, batch=batch)
    tail = long_tail_mask(np.bincount(train.indices, minlength=train.shape[1]))
    per_user = per_user_metrics(top, hit_matrix(top, relevant), relevant.counts, tail, cuts)
    table = np.stack([per_user[metric] for metric in metric_names(cuts)], axis=1)
    values = {metric: Measured(float(mean)) for metric, mean in zip(per_user, table.mean(axis=0), strict=True)}
    if bootstrap:
        low, high = bootstrap_intervals(table, resamples=bootstrap, confidence=confidence, seed=seed)
        for column, metric in enumerate(per_user):
            values[metric] = Measured(values[metric].value, float(low[column]), float(high[column]))
    listable = train.shape[1] if candidates is None else int(np.count_nonzero(candidates))
    for k in cuts:
        values[f"coverage@{k}"] = Measured(catalogue_coverage(top, listable, k))
    return Evaluation(name, cuts, listable, relevant.users.size, values, relevant.users, per_user)


@dataclass(frozen=True)
class Comparison:
    """Paired difference ``name - reference`` of one metric over the same users, with its standard error."""

    name: str
    reference: str
    metric: str
    difference: float
    standard_error: float

    def exceeds(self, standard_errors: float = 1.0) -> bool:
        """Whether the gain is larger than that many standard errors."""
        return self.difference > standard_errors * self.standard_error


def compare(evaluations: Sequence[Evaluation], metric: str = "ndcg@20") -> tuple[Comparison, ...]:
    """Each evaluation against the first, user by user.

    Raises:
        InputError: two evaluations hold different users, or one lacks the metric.
    """
    reference = evaluations[0]
    found: list[Comparison] = []
    for other in evaluations[1:]:
        for each in (reference, other):
            if metric not in each.per_user:
                raise InputError(
                    f"compare: expected per-user values of {metric!r} in {each.name!r}, found "
                    f"{', '.join(each.per_user) or 'none'}; evaluate it at that cut"
                )
        if not np.array_equal(reference.users, other.users):
            raise InputError(
                f"compare: expected the same users, found {reference.users.size} in {reference.name!r} and "
                f"{other.users.size} in {other.name!r}; evaluate both on one split with one seed"
            )
        gap = other.per_user[metric] - reference.per_user[metric]
        error = float(gap.std(ddof=1) / np.sqrt(gap.size)) if gap.size > 1 else float("inf")
        found.append(Comparison(other.name, reference.name, metric, float(gap.mean()), error))
    return tuple(found)
