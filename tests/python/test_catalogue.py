"""The catalogue: how rows become products, and what is said about rows that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from seefud.catalogue import Catalogue, read_catalogue
from seefud.columns import ColumnNames
from seefud.errors import InputError


def catalogue(tmp_path: Path, content: str, columns: ColumnNames | None = None, *, drop: bool = False) -> Catalogue:
    path = tmp_path / "product3.csv"
    path.write_text(content, encoding="utf-8", newline="")
    return read_catalogue(path, columns, drop_invalid=drop)


def test_the_usual_file(tmp_path: Path) -> None:
    read = catalogue(tmp_path, "Title,Ingredients,Combined\nSate  Tahu ,tahu,sate tahu tahu\nSoto,,\n")
    assert read.titles == ("Sate Tahu", "Soto")
    assert read.keys == ("sate tahu", "soto")
    assert read.ingredients == ("tahu", "")
    assert (read.optional, read.rows, len(read), len(read.problems)) == ({}, 2, 2, 0)


def test_titles_meet_in_their_canonical_form_and_the_first_is_shown(tmp_path: Path) -> None:
    read = catalogue(
        tmp_path,
        "Title,Ingredients,Price\nSATE tahu,,\nsoto,ayam,\n sate  Tahu,tahu,5\nＳate tahu,tempe,6\nsoto,ayam,\n",
    )
    assert read.titles == ("SATE tahu", "soto")
    assert read.ingredients == ("tahu", "ayam")  # the first that is not blank
    assert read.optional == {"price": ("5", "")}
    assert read.problems.counts() == {"duplicate_product": 3}
    assert [str(problem) for problem in read.problems] == [
        "product3.csv line 4, column Title: 'sate Tahu' is the product of line 2; merged, nothing differs",
        "product3.csv line 5, column Title: 'Ｓate tahu' is the product of line 2; merged, its "
        "ingredients and price "
        "differ and were not used",
        "product3.csv line 6, column Title: 'soto' is the product of line 3; merged, nothing differs",
    ]


def test_a_row_without_title_is_refused_by_line(tmp_path: Path) -> None:
    content = "Title,Ingredients\n" + "sate,\n" * 415 + " \t ,nasi\n"
    with pytest.raises(InputError) as refusal:
        catalogue(tmp_path, content)
    assert str(refusal.value) == (
        "product3.csv line 417, column Title: is empty; give every product a title or pass --drop-invalid"
    )
    with pytest.raises(InputError, match=r"line 417, .* or pass --drop-invalid \(and 1 more line\)"):
        catalogue(tmp_path, content + ",x\n")


def test_a_row_without_title_is_dropped_by_option(tmp_path: Path) -> None:
    read = catalogue(tmp_path, "Title,Ingredients\nsate,\n,nasi\nsoto,a,b\ntahu,\n,,\n", drop=True)
    assert read.titles == ("sate", "tahu")
    assert read.problems.counts() == {"too_many_fields": 1, "empty_title": 2}
    assert read.problems.to_json()[1] == {
        "kind": "empty_title",
        "file": "product3.csv",
        "line": 3,
        "column": "Title",
        "value": "",
        "reason": "is empty; row left out",
        "lines": [3, 6],
        "text": "product3.csv line 3, column Title: is empty; row left out (and 1 more line)",
    }
    with pytest.raises(InputError, match="no row has a title; expected at least one product in column Title"):
        catalogue(tmp_path, "Title,Ingredients\n,nasi\n", drop=True)


@pytest.mark.parametrize(
    ("title", "combined", "expected"),
    [
        ("sate", "sate tahu kecap", "tahu kecap"),
        ("Sate Tahu", "sate  tahu, kecap", "kecap"),
        ("sate", "satelit tahu", "satelit tahu"),  # not the title, only its letters
        ("sate", "sate", ""),
        ("sate", "tahu", "tahu"),
        ("sate", "", ""),
    ],
)
def test_combined_less_its_title_serves_where_ingredients_are_blank(
    tmp_path: Path, title: str, combined: str, expected: str
) -> None:
    read = catalogue(tmp_path, f'Title,Ingredients,Combined\n{title}, ,"{combined}"\nx,own words,x other\n')
    assert read.ingredients == (expected, "own words")
    alone = catalogue(tmp_path, f'Title,Combined\n{title},"{combined}"\n')
    assert alone.ingredients == (expected,)


def test_a_title_alone_is_a_catalogue(tmp_path: Path) -> None:
    read = catalogue(tmp_path, 'Title\n"two\nlines"\n')
    assert read.titles == ("two lines",)
    assert read.ingredients == ("",)


def test_optional_columns_and_other_names(tmp_path: Path) -> None:
    content = "id;name;words;price;category;vendor;description\n1;sate;tahu;5;a;b;c d\n"
    columns = ColumnNames().with_options(["title=name", "ingredients=words", "product_id=id"])
    read = catalogue(tmp_path, content, columns)
    assert (read.titles, read.ingredients) == (("sate",), ("tahu",))
    assert read.optional == {
        "product_id": ("1",),
        "price": ("5",),
        "category": ("a",),
        "vendor": ("b",),
        "description": ("c d",),
    }


def test_a_missing_title_column_is_explained(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        catalogue(tmp_path, "Name,Ingredients\nsate,tahu\n")
    assert str(refusal.value) == (
        "product3.csv: expected a column Title (title), found Name, Ingredients; map it with --column title=NAME"
    )


def test_find_and_suggest(tmp_path: Path) -> None:
    read = catalogue(tmp_path, "Title\nsate jamur tahu\nsate ayam\ntelur gulung sosis\nnasi goreng\n")
    assert read.find(" SATE Ayam") == 1
    assert read.find("sate") is None
    assert read.suggest("sate jamr tahu") == ["sate jamur tahu", "sate ayam"]
    assert read.suggest("nasigoreng") == ["nasi goreng"]
    assert read.suggest("telur gulng", limit=1) == ["telur gulung sosis"]
    assert read.suggest("quux") == []
    assert read.suggest("") == []


def test_the_real_catalogues_read_cleanly(shared_data: Path) -> None:
    for name, products in (("seefud", 1717), ("ml-100k", 1682)):
        read = read_catalogue(shared_data / name / "product3.csv")
        assert len(read) == products
        assert set(read.problems.counts()) <= {"duplicate_product"}
        assert all(read.titles)
        assert not any("\n" in text for text in read.titles + read.ingredients)
