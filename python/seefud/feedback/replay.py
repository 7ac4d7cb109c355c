"""A new model tried on the lists that others showed: what its order of the same products would have been worth.

Under the position-based model a click at rank r tells of a liking that was looked at with `examination(r)`; the same
product at rank r' would have been clicked `examination(r') / examination(r)` times as often. That ratio is the inverse
propensity weight (Joachims, Swaminathan and Schnabel, WSDM 2017; Li et al., "Offline evaluation of ranking policies
with click models", KDD 2018), clipped at a largest value (Ionides, 2008), and the weighted clicks are divided by the
weighted looks, not by the number of lists (self-normalised: Swaminathan and Joachims, NIPS 2015):

    worth = looks per list * sum(weight * click) / sum(weight * examination(logged rank))

The log says nothing of products that it did not show. So the old and the new lists are compared on the products that
both hold, each list with its own ranks: for two models of equal worth the expected difference is 0, whichever of them
was logged. (To give the new model the clicks of all logged products would not do: these were chosen by the old model's
scores, which leaves the old order little to tell them apart by, and any other model would look better.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from seefud.arrays import Array
from seefud.errors import InputError
from seefud.feedback.logged_lists import LoggedLists
from seefud.feedback.position_bias import PositionBias
from seefud.feedback.replay_counts import NewLists, ReplayCounts
from seefud.feedback.resampling import half_width, resamples

__all__ = ["FEWEST_PEOPLE", "LEAST_OVERLAP", "Estimate", "Replay", "Verdict", "replay"]

Verdict = Literal["better", "worse", "not decided"]

LEAST_OVERLAP = 0.3
"""Of the new model's first k products so many must have been shown in the logged list, or there is no verdict."""

FEWEST_PEOPLE = 20
"""Below so many people a bootstrap over people is no measure of chance."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval over people; None where it cannot be known."""

    value: float | None
    low: float | None
    high: float | None

    def to_json(self) -> dict[str, float | None]:
        """A value for ``json.dumps``."""
        return vars(self)


@dataclass(frozen=True)
class Replay:
    """The new model on logged lists; figures are clicks at the first k ranks, per list.

    Attributes:
        k: ranks that count.
        lists: how many were replayed.
        people: whose they are.
        overlap: mean share of the new list's first k products that the logged list showed.
        clipped: share of the weighted clicks' impressions whose weight was cut to `CLIP`.
        logged: what was clicked.
        old: the logged order, on the products that both lists hold.
        new: the new order, on these.
        difference: new less old.
        sure: clicks of the new list if nobody had liked what was not shown, less what was clicked.
        verdict: on the new model.
        reason: why it is not decided, or what decided it.
    """

    k: int
    lists: int
    people: int
    overlap: float | None
    clipped: float | None
    logged: Estimate
    old: Estimate
    new: Estimate
    difference: Estimate
    sure: Estimate
    verdict: Verdict
    reason: str

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``."""
        figures = ("logged", "old", "new", "difference", "sure")
        return {
            **{name: value for name, value in vars(self).items() if name not in figures},
            **{name: getattr(self, name).to_json() for name in figures},
        }


def replay(lists: LoggedLists, new: NewLists, bias: PositionBias, k: int) -> Replay:
    """Compares the new lists with the logged ones.

    Args:
        lists: what was shown and clicked.
        new: what the new model would have shown instead.
        bias: fitted to `lists`.
        k: ranks that count.

    Returns:
        estimates and a verdict; without examination, or without a list, no estimates and no decision.

    Raises:
        InputError: k is below 1.
    """
    if k < 1:
        raise InputError(f"k is {k}; expected at least 1 rank that counts")
    if not new.lists.size:
        return _without(k, 0, "no list to try it on has a time")
    if bias.reason is not None:
        return _without(k, int(new.lists.size), f"how much lower ranks are looked at is not known: {bias.reason}")
    counts = ReplayCounts.of(lists, new, bias, k)
    value = counts.figures(bias.examination, np.ones(len(lists.users)))
    drawn = [
        counts.figures(examination, weights)
        for examination, weights in zip(bias.replicates, resamples(len(lists.users)), strict=True)
    ]
    estimates = {
        name: _estimate(value[name], np.array([each[name] for each in drawn]), counts.people) for name in value
    }
    overlap = counts.overlap
    verdict, reason = _verdict(estimates["difference"], estimates["sure"], overlap, counts.people)
    return Replay(
        k=k,
        lists=int(new.lists.size),
        people=counts.people,
        overlap=overlap,
        clipped=counts.clipped(bias.examination),
        **estimates,
        verdict=verdict,
        reason=reason,
    )


def _without(k: int, lists: int, reason: str) -> Replay:
    unknown = Estimate(None, None, None)
    return Replay(k, lists, 0, None, None, unknown, unknown, unknown, unknown, unknown, "not decided", reason)


def _verdict(difference: Estimate, sure: Estimate, overlap: float, people: int) -> tuple[Verdict, str]:
    if people < FEWEST_PEOPLE:
        return "not decided", f"only {people} people; at least {FEWEST_PEOPLE} are needed"
    if sure.low is not None and sure.low > 0:
        return "better", "its list is worth more even if nobody had liked what was not shown"
    if overlap < LEAST_OVERLAP:
        return "not decided", (
            f"only {overlap:.0%} of the new model's products were shown in these lists, at least {LEAST_OVERLAP:.0%} "
            "are needed; the log cannot speak for the others"
        )
    if difference.low is None or difference.high is None:
        return "not decided", "too few clicks on products that both lists hold"
    if difference.low <= 0 <= difference.high:
        return "not decided", "the difference may be chance: its interval holds 0"
    better = difference.low > 0
    more = "more" if better else "less"
    return "better" if better else "worse", f"its order of the products that both lists hold is worth {more}"


def _estimate(value: float, replicates: Array, people: int) -> Estimate:
    if np.isnan(value):
        return Estimate(None, None, None)
    half = half_width(replicates, people)
    return Estimate(float(value), None, None) if half is None else Estimate(float(value), value - half, value + half)
