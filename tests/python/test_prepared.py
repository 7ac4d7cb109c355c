"""Prepared data: order of rows, the matrix against a dictionary, round trips, and damaged files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from seefud.catalogue import read_catalogue
from seefud.errors import InputError
from seefud.interactions import Interactions, read_interactions
from seefud.prepared import Prepared, prepare

PRODUCTS = "Title,Ingredients\nSate Tahu,tahu kecap\nsoto,ayam\nNasi Goreng,nasi kecap\nbakso,\napem,tahu\n"
ROWS = (
    "UserID,Title,InteractionType,Timestamp\nb,soto,1,20\nb,nasi goreng,view,10\na,nasi goreng,1,\n"
    "c,nasi goreng,1,0\nc,SATE tahu,1,5\na,tahu kecap "
    "enak,search,\nz,tahu,search,\na,entah,search,\nd,quux,1,\n"
)


def prepared(folder: Path, products: str = PRODUCTS, rows: str = ROWS, **options: int | bool) -> Prepared:
    (folder / "product3.csv").write_text(products, encoding="utf-8")
    (folder / "user3.csv").write_text(rows, encoding="utf-8")
    catalogue = read_catalogue(folder / "product3.csv")
    return prepare(catalogue, read_interactions(folder / "user3.csv", catalogue), **options)  # type: ignore[arg-type]


@pytest.fixture
def small(tmp_path: Path) -> Prepared:
    return prepared(tmp_path)


def test_rows_go_by_falling_count_then_key(small: Prepared) -> None:
    assert small.products == ("Nasi Goreng", "Sate Tahu", "soto", "apem", "bakso")
    assert small.keys == ("nasi goreng", "sate tahu", "soto", "apem", "bakso")
    assert small.ingredients == ("nasi kecap", "tahu kecap", "ayam", "tahu", "")
    assert small.counts.tolist() == [3, 1, 1, 0, 0]
    assert small.users == ("a", "b", "c")  # z only searched, d's product is unknown


def test_the_matrices_hold_weights_and_times(small: Prepared) -> None:
    expected = np.array([[1, 0, 0, 0, 0], [0.3, 0, 1, 0, 0], [1, 1, 0, 0, 0]], dtype=np.float32)
    assert small.interactions.dtype == np.float32
    assert np.array_equal(small.interactions.toarray(), expected)
    assert small.interactions.has_sorted_indices
    assert small.timestamps is not None
    assert small.timestamps.dtype == np.float64
    assert np.array_equal(small.timestamps.data, [np.nan, 10, 20, 0, 5], equal_nan=True)
    assert np.array_equal(small.timestamps.indices, small.interactions.indices)


def test_tokens_and_searches(small: Prepared) -> None:
    assert small.tokens == ("kecap", "tahu")
    assert small.product_tokens.dtype == np.float32
    assert small.product_tokens.toarray().tolist() == [[1, 0], [1, 1], [0, 0], [0, 1], [0, 0]]
    assert [(user, ids.tolist()) for user, ids in small.searches] == [(0, [0, 1])]
    assert small.vocabulary.ids("Kecap!").tolist() == [0]


def test_options_reach_the_vocabulary(tmp_path: Path) -> None:
    assert "sate tahu" in prepared(tmp_path, min_document_frequency=1).tokens
    assert "sate tahu" not in prepared(tmp_path, min_document_frequency=1, bigrams=False).tokens
    assert prepared(tmp_path, max_tokens=1).tokens == ("kecap",)


def test_summary(small: Prepared) -> None:
    assert small.summary() == {
        "products": 5,
        "products_without_interactions": 2,
        "products_without_tokens": 2,
        "users": 3,
        "interactions": 5,
        "density": 5 / 15,
        "tokens": 2,
        "bigrams": True,
        "searches": 1,
        "timestamps": True,
    }


def test_one_user_and_one_product(tmp_path: Path) -> None:
    one = prepared(tmp_path, "Title\nsate tahu\n", "UserID,Title,InteractionType\n1,sate tahu,1\n")
    assert one.interactions.toarray().tolist() == [[1.0]]
    assert one.tokens == ("sate", "sate tahu", "tahu")
    assert one.timestamps is None
    one.save(tmp_path / "one")
    assert Prepared.load(tmp_path / "one").same_as(one)


def test_no_known_token(tmp_path: Path) -> None:
    bare = prepared(tmp_path, "Title\na\nb\n", "UserID,Title,InteractionType\n1,a,1\n1,b,search\n")
    assert bare.tokens == ()
    assert bare.product_tokens.shape == (2, 0)
    assert bare.searches == ()
    bare.save(tmp_path / "bare")
    assert Prepared.load(tmp_path / "bare").same_as(bare)


def test_saving_comes_back_equal_and_repeats_byte_for_byte(small: Prepared, tmp_path: Path) -> None:
    small.save(tmp_path / "one")
    loaded = Prepared.load(tmp_path / "one")
    assert loaded.same_as(small)
    assert loaded.searches[0][1].dtype == np.int32
    loaded.save(tmp_path / "two")
    names = {path.name for path in (tmp_path / "one").iterdir()}
    assert names == {"prepared.json", "prepared.npz"}
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_same_as_sees_every_part(small: Prepared) -> None:
    assert small.same_as(replace(small))
    doubled = small.interactions * np.float32(2)
    changes: list[dict[str, object]] = [
        {"products": small.products[::-1]},
        {"users": ("a", "b", "x")},
        {"bigrams": False},
        {"interactions": doubled},
        {"timestamps": None},
        {"product_tokens": sp.csr_matrix(small.product_tokens.shape, dtype=np.float32)},
        {"searches": ()},
    ]
    for change in changes:
        assert not small.same_as(replace(small, **change)), change  # type: ignore[arg-type]


def test_damaged_files_are_refused(small: Prepared, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    with pytest.raises(InputError, match=r"prepared.json: no such file; prepare the data again"):
        Prepared.load(folder)
    small.save(folder)
    texts = (folder / "prepared.json").read_text()
    (folder / "prepared.json").write_text(texts.replace('"schema": 1', '"schema": 2'))
    with pytest.raises(InputError, match="schema is 2, expected 1"):
        Prepared.load(folder)
    for damage, message in (
        (texts[:-20], "holds no readable prepared data"),
        ("[]", "holds no readable prepared data"),
        (json.dumps({**json.loads(texts), "users": ["a"]}), "holds no readable prepared data"),
        (json.dumps({k: v for k, v in json.loads(texts).items() if k != "tokens"}), "holds no readable"),
    ):
        (folder / "prepared.json").write_text(damage)
        with pytest.raises(InputError, match=message):
            Prepared.load(folder)
    (folder / "prepared.json").write_text(texts)
    raw = (folder / "prepared.npz").read_bytes()
    (folder / "prepared.npz").write_bytes(raw[:-1] + b"\0\0")
    with pytest.raises(InputError, match=r"prepared.npz: is not the file that prepared.json was saved with"):
        Prepared.load(folder)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4)), min_size=1, max_size=12, unique=True))
def test_the_matrix_agrees_with_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int]]
) -> None:
    titles = ["Sate Tahu", "soto", "Nasi Goreng", "bakso", "apem"]
    text = "UserID,Title,InteractionType\n" + "".join(f"{user},{titles[place]},1\n" for user, place in rows)
    found = prepared(tmp_path_factory.mktemp("rows"), rows=text)
    at = found.interactions.tocoo()
    assert {(found.users[u], found.products[i]) for u, i in zip(at.row, at.col, strict=True)} == {
        (user, titles[place]) for user, place in rows
    }
    counts = [sum(titles.index(title) == place for _, place in rows) for title in found.products]
    assert found.counts.tolist() == counts == sorted(counts, reverse=True)


def test_the_real_data_is_prepared(shared_data: Path) -> None:
    catalogue = read_catalogue(shared_data / "seefud" / "product3.csv")
    read: Interactions = read_interactions(shared_data / "seefud" / "user3.csv", catalogue)
    found = prepare(catalogue, read)
    assert found.interactions.shape == (50, 1717)
    assert found.interactions.nnz == 1970
    assert set(found.interactions.data.tolist()) == {1.0}
    assert found.timestamps is None
