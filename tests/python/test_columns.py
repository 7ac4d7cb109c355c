"""Column names and type weights: by option, by TOML, and what is said about a slip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seefud.columns import ColumnNames
from seefud.errors import InputError
from seefud.weights import DEFAULT_WEIGHTS, TypeWeights


def test_options_change_names() -> None:
    names = ColumnNames().with_options(["title=Product = Name", "type="])
    assert names == ColumnNames(title="Product = Name", type="")
    assert names.is_explicit("title")
    assert not names.is_explicit("user")


def test_a_toml_file_holds_columns_and_weights(tmp_path: Path) -> None:
    path = tmp_path / "seefud.toml"
    path.write_text('user = "who"\n[columns]\ntitle = "Näme"\n[weights]\nView = 0.2\nshare = 1\n', encoding="utf-8")
    assert ColumnNames().with_toml(path) == ColumnNames(user="who", title="Näme")
    assert TypeWeights().with_toml(path).weights == {**DEFAULT_WEIGHTS, "view": 0.2, "share": 1.0}
    path.write_text("", encoding="utf-8")
    assert ColumnNames().with_toml(path) == ColumnNames()
    assert TypeWeights().with_toml(path) == TypeWeights()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            'titel = "Name"',
            "unknown key 'titel'; did you mean title? known are title, ingredients, combined,",
        ),
        ('xyz = "Name"', "unknown key 'xyz'; known are title,"),
        ("title = 3", "title is 3; expected the name of a column in quotes"),
        ("columns = 3", "columns is 3; expected a table"),
        (
            "title: Name",
            "is not TOML (Expected '=' after a key in a key/value pair (at line 1, column 6)); write lines",
        ),
    ],
)
def test_a_toml_file_with_a_mistake_is_explained(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "names.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        ColumnNames().with_toml(path)
    assert "names.toml: " in str(refusal.value)
    assert message in str(refusal.value)


def test_toml_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be read \(No such file or directory\); give a TOML file"):
        ColumnNames().with_toml(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff")
    with pytest.raises(InputError, match="is not UTF-8 text"):
        ColumnNames().with_toml(tmp_path / "bad.toml")
    with pytest.raises(InputError, match="cannot be read as TOML"):
        TypeWeights().with_toml(tmp_path / "bad.toml")


def test_options_with_a_mistake_are_explained() -> None:
    with pytest.raises(InputError, match=r"^--column Name: expected PART=NAME, for example title=Name$"):
        ColumnNames().with_options(["Name"])
    with pytest.raises(InputError, match=r"^--column: unknown key 'users'; did you mean user"):
        ColumnNames().with_options(["users=x"])
    with pytest.raises(InputError, match=r"^--weight view: expected TYPE=NUMBER, for example view=0.2$"):
        TypeWeights().with_options(["view"])
    with pytest.raises(InputError, match=r"^--weight: weight of view is 9.0; expected a number from 0 to 5$"):
        TypeWeights().with_options(["view=9"])
    with pytest.raises(InputError, match="weight of view is nan"):
        TypeWeights().with_options(["view=nan"])
    with pytest.raises(InputError, match=r"x.toml: view is 'much'; expected a type and a number"):
        TypeWeights().with_mapping({"view": "much"}, "x.toml")


def test_weights_of_types_and_factors_of_ratings() -> None:
    weights = TypeWeights()
    assert [weights.of_type(name) for name in ("1", " VIEW ", "0", "-3", "2", "1e9", "inf", "huh", "")] == [
        1.0,
        0.3,
        0.0,
        0.0,
        2.0,
        5.0,
        None,
        None,
        None,
    ]
    assert TypeWeights().with_options(["1=0.5"]).of_type("1") == 0.5
    factors = weights.factor(np.array([np.nan, -1, 0, 2, 3.5, 5]))
    assert factors.tolist() == [1.0, 0.0, 0.0, 0.0, 0.5, 1.0]
    assert weights.with_scale(10).low == 4.0
    with pytest.raises(InputError, match=r"ratings up to 2.0 of 1.0 are low; expected 0 <= low < scale"):
        TypeWeights(scale=1.0)
