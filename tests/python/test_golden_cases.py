"""The golden files: answers of a built model, replayed, and the text rules' hard cases, which must not be stale."""

from __future__ import annotations

import dataclasses
import json
import unicodedata
from typing import Any

import pytest

from golden.write import CASES, PATH, golden_text, text_json
from python.conftest import Built
from seefud.build_data import read_data
from seefud.build_options import BuildOptions
from seefud.golden_cases import golden_cases
from seefud.prepared import Prepared
from seefud.recommender import Product, Profile, Recommender
from seefud.ship import HISTORY_LENGTH, text_length
from seefud.text import TokenVocabulary, bigrams, canonical_title, normalise, words
from seefud_converter.golden import replay_golden


@pytest.fixture(scope="module")
def prepared(built: Built) -> Prepared:
    return read_data(built.files.products, built.files.interactions, BuildOptions()).prepared


@pytest.fixture(scope="module")
def golden(built: Built) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((built.folder / "golden.json").read_text(encoding="utf-8"))
    return content


# ---- golden.json


@pytest.mark.parametrize(
    ("backend", "threads", "xnnpack"), [("litert", 1, True), ("litert", 2, False), ("tensorflow", 1, True)]
)
def test_the_answers_replay_everywhere(built: Built, backend: Any, threads: int, xnnpack: bool) -> None:
    report = replay_golden(built.model, built.folder / "golden.json", backend, threads, xnnpack)
    assert report.passed, report.to_text()


def test_the_file_holds_the_cases_of_its_data(prepared: Prepared, golden: dict[str, Any]) -> None:
    cases = golden_cases(prepared)
    assert [case["name"] for case in golden["cases"]] == [case.name for case in cases]
    assert [tuple(case["history"]) for case in golden["cases"]] == [case.history for case in cases]
    assert golden_cases(prepared) == cases


def test_the_hard_histories_are_there(golden: dict[str, Any]) -> None:
    cases = {case["name"]: case for case in golden["cases"]}
    assert len(cases) == len(golden["cases"]), "names are unique"
    assert sum(name.startswith("user row") for name in cases) == 8
    assert cases["empty"]["rows"] == list(range(20)), "nobody gets the popular products"
    assert len(cases["full history"]["history"]) == HISTORY_LENGTH
    assert len(cases["longer than one call takes"]["history"]) == 3 * HISTORY_LENGTH + 1
    assert cases["longer than one call takes"]["rows"] == [], "everything is liked"
    assert cases["only unknown products"]["rows"] == cases["empty"]["rows"]
    assert cases["unknown products"]["rows"] == cases["one product"]["rows"]
    assert not set(cases["excluded products"]["rows"]) & {0, 1, 2, 3}
    weighted = cases["repeated product"]
    assert (weighted["history"], weighted["weights"]) == ([0, 0, 59], [1.0, 1.0, 0.25])


def test_the_recommender_gives_the_same_answers(built: Built, golden: dict[str, Any]) -> None:
    """From the texts and titles alone: so titles, tokens, vectors and lists are those of one file."""
    recommender = Recommender.open(built.model)
    for case in golden["cases"]:
        profile = Profile(
            [title if title is not None else "\u2047" for title in case["history_titles"]],
            [search["text"] for search in case["searches"]],
            case["weights"],
        )
        excluded = [recommender.bundle.products[row] for row in case["exclude"]]
        found = recommender.recommend(profile, golden["k"], exclude=excluded)
        assert [each.score for each in found] == pytest.approx(case["scores"], abs=2 * case["tolerance"])
        assert len({each.title for each in found} ^ set(case["titles"])) <= 2, case["name"]
        for cold in case["cold"]:
            (answer,) = recommender.rank(profile, [Product(cold["text"] or "\u2047")])
            if answer.row is None:
                assert answer.score == pytest.approx(cold["score"], abs=1e-4)
        limit = recommender.runtime.sizes.text_length
        for text in [*case["searches"], *case["cold"]]:
            assert recommender.vocabulary.ids(text["text"])[:limit].tolist() == text["tokens"]


def test_texts_are_cut_to_what_the_file_takes(prepared: Prepared) -> None:
    limit = text_length(prepared)
    texts = [text for case in golden_cases(prepared) for text in (*case.searches, *case.cold)]
    assert texts
    assert all(len(text.tokens) <= limit for text in texts)
    assert any(not text.tokens for text in texts)
    assert any(len(text.tokens) > 3 for text in texts)


def test_a_file_without_a_token_table_knows_no_word(prepared: Prepared) -> None:
    cases = golden_cases(prepared, with_text=False)
    assert all(text.tokens == () for case in cases for text in (*case.searches, *case.cold))
    assert [case.name for case in cases] == [case.name for case in golden_cases(prepared)]


def test_one_product_is_enough(prepared: Prepared) -> None:
    one = dataclasses.replace(
        prepared,
        products=prepared.products[:1],
        keys=prepared.keys[:1],
        ingredients=prepared.ingredients[:1],
        interactions=prepared.interactions[:, :1].tocsr(),
        timestamps=None,
        product_tokens=prepared.product_tokens[:1],
    )
    for case in golden_cases(one):
        assert set(case.history) <= {-1, 0}
        assert case.exclude == ()


# ---- text.json


def test_the_text_file_is_not_stale() -> None:
    assert PATH.read_text(encoding="ascii") == text_json(), "run python tests/golden/write.py if a rule changed"


def test_the_text_file_replays() -> None:
    """As another language does it: from the file alone."""
    content = json.loads(PATH.read_bytes())
    assert content == golden_text()
    vocabulary = TokenVocabulary(tuple(content["vocabulary"]["tokens"]), content["vocabulary"]["bigrams"])
    for case in content["cases"]:
        text, name = case["text"], case["name"]
        assert normalise(text) == case["normalised"], name
        assert words(text) == case["words"], name
        assert bigrams(text) == case["bigrams"], name
        assert canonical_title(text) == case["canonical_title"], name
        assert vocabulary.ids(text).tolist() == case["tokens"], name


def test_the_text_file_agrees_with_a_naive_rule() -> None:
    for case in json.loads(PATH.read_bytes())["cases"]:
        kept = ""
        for letter in unicodedata.normalize("NFKC", case["text"]).lower():
            category = unicodedata.category(letter)
            kept += letter if category.startswith("L") or category == "Nd" else " "
        sequence = kept.split(" ")
        sequence = [word for word in sequence if word]
        assert case["normalised"] == " ".join(sequence)
        assert case["words"] == sorted(set(sequence), key=sequence.index)
        pairs = [f"{sequence[at]} {sequence[at + 1]}" for at in range(len(sequence) - 1)]
        assert case["bigrams"] == sorted(set(pairs), key=pairs.index)


@pytest.mark.parametrize(
    ("name", "normalised"),
    [
        ("empty", ""),
        ("ligatures", "fillet flan office st"),
        ("full width", "ayam 12 3"),
        ("Turkish capital dotted i", "i stanbul i mam"),
        ("final sigma", "\u03bf\u03b4\u03bf\u03c2 \u03bf\u03b4\u03bf\u03c2 \u03c3 \u03c3\u03b1\u03c2"),
        ("German sharp s", "stra\u00dfe strasse gro\u00df"),
        ("emoji", "mi g\u00f3reng"),
        ("digits of other scripts", "\u0663\u0664 \u0969 \u0e53 3 \u0be9"),
        ("supplementary letters with case", "\U00010428\U00010428 \U00010429\U0001044f"),
    ],
)
def test_hard_cases_by_hand(name: str, normalised: str) -> None:
    assert normalise(CASES[name]) == normalised


def test_the_text_cases_cover_what_is_hard() -> None:
    letters = "".join(CASES.values())
    assert any(ord(letter) > 0xFFFF for letter in letters)
    for part in (
        "ARABIC",
        "THAI",
        "CJK",
        "HANGUL",
        "HEBREW",
        "DEVANAGARI",
        "GREEK",
        "CYRILLIC",
        "LATIN SMALL LIGATURE",
    ):
        assert any(part in unicodedata.name(letter, "") for letter in letters), part
    for category in ("Mn", "Cf", "Cc", "So", "Nl", "No", "Lm", "Lt", "Zs"):
        assert any(unicodedata.category(letter) == category for letter in letters), category
