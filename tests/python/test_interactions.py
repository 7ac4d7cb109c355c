"""Interactions: weights, folding, taking back, searches, times, and every kind of row that cannot be used."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seefud.catalogue import Catalogue, read_catalogue
from seefud.columns import ColumnNames
from seefud.errors import InputError
from seefud.interactions import Interactions, read_interactions
from seefud.moments import seconds_since_1970
from seefud.text import canonical_title
from seefud.weights import TypeWeights

TITLES = ("Sate Tahu", "soto", "nasi goreng", "telur gulung sosis")
PRODUCTS = Catalogue(TITLES, tuple(map(canonical_title, TITLES)), ("",) * 4)
HEADER = "UserID,Title,InteractionType"
FULL = f"{HEADER},Value,Timestamp"


def read(
    tmp_path: Path,
    content: str,
    columns: ColumnNames | None = None,
    weights: TypeWeights | None = None,
) -> Interactions:
    path = tmp_path / "user3.csv"
    path.write_text(content, encoding="utf-8", newline="")
    return read_interactions(path, PRODUCTS, columns, weights)


def pairs(interactions: Interactions) -> dict[tuple[str, str], float]:
    frame = interactions.frame
    return {
        (user, key): round(weight, 6)
        for user, key, weight in zip(frame["user"], frame["key"], frame["weight"], strict=True)
    }


def test_the_usual_file_is_binary(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEADER}\n7, SATE  tahu,1\n07,soto,1\n7,sate tahu,1\n")
    assert pairs(found) == {("7", "sate tahu"): 1.0, ("07", "soto"): 1.0}
    assert found.frame["count"].tolist() == [2, 1]
    assert found.frame.columns.tolist() == ["user", "key", "type", "value", "timestamp", "weight", "count"]
    assert found.frame["timestamp"].isna().all()
    assert found.counts == {"rows": 3, "interactions": 2, "searches": 0, "repeated": 1, "not_positive": 0}
    assert len(found.problems) == 0


def test_types_and_numbers_have_weights_and_the_strongest_counts(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        f"{HEADER}\n1,soto,view\n1,sate tahu,View\n1,sate tahu,purchase\n1,sate tahu,click\n"
        "2,soto,2.5\n3,soto,99\n4,soto,like\n4,nasi goreng,1.0\n",
    )
    assert pairs(found) == {
        ("1", "soto"): 0.3,
        ("1", "sate tahu"): 1.0,
        ("2", "soto"): 2.5,
        ("3", "soto"): 5.0,
        ("4", "soto"): 1.0,
        ("4", "nasi goreng"): 1.0,
    }
    strongest = found.frame.iloc[1]
    assert (strongest["type"], strongest["count"]) == ("purchase", 3)


def test_ratings_scale_and_low_ones_are_no_likings(tmp_path: Path) -> None:
    rows = [f"{value},soto,rating,{value}," for value in range(6)] + [
        "a,soto,1,3,",
        "b,soto,view,5,",
        "c,soto,1,0,",
    ]
    found = read(tmp_path, "\n".join([FULL, *rows]))
    assert pairs(found) == {
        ("3", "soto"): round(1 / 3, 6),
        ("4", "soto"): round(2 / 3, 6),
        ("5", "soto"): 1.0,
        ("a", "soto"): round(1 / 3, 6),
        ("b", "soto"): 0.3,
    }
    assert found.counts["not_positive"] == 4
    ten = read(tmp_path, f"{FULL}\n1,soto,rating,7,\n2,soto,rating,4,\n", weights=TypeWeights().with_scale(10))
    assert pairs(ten) == {("1", "soto"): 0.5}


def test_a_dislike_stands_unless_something_positive_follows(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        f"{FULL}\n1,soto,purchase,,10\n1,soto,0,,20\n1,soto,dislike,,40\n2,soto,0,,10\n2,soto,view,,20\n"
        "3,soto,rating,1,\n3,Sate Tahu,1,,\n1,nasi goreng,rating,2,30\n1,SATE  tahu,search,,50\n",
    )
    assert found.dislikes.to_dict("list")["user"] == ["1", "3", "1"]
    assert list(found.dislikes["key"]) == ["soto", "soto", "nasi goreng"]
    assert list(found.dislikes["timestamp"].fillna(-1)) == [40, -1, 30]
    nothing = read(tmp_path, f"{HEADER}\n1,soto,1\n")
    assert nothing.dislikes.empty
    assert list(nothing.dislikes.columns) == ["user", "key", "timestamp"]


def test_not_liked_takes_back_what_came_before_it(tmp_path: Path) -> None:
    by_line = read(
        tmp_path,
        f"{HEADER}\n1,soto,purchase\n1,soto,0\n2,soto,0\n2,soto,purchase\n3,soto,1\n3,soto,dislike\n3,soto,view\n",
    )
    assert pairs(by_line) == {("2", "soto"): 1.0, ("3", "soto"): 0.3}
    assert by_line.counts["not_positive"] == 3
    by_time = read(
        tmp_path,
        f"{FULL}\n1,soto,0,,20\n1,soto,1,,10\n2,soto,0,,10\n2,soto,1,,20\n3,soto,0,,20\n3,soto,1,,\n",
    )
    assert pairs(by_time) == {("2", "soto"): 1.0, ("3", "soto"): 1.0}  # user 3 has no time, so lines decide


row = st.tuples(
    st.sampled_from("12"),
    st.sampled_from(["soto", "nasi goreng"]),
    st.sampled_from(["1", "0", "view", "click"]),
    st.integers(1, 3),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(row, max_size=12))
def test_folding_agrees_with_a_loop(tmp_path: Path, rows: list[tuple[str, str, str, int]]) -> None:
    rows = [("z", "soto", "1", 1), *rows]
    found = read(tmp_path, "\n".join([FULL, *(f"{u},{t},{k},,{s}" for u, t, k, s in rows)]))
    weight = {"1": 1.0, "0": 0.0, "view": 0.3, "click": 0.5}
    state: dict[tuple[str, str], list[tuple[float, int]]] = defaultdict(list)
    for user, title, kind, second in sorted(rows, key=lambda r: r[3]):
        if weight[kind] == 0:
            state[user, title].clear()
        else:
            state[user, title].append((weight[kind], second))
    expected = {
        pair: (max(w for w, _ in seen), max(s for _, s in seen), len(seen)) for pair, seen in state.items() if seen
    }
    frame = found.frame
    assert {
        (u, k): (w, s, n)
        for u, k, w, s, n in zip(
            frame["user"], frame["key"], frame["weight"], frame["timestamp"], frame["count"], strict=True
        )
    } == expected


def test_a_search_is_text_not_a_product(tmp_path: Path) -> None:
    found = read(tmp_path, f"{FULL}\n1,ayam  pedas,search,,5\n1,Ayam Pedas,SEARCH,,9\n1,soto,search,,\n1,soto,1,,\n")
    assert pairs(found) == {("1", "soto"): 1.0}
    assert found.searches["text"].tolist() == ["Ayam Pedas", "soto"]
    assert found.searches["weight"].tolist() == [0.5, 0.5]
    assert found.searches["timestamp"].tolist()[0] == 9.0
    assert found.counts["searches"] == 2
    assert len(found.problems) == 0
    off = read(tmp_path, f"{HEADER}\n1,ayam,search\n1,soto,1\n", weights=TypeWeights().with_options(["search=0"]))
    assert len(off.searches) == 0


def test_unknown_titles_are_counted_and_listed(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEADER}\n1,soto,1\n1,sate tahuu,1\n2,quux,1\n3,quux,1\n4,quux,1\n")
    assert found.counts["unknown_title"] == 4
    assert found.problems.shown() == (
        "user3.csv line 3, column Title: 'sate tahuu' is not in the catalogue; row left out; did you "
        "mean 'Sate Tahu'?\n"
        "user3.csv line 4, column Title: 'quux' is not in the catalogue; row left out (and 2 more lines)"
    )
    assert found.problems.to_json()[1]["lines"] == [4, 5, 6]


def test_each_unusable_cell_is_a_problem(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        f"{FULL}\n1,soto,1,,yesterday\n1,nasi goreng,1,many,1700000000000\n "
        ",soto,1,,\n1,,1,,\n2,soto,purchas,,\n"
        "2,soto,,,\n2,soto,rating,,\n2,soto,rating,6,\n2,soto,rating,inf,\n2,soto,nan,,\n1,soto,1,,,extra\n",
    )
    assert pairs(found) == {("1", "soto"): 1.0, ("1", "nasi goreng"): 1.0}
    assert [str(problem) for problem in found.problems] == [
        "user3.csv line 12: '1,soto,1,,,extra' has 6 fields where the header has 5; quote a field "
        "that holds a comma; "
        "row left out",
        "user3.csv line 4, column UserID: is empty; row left out",
        "user3.csv line 5, column Title: is empty; row left out",
        "user3.csv line 6, column InteractionType: 'purchas' is not a known type; did you mean "
        "purchase? row left out; "
        "give it a weight with --weight purchas=NUMBER",
        "user3.csv line 7, column InteractionType: is empty; row left out",
        "user3.csv line 11, column InteractionType: 'nan' is not a known type; row left out; "
        "give it a weight with --weight nan=NUMBER",
        "user3.csv line 3, column Value: 'many' is not used, expected a rating up to 5; ratings out "
        "of ten, say, need "
        "--rating-scale 10",
        "user3.csv line 9, column Value: '6' expected a rating up to 5; ratings out of ten, say, need "
        "--rating-scale 10; row left out",
        "user3.csv line 10, column Value: 'inf' expected a rating up to 5; ratings out of ten, say, need "
        "--rating-scale 10; row left out",
        "user3.csv line 8, column Value: is empty; a rating needs one; row left out",
        "user3.csv line 2, column Timestamp: 'yesterday' is no timestamp, expected ISO 8601 or "
        "seconds since 1970; "
        "milliseconds? divide by 1000; left blank",
        "user3.csv line 3, column Timestamp: '1700000000000' is no timestamp, expected ISO 8601 or "
        "seconds since 1970; "
        "milliseconds? divide by 1000; left blank",
    ]


def test_true_lines_after_quoted_breaks(tmp_path: Path) -> None:
    found = read(tmp_path, f'{HEADER}\n1,"sate\ntahu",1\n\n1,quux,1\n')
    assert pairs(found) == {("1", "sate tahu"): 1.0}
    assert found.problems.items[0].line == 5


def test_times_are_seconds_in_utc() -> None:
    texts = [
        "2024-01-02T03:04:05Z",
        "2024-01-02 10:04:05+07:00",
        "2024-01-02T03:04:05.25",
        "2024-01-02",
        "1704164645.5",
    ]
    seconds, bad, remedy = seconds_since_1970(pd.Series([*texts, "", "0", "-5", "nan", "2024-13-01"], dtype="str"))
    moment = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()
    day = datetime(2024, 1, 2, tzinfo=UTC).timestamp()
    assert seconds[:5].tolist() == [moment, moment, moment + 0.25, day, 1704164645.5]
    assert math.isnan(seconds[5])
    assert seconds[6:8].tolist() == [0.0, -5.0]
    assert bad.tolist() == [False] * 8 + [True, True]
    assert remedy == "expected ISO 8601 or seconds since 1970"


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))
def test_iso_times_agree_with_datetime(moment: datetime) -> None:
    seconds, bad, _ = seconds_since_1970(pd.Series([moment.isoformat()], dtype="str"))
    assert not bad.any()
    assert seconds[0] == pytest.approx(moment.replace(tzinfo=UTC).timestamp(), abs=1e-5)


def test_no_positive_interaction_is_refused(tmp_path: Path) -> None:
    for content in (f"{HEADER}\n1,quux,1\n", f"{HEADER}\n1,soto,0\n", f"{HEADER}\n1,soto,search\n"):
        with pytest.raises(InputError) as refusal:
            read(tmp_path, content)
        assert str(refusal.value).startswith(
            "user3.csv: none of its 1 rows is a positive interaction with a product of the "
            "catalogue; check that both "
            "files belong together, and the types and ratings"
        )
    with pytest.raises(InputError, match=r"\nuser3.csv line 2, column Title: 'quux' is not in the catalogue"):
        read(tmp_path, f"{HEADER}\n1,quux,1\n")


def test_columns_missing_renamed_or_left_out(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        read(tmp_path, "UserID,Title\n1,soto\n")
    assert str(refusal.value) == (
        "user3.csv: expected a column InteractionType (type), found UserID, Title; map it with "
        "--column type=NAME, or with --column type= if every row is a plain interaction"
    )
    plain = read(tmp_path, "UserID,Title\n1,soto\n", ColumnNames(type=""))
    assert pairs(plain) == {("1", "soto"): 1.0}
    renamed = ColumnNames(user="who", title="what", type="how", timestamp="when", value="stars")
    found = read(tmp_path, "who;what;how;when;stars\n1;soto;rating;1970-01-01T00:01:00;5\n", renamed)
    assert pairs(found) == {("1", "soto"): 1.0}
    assert found.frame["timestamp"].tolist() == [60.0]
    with pytest.raises(InputError, match="expected a column when"):
        read(tmp_path, "who;what;how;stars\n1;soto;rating;5\n", renamed)


def test_the_real_interactions_read_cleanly_and_binary(shared_data: Path) -> None:
    for name, expected in (("seefud", 1970), ("ml-100k", 80367)):
        products = read_catalogue(shared_data / name / "product3.csv")
        found = read_interactions(shared_data / name / "user3.csv", products)
        assert len(found.frame) == expected
        assert (found.frame["weight"] == 1.0).all()
        assert len(found.problems) == 0
