"""The recommender against a naive ranking, and what it says of itself: reasons, warnings, new products."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from python.conftest import Built
from python.made_market import KITCHENS
from seefud.errors import InputError
from seefud.recommender import Product, Profile, Recommender
from seefud_converter.errors import NotAModelError
from seefud_converter.new_products import NewProducts

LIKED = ("udang goreng", "cumi bakar")
NEW = Product("udang panggang", "udang, saus tiram, garam")
STRANGE = Product("xyzzy", "plugh")


@pytest.fixture(scope="module")
def recommender(built: Built) -> Recommender:
    return Recommender.open(built.model)


def _naive_scores(recommender: Recommender, titles: list[str], weights: list[float]) -> list[float]:
    """Scores of all rows in plain Python, from the stored rows; the prior is what an empty profile scores."""
    runtime = recommender.runtime
    table = runtime.embed_products(list(range(runtime.sizes.products))).astype(float)
    prior = runtime.score(np.zeros(runtime.sizes.dimension, np.float32)).astype(float)
    rows = [recommender.bundle.products.index(title) for title in titles]
    profile = sum((w * table[row] for row, w in zip(rows, weights, strict=True)), np.zeros(table.shape[1]))
    length = math.sqrt(sum(x * x for x in profile)) or 1.0
    return [float(sum(profile * row)) / length + float(p) for row, p in zip(table, prior, strict=True)]


@pytest.mark.parametrize("weights", [None, [1.0, 0.25]])
def test_ranks_like_a_naive_sort_of_the_files_own_scores(recommender: Recommender, weights: list[float] | None) -> None:
    found = recommender.recommend(Profile(LIKED, weights=weights), 8)
    runtime = recommender.runtime
    rows = [recommender.known_row(title) for title in LIKED]
    scores = runtime.score(runtime.profile(rows, weights)).tolist()
    order = sorted((row for row in range(len(scores)) if row not in rows), key=lambda row: (-scores[row], row))
    assert [each.row for each in found] == order[:8]
    assert [each.score for each in found] == pytest.approx([scores[row] for row in order[:8]])
    naive = _naive_scores(recommender, list(LIKED), weights or [1.0, 1.0])
    assert [each.score for each in found] == pytest.approx([naive[row] for row in order[:8]], abs=0.01)


def test_the_kitchen_that_is_liked_leads(built: Built, recommender: Recommender) -> None:
    found = recommender.recommend(Profile(LIKED), 8)
    assert {built.market.kitchen_of(each.title) for each in found} == {"laut"}


def test_nobody_gets_the_popular_products_ties_by_row(recommender: Recommender) -> None:
    found = recommender.recommend(Profile(), 60)
    for each, after in itertools.pairwise(found):
        assert each.row is not None
        assert after.row is not None
        assert (each.score, -each.row) > (after.score, -after.row)
    assert [each.row for each in found[:5]] == [0, 1, 2, 3, 4]


def test_a_title_is_known_in_any_letter_case_and_spacing(recommender: Recommender) -> None:
    plain = recommender.recommend(Profile(LIKED), 5)
    assert recommender.recommend(Profile(["  UDANG   Goreng ", "ｃｕｍｉ bakar"]), 5) == plain
    assert recommender.warnings == []


def test_reasons_sum_to_the_score(recommender: Recommender) -> None:
    profile = Profile([*LIKED, NEW], ["gula merah"], search_weight=0.5)
    for each in recommender.recommend(profile, 10, candidates=[STRANGE], explain=True):
        assert sum(reason.share for reason in each.reasons) == pytest.approx(each.score, abs=1e-6)
        assert [reason.share for reason in each.reasons] == sorted(
            (reason.share for reason in each.reasons), reverse=True
        )
        assert {(reason.kind, reason.text) for reason in each.reasons} == {
            ("liked", "udang goreng"),
            ("liked", "cumi bakar"),
            ("liked", "udang panggang"),
            ("search", "gula merah"),
            ("prior", "popularity") if each.row is not None else ("cold prior", "a new product"),
        }


def test_the_prior_is_the_reason_that_is_left_for_nobody(recommender: Recommender) -> None:
    first = recommender.recommend(Profile(), 1, explain=True)[0]
    assert [(reason.kind, reason.share) for reason in first.reasons] == [("prior", first.score)]


def test_no_reasons_unless_asked_for(recommender: Recommender) -> None:
    first = recommender.recommend(Profile(LIKED), 1)[0]
    assert first.reasons == ()
    assert "reasons" not in first.to_json()


def test_an_unknown_title_falls_back_to_its_words_and_says_so(built: Built, recommender: Recommender) -> None:
    found = recommender.recommend(Profile(["udang gorang"]), 5)
    assert recommender.warnings == [
        "title 'udang gorang' is not in the model; did you mean 'udang goreng'? (its words are used)"
    ] or recommender.warnings[0].startswith("title 'udang gorang' is not in the model; did you mean 'udang goreng', ")
    assert built.market.kitchen_of(found[0].title) == "laut"
    vector = recommender.text_vector("udang gorang")
    scores = recommender.runtime.score(vector).tolist()
    assert [each.score for each in found] == sorted(scores, reverse=True)[:5]


def test_an_unknown_title_without_a_known_word_is_ignored_and_says_so(recommender: Recommender) -> None:
    found = recommender.recommend(Profile(["xyzzy"], ["plugh"]), 5)
    assert [each.row for each in found] == [each.row for each in recommender.recommend(Profile(), 5)]
    recommender.recommend(Profile(["xyzzy"], ["plugh"]), 5)
    assert recommender.warnings == [
        "title 'xyzzy' is not in the model; see seefud search for titles (it is ignored: no word of it is known)",
        "search 'plugh': no word of it is known, so it is ignored",
    ]


def test_warnings_are_those_of_the_last_profile(recommender: Recommender) -> None:
    recommender.recommend(Profile(["xyzzy"]), 1)
    recommender.recommend(Profile(LIKED), 1)
    assert recommender.warnings == []


def test_new_products_stand_among_the_known_ones(built: Built, recommender: Recommender) -> None:
    other = Product("pisang panggang", "pisang, gula merah, pandan")
    found = recommender.recommend(Profile(LIKED), 62, candidates=[other, NEW])
    assert len(found) == 60  # 58 known ones that are not liked, and two new ones
    rule = NewProducts.of(recommender.bundle.document)
    ranks = iter(range(2))
    places = [each.score + (0 if each.row is not None else rule.lift - rule.crowding * next(ranks)) for each in found]
    assert places == sorted(places, reverse=True)
    place = {each.title: rank for rank, each in enumerate(found)}
    assert place[NEW.title] < place[other.title]
    new = next(each for each in found if each.title == NEW.title)
    assert (new.row, new.known) == (None, True)
    unit = recommender.runtime.profile([recommender.known_row(title) for title in LIKED])
    vector = recommender.text_vector(NEW.title, NEW.ingredients)
    prior = rule.prior(len(recommender.vocabulary.ids(NEW.title, NEW.ingredients)))
    assert new.score == pytest.approx(float(vector @ unit) / float(np.linalg.norm(unit)) + prior, abs=1e-6)


def test_nobody_and_a_whole_ranking_know_no_lift(recommender: Recommender) -> None:
    other = Product("pisang panggang", "pisang, gula merah, pandan")
    known = [Product(title) for title in recommender.bundle.products[:30]]
    for found in (
        recommender.recommend(Profile(), 62, candidates=[other, NEW]),
        recommender.rank(Profile(LIKED), [*known, other, NEW]),
    ):
        assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_further_new_products_give_way_by_the_rule_of_the_file(recommender: Recommender) -> None:
    document = {**recommender.bundle.document, "mixing": {"lift": 5.0, "crowding": 4.0}}
    steep = Recommender(recommender.runtime, replace(recommender.bundle, document=document))
    twins = [Product(f"udang panggang {number}", "udang, saus tiram") for number in "abc"]
    found = steep.recommend(Profile(LIKED), 61, candidates=twins)
    # Places 5 and 1 above their score, which is that of all three, and 3 below.
    assert [each.title for each in found[:2]] == [twin.title for twin in twins[:2]]
    assert found[-1].title == twins[2].title
    assert len({each.score for each in found if each.row is None}) == 1


def test_a_new_product_of_unknown_words_has_the_cold_prior_alone(built: Built, recommender: Recommender) -> None:
    ranked = recommender.rank(Profile(LIKED), [STRANGE])
    assert ranked[0].known is False
    assert ranked[0].score == pytest.approx(built.report["file"]["prior"]["cold"], abs=1e-6)


def test_a_candidate_that_the_file_knows_keeps_its_row(recommender: Recommender) -> None:
    candidates = [Product("UDANG bakar", "something else")]
    plain = recommender.recommend(Profile(LIKED), 60)
    assert recommender.recommend(Profile(LIKED), 60, candidates=candidates) == plain
    row = recommender.known_row("udang bakar")
    allowed = recommender.recommend(Profile(LIKED), 60, candidates=candidates, only=["gurita goreng"])
    assert {each.row for each in allowed} == {row, recommender.known_row("gurita goreng")}


def test_a_new_product_that_is_liked_is_not_recommended(recommender: Recommender) -> None:
    found = recommender.recommend(Profile([NEW]), 60, candidates=[NEW, Product("Udang  Panggang")])
    assert all(each.row is not None for each in found)


def test_a_new_product_can_be_left_out(recommender: Recommender) -> None:
    found = recommender.recommend(Profile(LIKED), 60, candidates=[NEW], exclude=["UDANG panggang"])
    assert all(each.row is not None for each in found)


def test_two_new_products_of_one_title_are_explained_apart(recommender: Recommender) -> None:
    twins = [Product("panggang", "udang, saus tiram"), Product("panggang", "pisang, gula merah")]
    ranked = recommender.rank(Profile(LIKED), twins, explain=True)
    found = [reason.share for each in ranked for reason in each.reasons if reason.kind == "cold prior"]
    rule = NewProducts.of(recommender.bundle.document)
    expected = [rule.prior(len(recommender.vocabulary.ids(twin.title, twin.ingredients))) for twin in twins]
    assert sorted(found) == pytest.approx(sorted(expected), abs=1e-6)


def test_exclude_and_only(recommender: Recommender) -> None:
    first, second, third = (each.title for each in recommender.recommend(Profile(LIKED), 3))
    left = recommender.recommend(Profile(LIKED), 2, exclude=[first.upper()])
    assert [each.title for each in left] == [second, third]
    only = recommender.recommend(Profile(LIKED), 5, only=[third, first, LIKED[0]])
    assert [each.title for each in only] == [first, third]
    assert recommender.recommend(Profile(LIKED), 5, only=[first], exclude=[first]) == []
    assert recommender.recommend(Profile(LIKED), 5, only=[]) == []


@pytest.mark.parametrize("option", ["exclude", "only"])
def test_a_misspelt_title_to_leave_out_or_keep_is_refused(recommender: Recommender, option: str) -> None:
    with pytest.raises(InputError, match=r"title 'pisang bakarr' is not in the model; did you mean 'pisang bakar'"):
        recommender.recommend(Profile(), 3, **{option: ["pisang bakarr"]})  # type: ignore[arg-type]


def test_k_is_at_least_one_and_may_be_more_than_there_are(recommender: Recommender) -> None:
    with pytest.raises(InputError, match="k is 0; ask for at least 1 product"):
        recommender.recommend(Profile(), 0)
    assert len(recommender.recommend(Profile(), 1000)) == 60


def test_weights_go_with_the_liked(recommender: Recommender) -> None:
    with pytest.raises(InputError, match="weights: expected 2, one per liked product, found 1"):
        recommender.recommend(Profile(LIKED, weights=[1.0]))


@pytest.mark.parametrize("kitchen", KITCHENS)
def test_search_finds_a_kitchen_by_its_words(built: Built, recommender: Recommender, kitchen: str) -> None:
    things, _ = KITCHENS[kitchen]
    found = recommender.search(f"{things[0]} PEDAS!", 6)
    assert {built.market.kitchen_of(each.title) for each in found} == {kitchen}


def test_a_search_without_a_known_word_is_refused(recommender: Recommender) -> None:
    with pytest.raises(InputError, match="search 'xyzzy': no word of it is in the model's vocabulary; try other words"):
        recommender.search("xyzzy")


def test_similar_leaves_the_product_itself_out(built: Built, recommender: Recommender) -> None:
    found = recommender.similar("udang goreng", 60)
    assert "udang goreng" not in [each.title for each in found]
    assert built.market.kitchen_of(found[0].title) == "laut"
    assert recommender.recommend(Profile(["udang goreng"]), 60) == found


def test_similar_to_a_product_by_its_text(built: Built, recommender: Recommender) -> None:
    found = recommender.similar("sesuatu | pisang, gula merah", 5)
    assert {built.market.kitchen_of(each.title) for each in found} == {"manis"}


def test_similar_to_a_misspelt_title_is_refused(recommender: Recommender) -> None:
    with pytest.raises(InputError, match="did you mean 'udang goreng'"):
        recommender.similar("udang gorng")


def test_probabilities_rise_with_the_score(recommender: Recommender) -> None:
    found = recommender.recommend(Profile(LIKED), 58)
    chances = [each.probability for each in found]
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= chance <= 1 for chance in chances)


@pytest.mark.parametrize("text", ["", " | garam", "|"])
def test_a_product_needs_a_title(text: str) -> None:
    with pytest.raises(InputError, match=r"the title is empty; write .title \| ingredients."):
        Product.parse(text)


def test_a_product_is_split_at_its_first_bar() -> None:
    assert Product.parse(" nasi | telur | cabai ") == Product("nasi", "telur | cabai")
    assert Product.parse("nasi") == Product("nasi")


def test_another_file_is_refused(built: Built) -> None:
    with pytest.raises(NotAModelError):
        Recommender.open(built.files.products)
