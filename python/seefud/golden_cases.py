"""The questions of golden.json: real histories, the hard ones, searches and products that the model never saw."""

from __future__ import annotations

import numpy as np

from seefud.prepared import Prepared
from seefud.ship import HISTORY_LENGTH, text_length
from seefud_converter.golden import GoldenCase, GoldenText

__all__ = ["golden_cases"]

REAL_HISTORIES = 8
HARD_TEXTS = ("", "ＡＹＡＭ　ﬁllet", "İstanbul ışık", "🍜 mi góreng!", "ข้าวผัด", "أرز", "co\u0301to")


def golden_cases(prepared: Prepared, *, with_text: bool = True) -> list[GoldenCase]:
    """Cases in the rows of prepared data; the same data give the same cases.

    Args:
        prepared: the data.
        with_text: whether the file holds a token table; without it no token of a text is known.
    """
    matrix, products = prepared.interactions, len(prepared.products)
    by_length = np.argsort(-np.diff(matrix.indptr), kind="stable")
    users = by_length[np.unique(np.linspace(0, len(by_length) - 1, min(REAL_HISTORIES, len(by_length))).astype(int))]
    cases = []
    for user in users:
        row = slice(matrix.indptr[user], matrix.indptr[user + 1])
        weights = tuple(float(weight) for weight in matrix.data[row])
        cases.append(GoldenCase(f"user row {user}", tuple(matrix.indices[row].tolist()), weights))
    everything = np.arange(3 * HISTORY_LENGTH + 1) % products
    texts = _texts(prepared, with_text)
    cases += [
        GoldenCase("empty"),
        GoldenCase("one product", (0,)),
        GoldenCase("last product", (products - 1,)),
        GoldenCase("full history", tuple(everything[:HISTORY_LENGTH].tolist())),
        GoldenCase("longer than one call takes", tuple(everything.tolist())),
        GoldenCase("unknown products", (-1, 0, -1)),
        GoldenCase("only unknown products", (-1, -1)),
        GoldenCase("repeated product", (0, 0, products - 1), (1.0, 1.0, 0.25)),
        GoldenCase("excluded products", (0,), exclude=tuple(range(1, min(4, products)))),
        GoldenCase("cold products for nobody", cold=texts),
        GoldenCase("cold products", (0,), cold=texts),
    ]
    cases += [GoldenCase(f"search {number}", searches=(text,)) for number, text in enumerate(texts)]
    cases += [GoldenCase(f"search {n} with a history", (0,), searches=(text,)) for n, text in enumerate(texts[:3])]
    return cases


def _texts(prepared: Prepared, with_text: bool) -> tuple[GoldenText, ...]:
    vocabulary, limit = prepared.vocabulary, text_length(prepared) if with_text else 0
    first, last = prepared.products[0], prepared.products[-1]
    longest = max(zip(prepared.products, prepared.ingredients, strict=True), key=lambda pair: len(pair[1]))
    texts = [first, f"{first} {last}", " ".join(longest), *HARD_TEXTS]
    return tuple(GoldenText(text, tuple(vocabulary.ids(text)[:limit].tolist())) for text in dict.fromkeys(texts))
