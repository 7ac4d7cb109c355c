"""The second table: how a scorer treats products that training never saw.

Four questions, each a full ranking: cold products among cold ones, cold products in one list with the warm,
and what the warm products lose by that company (warm in the mixed list against warm alone). A scorer that
cannot tell cold products apart shows it in the first; one that lets them displace warm products shows it in
the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from seefud.errors import InputError
from seefud.evaluation import Evaluation, evaluate
from seefud.ranking import ScoreFunction

__all__ = ["ColdEvaluation", "cold_evaluation"]


@dataclass(frozen=True, eq=False)
class ColdEvaluation:
    """Result of `cold_evaluation` for one scorer; the warm half is None without held warm pairs.

    Attributes:
        name: of the scorer.
        cold_alone: held cold pairs, only cold products listed.
        cold_mixed: held cold pairs, all products in one list.
        warm_alone: held warm pairs, only warm products listed.
        warm_mixed: held warm pairs, all products in one list.
    """

    name: str
    cold_alone: Evaluation
    cold_mixed: Evaluation
    warm_alone: Evaluation | None = None
    warm_mixed: Evaluation | None = None

    def warm_loss(self, metric: str = "recall@20") -> float | None:
        """Share of the warm products' metric that is lost in the mixed list: 0.05 is 5 %."""
        if self.warm_alone is None or self.warm_mixed is None:
            return None
        alone = self.warm_alone[metric]
        return (alone - self.warm_mixed[metric]) / alone if alone > 0 else 0.0

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``."""
        entry: dict[str, Any] = {"name": self.name}
        for part in ("cold_alone", "cold_mixed", "warm_alone", "warm_mixed"):
            found: Evaluation | None = getattr(self, part)
            entry[part] = None if found is None else found.to_json()
        if self.warm_alone is not None:
            entry["warm_loss"] = {f"recall@{k}": self.warm_loss(f"recall@{k}") for k in self.warm_alone.ks}
        return entry

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> ColdEvaluation:
        """Reads what `to_json` wrote."""

        def part(name: str) -> Evaluation | None:
            return None if entry[name] is None else Evaluation.from_json(entry[name])

        return cls(
            name=entry["name"],
            cold_alone=Evaluation.from_json(entry["cold_alone"]),
            cold_mixed=Evaluation.from_json(entry["cold_mixed"]),
            warm_alone=part("warm_alone"),
            warm_mixed=part("warm_mixed"),
        )


def cold_evaluation(
    scorers: Mapping[str, ScoreFunction],
    train: sp.csr_matrix,
    cold: sp.csr_matrix,
    warm_mask: npt.NDArray[np.bool_],
    warm_held: sp.csr_matrix | None = None,
    *,
    ks: Sequence[int] = (5, 10, 20),
    batch: int = 512,
    bootstrap: int = 1000,
    max_users: int | None = None,
    seed: int = 0,
) -> tuple[ColdEvaluation, ...]:
    """Evaluates every scorer on the same cold split.

    Args:
        scorers: name to score function. Each scores **all** products, cold ones included, with whatever prior
            it gives them: our model from its text rows, the ``content`` baseline from TF-IDF.
        train: csr ``[users, products]`` with empty cold columns.
        cold: csr of the same shape, only cold columns: the pairs taken out.
        warm_mask: bool ``[products]``, true where training knows the product.
        warm_held: csr of the same shape, held pairs of warm products, for the warm half of the table.
        ks: cuts.
        batch: users scored at once.
        bootstrap: resamples for the intervals; 0 for none.
        max_users: evaluate a random sample of this many users.
        seed: of the sample and of the bootstrap.

    Raises:
        InputError: training holds a cold product; or see `seefud.evaluation.evaluate`.
    """
    leaked = int(np.count_nonzero(~warm_mask[train.indices]))
    if leaked:
        raise InputError(
            f"cold evaluation: expected no cold product in the training matrix, found {leaked} "
            "interactions with one; pass the train matrix of the same cold split"
        )

    def measure(
        name: str, score: ScoreFunction, held: sp.csr_matrix, candidates: npt.NDArray[np.bool_] | None
    ) -> Evaluation:
        return evaluate(
            score,
            train,
            held,
            name=name,
            ks=ks,
            candidates=candidates,
            batch=batch,
            bootstrap=bootstrap,
            max_users=max_users,
            seed=seed,
        )

    return tuple(
        ColdEvaluation(
            name=name,
            cold_alone=measure(name, score, cold, ~warm_mask),
            cold_mixed=measure(name, score, cold, None),
            warm_alone=None if warm_held is None else measure(name, score, warm_held, warm_mask),
            warm_mixed=None if warm_held is None else measure(name, score, warm_held, None),
        )
        for name, score in scorers.items()
    )
