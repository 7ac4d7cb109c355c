"""New products: their prior and the rule by which lists mix them in, chosen on validation by cost and gain."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.cold_selection import MAX_USERS, ColdPlays, text_rows
from seefud.mixed_lists import BestLists, MixedLists, Outcome
from seefud.mixing import Mixing
from seefud.model import PopularityPrior, popularity_z
from seefud.ranking import HistoryScorer, relevant_products
from seefud.selection import Choice

__all__ = ["choose_cold_prior", "choose_mixing", "chosen_lift"]

MAX_WARM_LOSS = 0.05
"""Share of the warm products' recall@20 that new products may cost in one mixed list."""
SURE = 1.0
"""Standard errors of the loss that must fit below `MAX_WARM_LOSS` too: other new products cost more or less."""
SURE_OF_ROWS = 2.0
"""The same for products in the table, which nothing makes give way. Their cost depends more on the data: on four draws
of ml-100k that no choice had seen, one standard error let 5.1 % be lost."""
WORDS = (0.0, 0.03, 0.06, 0.1)
"""Weights tried for the logarithm of the number of known words."""
CROWDINGS = (0.0, 0.03, 0.06, 0.1, 0.15)
"""Amounts tried by which each further new product of a list gets less."""
LOWEST = -0.6
"""The lowest prior of new products, relative to the mean prior of the others."""
HIGHEST = 0.6
"""The highest place that is tried, likewise. For the prior itself it is 0: above it, a profile that says nothing would
get the products that nobody touched before the popular ones."""
HALVINGS = 10


def choose_mixing(rows: Array, product_tokens: sp.csr_matrix, beta: float, ridge: float, plays: ColdPlays) -> Choice:
    """Crowding and the weight of known words: the largest recall of new products in a mixed list at the allowed cost.

    Args:
        rows: float32 [N, D], trained on `plays.train`.
        product_tokens: csr [N, V].
        beta: of the popularity prior, chosen before.
        ridge: penalty of the token table, chosen before.
        plays: of the validation split.

    Returns:
        The crowding as the value; each entry of the evidence names its `crowding`, its `words` and the `place` of the
        best new product, relative to its cosine and its words. The chosen one stands first.
    """
    if not product_tokens.shape[1]:
        return Choice(0.0, "no text to rank new products by", ())
    if not plays.measurable:
        return Choice(0.0, "too few interactions to measure", ())
    mean, base = _warm_prior(plays, beta)
    texts = text_rows(rows, product_tokens, ridge, plays)
    evidence: list[dict[str, float]] = []
    every = _Lists(texts, base, product_tokens, plays)
    for words in WORDS:
        lists = every.at(words)
        for crowding in CROWDINGS:
            place, found = _largest(lists, crowding, SURE, mean + LOWEST, mean + HIGHEST)
            evidence.append({"crowding": crowding, "words": words, "place": place, **_entry(found)})
    best = max(evidence, key=lambda entry: entry["cold_recall@20"])
    others = [entry for entry in evidence if entry is not best]
    return Choice(
        best["crowding"], f"largest recall@20 of new products in a mixed list, {_limit(SURE)}", (best, *others)
    )


def choose_cold_prior(
    rows: Array, product_tokens: sp.csr_matrix, beta: float, ridge: float, words: float, plays: ColdPlays
) -> Choice:
    """The largest prior of new products whose places are those of their scores, at the allowed cost.

    Args:
        rows: float32 [N, D], trained on `plays.train`.
        product_tokens: csr [N, V].
        beta: of the popularity prior, chosen before.
        ridge: penalty of the token table, chosen before.
        words: weight of known words, chosen before.
        plays: of the validation split.

    Returns:
        As the value, the prior of a new product without a known word.
    """
    mean, base = _warm_prior(plays, beta)
    lowest = mean + LOWEST
    if not product_tokens.shape[1]:
        # Not lower: where the table holds such products, one of them would make its int8 column coarse for all others.
        known = np.diff(plays.train.tocsc().indptr) > 0
        least = float(base[known].min(initial=mean))
        return Choice(least, "no text to rank cold products by: the least prior of the others", ())
    middle = _mean_words(product_tokens, plays)
    if not plays.measurable:
        return Choice(lowest - words * middle, "too few interactions to measure: cold products come last", ())
    lists = _Lists(text_rows(rows, product_tokens, ridge, plays), base, product_tokens, plays).at(words)
    evidence: list[dict[str, float]] = []

    def tried(prior: float, found: Outcome) -> None:
        evidence.append({"prior": prior - words * middle, **_entry(found)})

    prior, _ = _largest(lists, 0.0, SURE_OF_ROWS, lowest, mean, tried)
    rule = f"largest prior without a rule for mixing, {_limit(SURE_OF_ROWS)}"
    return Choice(prior - words * middle, rule, tuple(evidence))


def chosen_lift(mixing: Choice, cold: Choice, product_tokens: sp.csr_matrix, plays: ColdPlays) -> float:
    """How far the best new product's place is above its score; 0 where nothing was measured."""
    if not mixing.evidence:
        return 0.0
    best = mixing.evidence[0]
    return float(best["place"] - best["words"] * _mean_words(product_tokens, plays) - cold.value)


def _limit(sure: float) -> str:
    errors = f"{sure:g} standard error{'s' * (sure != 1)}"
    return f"at a loss of warm recall@20 that is, with {errors} more, at most {MAX_WARM_LOSS:.1%}, on validation"


def _warm_prior(plays: ColdPlays, beta: float) -> tuple[float, Array]:
    """The mean prior of products with interactions, and the prior float32 [N] of all by their counts."""
    counts = np.diff(plays.train.tocsc().indptr)
    base = np.asarray(beta * popularity_z(counts), np.float32)
    known = counts > 0
    return (float(base[known].mean()) if known.any() else 0.0), base


def _mean_words(product_tokens: sp.csr_matrix, plays: ColdPlays) -> float:
    """Mean of log(1 + n) over the products with interactions."""
    known = np.diff(plays.train.tocsc().indptr) > 0
    counts = np.asarray(product_tokens[known].sum(axis=1)).ravel()
    return float(np.log1p(counts).mean()) if counts.size else 0.0


class _Lists:
    """The lists of every draw, for any weight of known words; warm products are the same in all draws."""

    def __init__(self, rows: Array, base: Array, product_tokens: sp.csr_matrix, plays: ColdPlays) -> None:
        self._rows, self._plays = rows, plays
        self._counts = np.asarray(product_tokens.sum(axis=1)).ravel()
        self._mean_words = _mean_words(product_tokens, plays)
        self._scorer = HistoryScorer(rows, plays.train)
        warm = np.diff(plays.train.tocsc().indptr) > 0
        pairs = [(plays.warm_held, warm), *zip(plays.cold_held, plays.played, strict=True)]
        users = np.unique(np.concatenate([relevant_products(plays.train, *pair).users for pair in pairs]))
        if users.size > MAX_USERS:
            users = np.sort(np.random.default_rng(0).choice(users, MAX_USERS, replace=False))
        self._users = users
        self._warm = self._taken(base, plays.warm_held, warm)

    def at(self, words: float) -> tuple[MixedLists, ...]:
        """With a prior of 0 for a new product of mean length."""
        prior = PopularityPrior(cold=-words * self._mean_words, words=words).of_new(self._counts)
        drawn = zip(self._plays.cold_held, self._plays.played, strict=True)
        return tuple(MixedLists(self._warm, self._taken(prior, held, played)) for held, played in drawn)

    def _taken(self, prior: Array, held: sp.csr_matrix, sort: Array) -> BestLists:
        return BestLists.take(self._scorer, (self._rows, prior), self._plays.train, held, sort, self._users)


def _largest(
    lists: Sequence[MixedLists],
    crowding: float,
    sure: float,
    low: float,
    high: float,
    tried: Callable[[float, Outcome], None] | None = None,
) -> tuple[float, Outcome]:
    """The highest place at the allowed cost, by bisection: the cost grows with it. The lowest one is always allowed."""

    def at(place: float) -> tuple[bool, Outcome]:
        each = [found.outcome(Mixing(0.0, crowding), place) for found in lists]
        error = float(np.sqrt(np.square([one.standard_error for one in each]).sum())) / len(each)
        mean = Outcome(
            float(np.mean([one.warm_loss for one in each])), error, float(np.mean([one.cold_recall for one in each]))
        )
        if tried is not None:
            tried(place, mean)
        return mean.warm_loss + sure * mean.standard_error <= MAX_WARM_LOSS, mean

    allowed, found = at(high)
    if allowed:
        return high, found
    _, best = at(low)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        allowed, found = at(middle)
        if allowed:
            low, best = middle, found
        else:
            high = middle
    return low, best


def _entry(found: Outcome) -> dict[str, float]:
    return {
        "cold_recall@20": found.cold_recall,
        "warm_loss": found.warm_loss,
        "standard_error": found.standard_error,
    }
