"""Everything that `seefud diff` says of two files, and the gates that may refuse the new one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seefud.columns import ColumnNames
from seefud.errors import InputError
from seefud.list_difference import ListDifference, list_difference
from seefud.model_difference import (
    FileFacts,
    RowMoves,
    VocabularyChange,
    file_facts,
    metric_changes,
    row_moves,
    vocabulary_change,
)
from seefud.sources import Source
from seefud_converter.bundle import read_bundle
from seefud_converter.gates import QUALITY_METRICS

__all__ = ["FileDifference", "Limits", "Verdict", "compare_files", "judge"]

_ROUNDING = 1e-9  # 0.4 - 0.39 is a little more than 0.01


@dataclass(frozen=True)
class FileDifference:
    """Two files compared.

    Attributes:
        old: the file in use.
        new: the file that may replace it.
        products: titles that came and went.
        tokens: tokens that came and went.
        metrics: what both files say of their own holdout; name to old, new and difference.
        same_data: whether both files name the same interactions; None where one of them names none.
        rows: how vectors moved.
        lists: what both recommend to the same people, where interactions were given.
    """

    old: FileFacts
    new: FileFacts
    products: VocabularyChange
    tokens: VocabularyChange
    metrics: dict[str, dict[str, float]]
    same_data: bool | None
    rows: RowMoves
    lists: ListDifference | None

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``."""
        return {
            "old": vars(self.old),
            "new": vars(self.new),
            "products": vars(self.products),
            "tokens": vars(self.tokens),
            "metrics": self.metrics,
            "same_data": self.same_data,
            "rows": self.rows.to_json(),
            "lists": None if self.lists is None else self.lists.to_json(),
        }


@dataclass(frozen=True)
class Limits:
    """What the new file may change; None is no limit.

    Attributes:
        churn: largest mean share of a list that is replaced, 0 to 1.
        loss: how far recall or NDCG may fall.
        size: most bytes of the new file.

    Raises:
        InputError: a limit is not a number, which nothing could exceed.
    """

    churn: float | None = None
    loss: float | None = None
    size: int | None = None

    def __post_init__(self) -> None:
        for option, limit in (("--max-churn", self.churn), ("--max-loss", self.loss)):
            if limit is not None and not math.isfinite(limit):
                raise InputError(f"{option}: expected a number, found {limit}; leave the option out for no limit")


@dataclass(frozen=True)
class Verdict:
    """One gate's answer: the option that set it, the limit, what was found, and, where refused, the message."""

    gate: str
    limit: float
    found: float
    message: str | None

    @property
    def passed(self) -> bool:
        """Whether the new file may go on."""
        return self.message is None

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``."""
        return {**vars(self), "passed": self.passed}


def compare_files(
    old: Path,
    new: Path,
    interactions: Source | None = None,
    *,
    holdout: Source | None = None,
    k: int = 20,
    columns: ColumnNames | None = None,
    rating_scale: float | None = None,
) -> FileDifference:
    """Reads and compares two files; without interactions nothing is run.

    Args:
        old: the file in use.
        new: the file that may replace it.
        interactions: real histories, to compare the lists of their people.
        holdout: what these people did afterwards, not known to either file.
        k: length of the lists.
        columns: names of the columns.
        rating_scale: the best rating, if not that of the file; what types are worth is what `new` was trained with.

    Raises:
        InputError: a file of data cannot be used.
        BundleError: a model file cannot be trusted.
    """
    if holdout is not None and interactions is None:
        raise InputError("a holdout needs the interactions before it; give both")
    before, after = read_bundle(old), read_bundle(new)
    facts = file_facts(before), file_facts(after)
    digests = [each.interactions_sha256 for each in facts]
    lists = None
    if interactions is not None:
        lists = list_difference(
            before, after, interactions, holdout=holdout, k=k, columns=columns, rating_scale=rating_scale
        )
    return FileDifference(
        *facts,
        vocabulary_change(before.products, after.products),
        vocabulary_change(before.tokens, after.tokens),
        metric_changes(before.document, after.document),
        None if None in digests else digests[0] == digests[1],
        row_moves(before, after),
        lists,
    )


def judge(difference: FileDifference, limits: Limits) -> tuple[Verdict, ...]:
    """Applies the limits that are set, all of them, whatever the first ones say.

    The loss is measured on the holdout that was given, or else is that of the metrics that both files carry.

    Raises:
        InputError: a limit asks for something that was not measured.
    """
    found = []
    if limits.churn is not None:
        found.append(_churn(difference, limits.churn))
    if limits.loss is not None:
        found.append(_loss(difference, limits.loss))
    if limits.size is not None:
        found.append(_size(difference, limits.size))
    return tuple(found)


def _churn(difference: FileDifference, limit: float) -> Verdict:
    lists = difference.lists
    if lists is None:
        raise InputError(
            "--max-churn: expected histories to compare lists on, found none; give them with --interactions"
        )
    message = None
    if lists.churn > limit + _ROUNDING:
        message = (
            f"{difference.new.path}: --max-churn: expected at most {limit:.2%} of a list of {lists.k} replaced, found "
            f"{lists.churn:.2%} over {lists.people:,} people; train nearer to the old file, or allow more"
        )
    return Verdict("--max-churn", limit, lists.churn, message)


def _loss(difference: FileDifference, limit: float) -> Verdict:
    lists = difference.lists
    if lists is not None and lists.holdout:
        where = "on the holdout"
        pairs = {name: (metric.old, metric.new) for name, metric in lists.holdout.items()}
    else:
        where = "by the files' own holdouts"
        own = difference.metrics
        pairs = {name: (own[name]["old"], own[name]["new"]) for name in QUALITY_METRICS if name in own}
    if not pairs:
        raise InputError(
            f"--max-loss: expected {' or '.join(QUALITY_METRICS)} in both files, found none; give a holdout with "
            "--interactions and --holdout"
        )
    losses = {name: before - after for name, (before, after) in pairs.items()}
    fallen = [
        f"{name} from {pairs[name][0]:.4f} to {pairs[name][1]:.4f}"
        for name, loss in losses.items()
        if not loss <= limit + _ROUNDING
    ]
    message = None
    if fallen:
        message = (
            f"{difference.new.path}: --max-loss: expected {' and '.join(pairs)} to fall by at most {limit:g} {where}, "
            f"found {' and '.join(fallen)}; keep the old file, or allow more"
        )
    return Verdict("--max-loss", limit, max(losses.values()), message)


def _size(difference: FileDifference, limit: int) -> Verdict:
    size = difference.new.bytes
    message = None
    if size > limit:
        message = (
            f"{difference.new.path}: --max-size: expected at most {limit:,} bytes, found {size:,}; build with a "
            "smaller dimension or a smaller recipe, or allow more"
        )
    return Verdict("--max-size", limit, size, message)
