"""Text rules: how titles meet, how text becomes words, how words become token ids.

These rules run again on the phone, in another language, so each is spelt out in Unicode terms and
nothing depends on a locale. A golden file pins the hard cases.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["TokenVocabulary", "bigrams", "canonical_title", "collapse", "normalise", "words"]


class _LettersAndDigits(dict[int, int]):
    """A translation table that fills itself: letters (L*) and decimal digits (Nd) stay, the rest is a space.

    It grows by one entry per distinct code point met, so at most by the size of Unicode.
    """

    def __missing__(self, code: int) -> int:
        category = unicodedata.category(chr(code))
        kept = code if category[0] == "L" or category == "Nd" else 0x20
        self[code] = kept
        return kept


_TABLE = _LettersAndDigits()


def normalise(text: str) -> str:
    """Text as the token vocabulary sees it.

    NFKC, then Unicode lower case without a locale, then every code point that is neither a letter
    (category L*) nor a decimal digit (Nd) becomes a space; runs of spaces become one, the ends are trimmed.
    Combining marks that survive NFKC are neither, so they separate words (Thai and Arabic vowel signs do).
    """
    return " ".join(unicodedata.normalize("NFKC", text).lower().translate(_TABLE).split())


def words(text: str) -> list[str]:
    """The distinct words of the normalised text, in the order they were first seen."""
    return list(dict.fromkeys(normalise(text).split()))


def bigrams(text: str) -> list[str]:
    """The distinct pairs of neighbouring words, each ``"first second"``, in the order they were first seen.

    Neighbours are taken before repeated words are removed: ``"a b a"`` holds ``"a b"`` and ``"b a"``.
    """
    return _pairs(normalise(text).split())


def _pairs(sequence: list[str]) -> list[str]:
    return list(dict.fromkeys(f"{a} {b}" for a, b in pairwise(sequence)))


def collapse(text: str) -> str:
    """Text on one line: white space trimmed at the ends, each inner run (line breaks too) one space."""
    return " ".join(text.split())


def canonical_title(title: str) -> str:
    """The form in which titles meet: NFKC, full case folding, trimmed and collapsed white space."""
    return collapse(unicodedata.normalize("NFKC", title).casefold())


def _tokens(title: str, ingredients: str, with_pairs: bool) -> list[str]:
    """The distinct words of both fields, then the pairs of the title."""
    sequence = normalise(title).split()
    found = list(dict.fromkeys(sequence + normalise(ingredients).split()))
    return found + _pairs(sequence) if with_pairs else found


@dataclass(frozen=True)
class TokenVocabulary:
    """The known tokens; a token's id is its place.

    Attributes:
        tokens: words, and bigrams of titles (these hold one space), by falling document frequency,
            ties in code point order.
        bigrams: whether neighbouring words of a title are looked up too.
    """

    tokens: tuple[str, ...]
    bigrams: bool

    @classmethod
    def fit(
        cls,
        titles: Sequence[str],
        ingredients: Sequence[str],
        *,
        min_document_frequency: int = 2,
        bigrams: bool = True,
        max_tokens: int = 50_000,
    ) -> TokenVocabulary:
        """The vocabulary of a catalogue.

        Args:
            titles: one per product.
            ingredients: one per product, blank where unknown; same length.
            min_document_frequency: a token is kept when at least so many products hold it. Where there
                are fewer products than that, their number takes its place: a single product still has text.
            bigrams: take the bigrams of titles too.
            max_tokens: keep at most so many, the most frequent ones.
        """
        frequency: Counter[str] = Counter()
        for title, text in zip(titles, ingredients, strict=True):
            frequency.update(_tokens(title, text, bigrams))
        least = min(min_document_frequency, len(titles))
        kept = sorted((token for token, n in frequency.items() if n >= least), key=lambda t: (-frequency[t], t))
        return cls(tuple(kept[:max_tokens]), bigrams)

    @cached_property
    def index(self) -> dict[str, int]:
        """Token -> id."""
        return {token: place for place, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def ids(self, title: str, ingredients: str = "") -> NDArray[np.int32]:
        """The known tokens of a text: int32 [n], distinct, ascending; empty where nothing is known.

        Args:
            title: a title or a search; with bigrams, its pairs of neighbouring words are looked up as well.
            ingredients: further words, never paired.
        """
        index = self.index
        known = {index[token] for token in _tokens(title, ingredients, self.bigrams) if token in index}
        return np.array(sorted(known), dtype=np.int32)

    def unknown(self, title: str, ingredients: str = "") -> list[str]:
        """The words of a text that the vocabulary does not hold, in the order they were first seen."""
        return [word for word in _tokens(title, ingredients, False) if word not in self.index]

    def ids_of_many(
        self, titles: Iterable[str], ingredients: Iterable[str]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Token ids of many products in compressed rows.

        Returns:
            indptr int64 [n + 1] and indices int32 [nnz], as `scipy.sparse.csr_matrix` wants them.
        """
        rows = [self.ids(title, text) for title, text in zip(titles, ingredients, strict=True)]
        indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
        return indptr, np.concatenate([np.zeros(0, np.int32), *rows]).astype(np.int32)
