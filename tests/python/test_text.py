"""Text rules: hard Unicode cases by hand, and a naive second tokenizer as oracle."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seefud.text import TokenVocabulary, bigrams, canonical_title, collapse, normalise, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("  Sate   JAMUR\ttahu\n", "sate jamur tahu"),
        ("ayam-goreng, pedas!", "ayam goreng pedas"),
        ("ﬁlet", "filet"),  # ligature
        ("ＡＹＡＭ １２", "ayam 12"),  # full width
        ("x² ½ Ⅷ", "x2 1 2 viii"),  # compatibility forms
        ("İstanbul", "i stanbul"),  # lower case gives i and a combining dot, which separates
        ("ISPARTA ı", "isparta ı"),  # no Turkish locale
        ("CAFÉ", "café"),
        ("cafe\u0301", "café"),  # composed first
        ("ΟΔΟΣ", "οδος"),  # final sigma
        ("Straße", "straße"),  # lower case, not folding
        ("nasi🍚goreng", "nasi goreng"),
        ("مَرحبا", "م رحبا"),  # the vowel sign is a mark
        ("ผัดไทย", "ผ ดไทย"),
        ("٣ ३", "٣ ३"),  # digits of any script
        ("snake_case", "snake case"),
        ("a\u200bb", "a b"),
        ("🍚!?", ""),
    ],
)
def test_normalise_hard_cases(text: str, expected: str) -> None:
    assert normalise(text) == expected


def _naive(text: str) -> str:
    out = ""
    for character in unicodedata.normalize("NFKC", text).lower():
        letter = unicodedata.category(character) in {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"}
        if letter:
            out += character
        elif out and out[-1] != " ":
            out += " "
    return out.strip(" ")


@given(st.text())
@example("İ ǅ ῼ ﷺ")
def test_normalise_agrees_with_a_naive_one(text: str) -> None:
    assert normalise(text) == _naive(text)


def test_words_are_distinct_in_first_seen_order() -> None:
    assert words("telur gulung TELUR sosis, gulung") == ["telur", "gulung", "sosis"]


def test_bigrams_are_taken_before_repeats_are_removed() -> None:
    assert bigrams("a b a b c") == ["a b", "b a", "b c"]
    assert bigrams("satu") == []
    assert bigrams("") == []


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("  Sate  Jamur\u00a0TAHU ", "sate jamur tahu"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Ａyam", "ayam"),
        ("Café!", "café!"),  # punctuation counts
        ("\u2028", ""),
    ],
)
def test_canonical_title(title: str, expected: str) -> None:
    assert canonical_title(title) == expected


@given(st.text())
def test_canonical_title_is_one_trimmed_line(title: str) -> None:
    key = canonical_title(title)
    assert len(key.splitlines()) <= 1
    assert key == collapse(key)
    assert canonical_title(collapse(title)) == key


@given(st.text(alphabet=st.characters(max_codepoint=0x24F)))
def test_canonical_title_of_latin_text_is_final(title: str) -> None:
    assert canonical_title(canonical_title(title)) == canonical_title(title)


TITLES = ("ayam goreng pedas", "ayam goreng", "tahu pedas", "soto")
INGREDIENTS = ("cabai", "garam", "cabai garam", "")


def test_vocabulary_orders_by_falling_frequency_then_alphabet() -> None:
    vocabulary = TokenVocabulary.fit(TITLES, INGREDIENTS)
    assert vocabulary.tokens == ("ayam", "ayam goreng", "cabai", "garam", "goreng", "pedas")
    everything = TokenVocabulary.fit(TITLES, INGREDIENTS, min_document_frequency=1)
    assert everything.tokens[6:] == ("goreng pedas", "soto", "tahu", "tahu pedas")


def test_each_option_of_the_vocabulary_does_something() -> None:
    assert TokenVocabulary.fit(TITLES, INGREDIENTS, bigrams=False).tokens == (
        "ayam",
        "cabai",
        "garam",
        "goreng",
        "pedas",
    )
    assert TokenVocabulary.fit(TITLES, INGREDIENTS, max_tokens=2).tokens == ("ayam", "ayam goreng")
    assert TokenVocabulary.fit(TITLES, INGREDIENTS, min_document_frequency=3).tokens == ()


def test_a_single_product_still_has_tokens() -> None:
    assert TokenVocabulary.fit(["sate tahu"], [""]).tokens == ("sate", "sate tahu", "tahu")


def test_ids_are_distinct_ascending_and_pair_the_title_only() -> None:
    vocabulary = TokenVocabulary.fit(TITLES, INGREDIENTS)
    ids = vocabulary.ids("Pedas AYAM goreng", "garam, garam; entah")
    assert ids.dtype == np.int32
    assert [vocabulary.tokens[i] for i in ids] == ["ayam", "ayam goreng", "garam", "goreng", "pedas"]
    assert vocabulary.ids("", "ayam goreng").tolist() == [0, 4]
    assert vocabulary.ids("entah").tolist() == []
    assert vocabulary.unknown("ayam entah", "apa") == ["entah", "apa"]


def test_ids_of_many_are_the_ids_of_each() -> None:
    vocabulary = TokenVocabulary.fit(TITLES, INGREDIENTS)
    indptr, indices = vocabulary.ids_of_many(TITLES, INGREDIENTS)
    for row, (title, text) in enumerate(zip(TITLES, INGREDIENTS, strict=True)):
        assert indices[indptr[row] : indptr[row + 1]].tolist() == vocabulary.ids(title, text).tolist()
    indptr, indices = vocabulary.ids_of_many([], [])
    assert indptr.tolist() == [0]
    assert indices.tolist() == []


@given(st.lists(st.tuples(st.text("ab ", max_size=8), st.text("bc ", max_size=8)), min_size=1, max_size=8))
def test_vocabulary_agrees_with_counting_by_hand(rows: list[tuple[str, str]]) -> None:
    titles, texts = [a for a, _ in rows], [b for _, b in rows]
    bags = [{*a.split(), *b.split(), *map(" ".join, zip(a.split(), a.split()[1:], strict=False))} for a, b in rows]
    frequency = {token: sum(token in bag for bag in bags) for bag in bags for token in bag}
    least = min(2, len(rows))
    expected = sorted((t for t in frequency if frequency[t] >= least), key=lambda t: (-frequency[t], t))
    vocabulary = TokenVocabulary.fit(titles, texts)
    assert list(vocabulary.tokens) == expected
    for (title, text), bag in zip(rows, bags, strict=True):
        assert [vocabulary.tokens[i] for i in vocabulary.ids(title, text)] == [t for t in expected if t in bag]
