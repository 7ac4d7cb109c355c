"""Histories on which two executions of a model are compared: real ones, and hard ones of every kind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from .errors import InputError

__all__ = ["Case", "hard_cases", "real_cases"]


@dataclass(frozen=True)
class Case:
    """One profile to be made and ranked with.

    Attributes:
        kind: `real`, or what is hard about it.
        history: Rows, -1 = a product that is not in the model.
        weights: One for each row.
        texts: Token ids of searches and of products without a row; each adds its vector to the profile.
        relevant: Rows that the user chose afterwards; None if nobody knows.
    """

    kind: str
    history: tuple[int, ...] = ()
    weights: tuple[float, ...] = ()
    texts: tuple[tuple[int, ...], ...] = ()
    relevant: frozenset[int] | None = None


def real_cases(
    histories: Sequence[Sequence[int]],
    weights: Sequence[Sequence[float]] | None = None,
    holdout: Sequence[Collection[int]] | None = None,
    most: int = 2000,
) -> list[Case]:
    """Cases of real histories; of more than `most`, those at even distances, so that nobody picks them.

    Raises:
        InputError: The three lists differ in length.
    """
    for name, given in (("weights", weights), ("holdout", holdout)):
        if given is not None and len(given) != len(histories):
            raise InputError(name, f"{len(histories)}, one for each history", str(len(given)))
    chosen = np.unique(np.linspace(0, len(histories) - 1, min(most, len(histories))).astype(int))
    return [
        Case(
            "real",
            tuple(int(row) for row in histories[at]),
            tuple(float(w) for w in weights[at]) if weights is not None else (1.0,) * len(histories[at]),
            relevant=frozenset(int(row) for row in holdout[at]) if holdout is not None else None,
        )
        for at in chosen
    ]


def hard_cases(
    products: int,
    history_length: int,
    tokens: int,
    text_length: int,
    *,
    texts: Sequence[Sequence[int]] = (),
    seed: int = 0,
) -> list[Case]:
    """Every kind of history that has broken a recommender.

    Args:
        products: Rows N of the model.
        history_length: H, what one call takes.
        tokens: Rows V of the token table; 0 for a model without text.
        text_length: T, what one call takes.
        texts: Token ids of real texts, used beside made ones.
        seed: Of the rows that are drawn.
    """
    draw = np.random.default_rng(seed)

    def rows(count: int) -> tuple[int, ...]:
        return tuple(int(row) for row in draw.integers(0, products, count))

    def ones(history: tuple[int, ...]) -> tuple[float, ...]:
        return (1.0,) * len(history)

    single = [(0,), (products - 1,), *(rows(1) for _ in range(6))]
    first, second = rows(2)
    found = [Case("empty")]
    found += [Case("one item", history, (1.0,)) for history in single]
    for kind, length in (("full length", history_length), ("over-long", 3 * history_length + 1)):
        found += [Case(kind, history, ones(history)) for history in (rows(length), rows(length))]
    for history in (
        (-1, first, -1, second),
        (-1,) * min(3, history_length),
        (first, *(-1,) * history_length),
    ):
        found.append(Case("unknown ids", history, ones(history)))
    found.append(Case("repeated items", (first, first, first, second), (1.0,) * 4))
    found.append(Case("repeated items", (first,) * (history_length + 1), (1.0,) * (history_length + 1)))
    history = rows(min(5, history_length))
    found.append(Case("uneven weights", history, tuple(float(w) for w in draw.uniform(0.001, 5, len(history)))))
    found.append(Case("uneven weights", (first,), (1e-3,)))
    if tokens:
        made = [tuple(int(t) for t in draw.choice(tokens, min(n, tokens, text_length), False)) for n in (1, 4)]
        made.append(tuple(int(t) for t in draw.integers(0, tokens, text_length)))
        for text in [*made, *(tuple(int(t) for t in text[:text_length]) for text in texts)]:
            found += [
                Case("cold text", (), (), (text,)),
                Case("cold text", (first, second), (1.0, 1.0), (text,)),
            ]
    found.append(Case("cold text", (), (), ((-1, -1),)))
    return found
