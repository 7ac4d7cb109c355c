"""Markets at the edge of what can be learnt from: each gives a sensible model that passes every gate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from python.made_market import write_rows
from seefud.build import BuildResult, build
from seefud.build_options import BuildOptions
from seefud.model import Kind
from seefud.recommender import Product, Profile, Recommender
from seefud_converter.bundle import read_bundle

pytestmark = pytest.mark.slow

DAY = 86_400
UNMEASURED = "Nothing was measured and the quality gate had nothing to judge"


def _built(
    folder: Path,
    products: Iterable[Sequence[object]],
    interactions: Iterable[Sequence[object]],
    *,
    product_columns: Sequence[str] = ("Title", "Ingredients"),
    **options: Any,
) -> BuildResult:
    catalogue = write_rows(folder / "product3.csv", product_columns, products)
    columns = ("UserID", "Title", "InteractionType", "Timestamp")
    events = write_rows(folder / "user3.csv", columns, interactions)
    quick = {"dimension": 8, "baselines": ("popularity",), "cold": False}
    return build(catalogue, events, folder / "model", BuildOptions(**{**quick, **options}))


def test_one_user_only(tmp_path: Path) -> None:
    titles = ["soto ayam", "sate ayam", "nasi goreng", "mie goreng", "soto sapi"]
    result = _built(tmp_path, [(t, "garam") for t in titles], [("a", t, 1) for t in titles[:4]])
    assert result.report["metrics"] == {}
    assert result.report["notes"][0].startswith(UNMEASURED)
    assert result.report["gates"]["quality"] == "not measured"
    assert result.report["choices"]["expected_calibration_error"] is None
    found = Recommender.open(result.model).recommend(Profile(["soto ayam"]), 10)
    assert len(found) == 4
    assert all(0 <= each.probability <= 1 for each in found)


def test_one_product_only_and_vectors_of_interactions_alone(tmp_path: Path) -> None:
    """A collaborative model knows no words, also where the data have some."""
    rows = [(f"u{n}", "soto ayam", 1) for n in range(6)]
    result = _built(tmp_path, [("soto ayam", "ayam")], rows, kind=Kind.COLLABORATIVE)
    assert result.report["notes"][0].startswith(UNMEASURED)
    bundle = read_bundle(result.model)
    assert (bundle.products, bundle.tokens, bundle.document["kind"]) == (("soto ayam",), (), "collaborative")
    recommender = Recommender.open(result.model)
    assert [each.title for each in recommender.recommend(Profile(), 5)] == ["soto ayam"]
    assert recommender.recommend(Profile(["soto ayam"]), 5) == []
    assert recommender.rank(Profile(["soto ayam"]), [Product("soto")])[0].known is False


def test_no_text_and_a_split_by_time(tmp_path: Path) -> None:
    """Titles that share no word are no text; a person's next dish is always the next one in a circle."""
    names = [f"{chr(65 + n)}{chr(75 + n)}" for n in range(16)]
    rows = [(f"u{n}", names[(n + k) % 16], 1, (100 + k) * DAY + n) for n in range(48) for k in range(6)]
    result = _built(
        tmp_path, [(name,) for name in names], rows, product_columns=("Title",), split="time", recipe="float32"
    )
    report = result.report
    assert (report["data"]["tokens"], report["file"]["recipe"]) == (0, "float32")
    assert report["file"]["tables"]["products"]["type"] == "float32"
    assert "seefud (file)" in [each["name"] for each in report["evaluations"]]
    assert len(report["choices"]["recency"]["evidence"]) == 2
    assert report["choices"]["recency"]["rule"] == "kept if its paired gain exceeds one standard error"
    fades = {1.0: "inverse_sqrt_age_days", 0.0: "none"}
    assert report["file"]["recency"] == fades[report["choices"]["recency"]["value"]]
    near = {names[n] for n in (2, 3, 4, 5, 15, 14, 13, 12)}
    found = Recommender.open(result.model).recommend(Profile([names[0], names[1]]), 3)
    assert {each.title for each in found} <= near


def test_letters_of_the_world_and_only_blank_ingredients(tmp_path: Path) -> None:
    """With a holdout file, a content model in float16, and a product that nobody touched."""
    first, second = ("Crème", "饅頭", "ÇİĞ", "наси"), ("brûlée", "🍜 x", "سمك", "ข้าว")
    names = [f"{a} {b}" for a in first for b in second]
    rows, later = [], []
    for n in range(40):
        own = [name for name in names[:-1] if name.startswith(first[n % 4])]
        rows += [(f"u{n}", name, 1) for place, name in enumerate(own) if place != n // 4 % len(own)]
        later.append((f"u{n}", own[n // 4 % len(own)], 1))
    later.append(("stranger", names[0], 1))
    holdout = write_rows(tmp_path / "later.csv", ("UserID", "Title", "InteractionType"), later)
    result = _built(
        tmp_path,
        [(name, "  ") for name in names],
        rows,
        kind=Kind.CONTENT,
        recipe="float16",
        holdout=holdout,
        with_ingredients=True,
    )
    report = result.report
    assert report["data"]["holdout_left_out"] == {"unknown_user": 1, "product_without_interactions": 0}
    assert report["data"]["holdout_interactions"] == 40
    assert report["file"]["recipe"] == "float16"
    assert report["metrics"]["holdout"]["recall@5"]["value"] == 1.0, "the first word tells what is liked"
    bundle = read_bundle(result.model)
    assert set(bundle.products) == set(names)
    assert bundle.products[-1] == names[-1], "nobody touched it"
    assert bundle.ingredients == ("",) * 16
    recommender = Recommender.open(result.model)
    last = recommender.runtime.embed_products([15])[0]
    assert np.linalg.norm(last) == pytest.approx(1, abs=0.01), "its words give it a row"
    found = recommender.recommend(Profile(["НАСИ Brûlée", "наси 🍜 x", "наси سمك"]), 20, explain=True)
    assert recommender.warnings == []
    # Without the prior of untouched products, its first word puts it before the other dishes of its second word.
    taste = {
        each.title: sum(reason.share for reason in each.reasons if reason.kind == "liked")
        for each in found
        if each.title.endswith("ข้าว")
    }
    assert max(taste, key=lambda title: taste[title]) == "наси ข้าว"
