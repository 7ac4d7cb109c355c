"""Reading tables: true line numbers, every dialect, and one clear refusal per kind of broken file."""

from __future__ import annotations

import csv
import gzip
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seefud.columns import ColumnNames
from seefud.delimited import parse_delimited
from seefud.errors import InputError
from seefud.problems import Problems
from seefud.tables import Table, read_table


def table(tmp_path: Path, content: bytes | str, name: str = "product3.csv", **options: Problems) -> Table:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(path, **options)


def rows(read: Table) -> list[tuple[str, ...]]:
    return list(read.frame.itertuples(index=False, name=None))


PLAIN = "Title,Ingredients\nsate,tahu\nsoto,\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.replace(",", ";").encode(),
        PLAIN.rstrip("\n").encode(),
        PLAIN.replace("Title,", " Title ,").encode(),
        b"Title,Ingredients,,\nsate,tahu,,\nsoto\n",
        gzip.compress(PLAIN.encode()),
        gzip.compress(PLAIN[:9].encode()) + gzip.compress(PLAIN[9:].encode()),
    ],
    ids=[
        "lf",
        "bom",
        "crlf",
        "cr",
        "semicolon",
        "no-last-break",
        "name",
        "blank-columns",
        "gzip",
        "two-gzips",
    ],
)
def test_every_dialect_reads_the_same(tmp_path: Path, content: bytes) -> None:
    read = table(tmp_path, content)
    assert read.columns == ("Title", "Ingredients")
    assert rows(read) == [("sate", "tahu"), ("soto", "")]
    assert read.lines.tolist() == [2, 3]
    assert (read.file, read.unit, len(read)) == ("product3.csv", "line", 2)


def test_everything_is_text(tmp_path: Path) -> None:
    read = table(tmp_path, "UserID,Title\n007,NA\n1e3,null\nTrue,\n")
    assert rows(read) == [("007", "NA"), ("1e3", "null"), ("True", "")]


def test_lines_are_true_after_quoted_breaks_and_empty_lines(tmp_path: Path) -> None:
    content = '\nTitle,Note\r\n"a","one\ntwo\r\nthree"\n\n\nb,"x\ry"\n"c\n",\nd,"say ""hi"""\n'
    read = table(tmp_path, content)
    assert rows(read) == [("a", "one\ntwo\r\nthree"), ("b", "x\ry"), ("c\n", ""), ("d", 'say "hi"')]
    assert read.lines.tolist() == [3, 8, 10, 12]


fields = st.text(st.sampled_from('ab,;"\n\r é'), max_size=5)


@settings(max_examples=200)
@given(st.lists(st.tuples(fields, fields), min_size=1, max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_what_csv_writes_is_read_back_with_its_lines(written: list[tuple[str, str]], end: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(("first", "second"))
    lines = []
    for row in written:
        lines.append(len(re.findall("\r\n|\r|\n", out.getvalue())) + 1)
        writer.writerow(row)
    frame, found = parse_delimited("t.csv", out.getvalue().encode(), None)
    assert list(frame.itertuples(index=False, name=None)) == written
    assert found.tolist() == lines


def test_lines_go_on_over_many_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seefud.delimited._CHUNK_ROWS", 3)
    content = "Title\n" + "".join(f'"t{i}\n"\n' if i % 4 == 0 else f"t{i}\n" for i in range(20))
    read = table(tmp_path, content)
    naive, at = [], 2
    for i in range(20):
        naive.append(at)
        at += 2 if i % 4 == 0 else 1
    assert read.lines.tolist() == naive
    assert [title.strip() for (title,) in rows(read)] == [f"t{i}" for i in range(20)]


def test_parquet_reads_as_text_with_row_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "UserID": [7, 8],
            "Title": ["sate", None],
            "Tags": [["a", "b"], []],
            "When": pd.to_datetime(["2024-01-02T03:04:05+07:00", "NaT"], utc=False),
        }
    )
    frame.to_parquet(tmp_path / "user3.csv")  # the content tells, not the name
    read = read_table(tmp_path / "user3.csv")
    assert read.columns == ("UserID", "Title", "Tags", "When")
    assert [row[:3] for row in rows(read)] == [("7", "sate", "a, b"), ("8", "", "")]
    assert read.frame["When"][0].startswith("2024-01-01 20:04:05")
    assert (read.lines.tolist(), read.unit) == ([1, 2], "row")


REFUSED = {
    "is empty; expected a header line": b"",
    "is empty; expected": b"\xef\xbb\xbf\n \n",
    "has a header but no rows; expected at least one": b"Title,Ingredients\n\n",
    "line 1: expected a header with column names, found separators": b",,\na,b,c\n",
    "line 1: 2 columns are called Title (numbers 1, 3); rename or remove all": b"Title,A,Title\na,b,c\n",
    "line 3: holds a NUL byte; remove it": b"Title\nsate\nso\0to\n",
    "is a binary file; expected CSV text or Parquet": bytes(range(256)) * 20,
    "is a ZIP archive or an Excel workbook; save the sheet as CSV": b"PK\x03\x04....",
    "is UTF-16 text; save it as UTF-8": "Title\nsate\n".encode("utf-16"),
    "line 3: byte 0xE9 is not UTF-8; save the file as UTF-8": b"Title\r\nsate\r\ncaf\xe9\r\n",
    "line 2: is 10,000,000 bytes long; expected at most 1,048,576": b"Title\n" + b"x" * 10_000_000 + b"\nsate\n",
    "line 1: is 10,000,000 bytes long": b"x" * 10_000_000,
    "line 4: a quoted field goes wrong": b'Title,A\n"a\nb",\n"never closed,\nx,y\n',
    "line 2: a quoted field goes wrong": b'Title,A\n"a"b,c\n',
    "line 3: has 3 fields where the header has 2; quote a field that holds a comma, or pass --drop-invalid": (
        b"Title,A\na,b\nc,d,e\n"
    ),
    "line 2: has 3 fields where the header has 2; quote a field that holds a semicolon": b"Title;A\na;b;c\n",
    "is no readable Parquet table": b"PAR1 but not really PAR1",
    "the gzip data ends too early; copy the file again": gzip.compress(b"Title\nsate\n" * 99)[:-10],
    "the gzip data is damaged": gzip.compress(b"Title\nsate\n")[:10] + b"\xff" * 40,
    "is gzip inside gzip; unpack it once": gzip.compress(gzip.compress(b"Title\nsate\n")),
}


@pytest.mark.parametrize("message", REFUSED, ids=lambda message: re.sub(r"\W+", "-", message)[:40])
def test_each_broken_file_has_its_refusal(tmp_path: Path, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        table(tmp_path, REFUSED[message])
    assert str(refusal.value).startswith("product3.csv")
    assert message in str(refusal.value)


def test_a_quoted_field_that_never_ends_is_refused_however_long(tmp_path: Path) -> None:
    content = 'Title,A\na,b\n"open,\n' + "word word\n" * 200_000
    with pytest.raises(InputError, match=r"^product3.csv line 3: a quoted field goes wrong"):
        table(tmp_path, content)
    assert csv.field_size_limit() == 131_072  # the limit of the whole process is put back


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.csv: no such file; give the path of a CSV or Parquet file"):
        read_table(tmp_path / "nowhere.csv")
    with pytest.raises(InputError, match="is a folder; give a CSV or Parquet file"):
        read_table(tmp_path)


def test_a_gzip_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seefud.tables.MAX_FILE_BYTES", 1000)
    with pytest.raises(InputError, match="unpacks to more than 1,000 bytes"):
        table(tmp_path, gzip.compress(b"x" * 100_000))
    with pytest.raises(InputError, match="is larger than 1,000 bytes"):
        table(tmp_path, b"Title\n" + b"sate\n" * 1000)


def test_rows_with_too_many_fields_can_be_listed_instead(tmp_path: Path) -> None:
    problems = Problems()
    read = table(tmp_path, "Title,A\na,b\nc,d,e\nf,g,\n", problems=problems)
    assert rows(read) == [("a", "b"), ("f", "g")]
    assert read.lines.tolist() == [2, 4]
    assert problems.shown() == (
        "product3.csv line 3: 'c,d,e' has 3 fields where the header has 2; quote a field that holds a comma; "
        "row left out"
    )


def test_a_missing_column_says_what_was_found_and_how_to_map(tmp_path: Path) -> None:
    read = table(tmp_path, "Titel,Zutaten\na,b\n")
    with pytest.raises(InputError) as refusal:
        read.column(ColumnNames(), "title", required=True)
    assert str(refusal.value) == (
        "product3.csv: expected a column Title (title), found Titel, Zutaten; did you mean Titel? "
        "Map it with --column title=NAME"
    )
    assert read.column(ColumnNames(), "price") is None
    with pytest.raises(InputError, match="expected a column Preis"):
        read.column(ColumnNames(price="Preis"), "price")
    with pytest.raises(InputError, match="the title column cannot be left out"):
        read.column(ColumnNames(title=""), "title", required=True)
    assert read.column(ColumnNames(ingredients=""), "ingredients") is None


def test_columns_meet_without_case_and_punctuation_if_only_one_does(tmp_path: Path) -> None:
    read = table(tmp_path, "user_id,title,Title\n1,a,b\n")
    column = read.column(ColumnNames(), "user", required=True)
    assert column is not None
    assert column.tolist() == ["1"]
    exact = read.column(ColumnNames(), "title")
    assert exact is not None
    assert exact.tolist() == ["b"]
