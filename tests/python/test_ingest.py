"""`seefud ingest`: what is new, what is known, what is put away and why, and the command."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python.conftest import Fails, Run
from python.made_events import EVENTS, event, stored, stored_ids, write_lines
from seefud.catalogue import Catalogue
from seefud.columns import ColumnNames
from seefud.interactions import read_interactions
from seefud.store import InteractionStore
from seefud.store import ingest as ingest_module
from seefud.store.ingest import SourceResult, ingest

HEADER = "UserID,Title,InteractionType,Timestamp,Value\n"
CSV = (
    f"{HEADER}u1,Sate,view,2026-01-01T10:00:00,\nu1,Sate,view,2026-01-01T10:00:00,\n"
    "007, Soto  ayam ,RATING,1767261600.25,4\nu2,soto pedas,search,,\nu2,Sate,1,2026-01-02T01:00:00+02:00,\n"
)


def counts(result: SourceResult) -> tuple[int, int, int, int]:
    return result.read, result.new, result.known, result.quarantined


# ---- the same thing again


@settings(max_examples=12, deadline=None)
@given(
    files=st.lists(st.lists(st.integers(0, len(EVENTS) - 1), max_size=8), min_size=1, max_size=4),
    order=st.randoms(use_true_random=False),
)
def test_however_events_are_split_repeated_and_ordered_the_store_holds_each_once(
    files: list[list[int]], order: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = [
            write_lines(folder / f"{number}.jsonl", [EVENTS[place] for place in places])
            for number, places in enumerate(files)
        ]
        order.shuffle(paths)
        once = ingest(paths, folder / "store")
        wanted = {f"{each['installation']}-{each['sequence']}" for each in (EVENTS[i] for part in files for i in part)}
        assert set(stored_ids(folder / "store")) == wanted
        assert once.events == sum(each.new for each in once.sources) == len(wanted)
        before = InteractionStore.open(folder / "store").loads
        again = ingest(paths[::-1], folder / "store")
        assert [each.new for each in again.sources] == [0] * len(paths)
        assert InteractionStore.open(folder / "store").loads == before, "nothing new is no load"


def test_the_columns_of_an_event_come_through(tmp_path: Path) -> None:
    shown = event(1, 1, "impression", model="0123456789ab", rank=3, score=0.5, list=17, product="p1")
    path = write_lines(tmp_path / "a.jsonl", [shown, event(1, 2, "rating", value=4), event(1, 3, "search", title=None)])
    assert counts(ingest([path], tmp_path / "store").sources[0]) == (3, 3, 0, 0)
    rows = stored(tmp_path / "store")
    user = f"{1:032x}"
    assert [row["event_id"] for row in rows] == [f"{user}-1", f"{user}-2", f"{user}-3"]
    first = {key: value for key, value in rows[0].items() if key not in ("event_id", "time")}
    assert first == {
        **{"user": user, "type": "impression", "title": "Sate 1", "product": "p1", "text": None, "value": None},
        **{"model": "0123456789ab", "rank": 3, "score": 0.5, "list": 17, "source": "a.jsonl", "line": 1},
        "day": "2025-11-25",
    }
    assert str(rows[0]["time"]) == "2025-11-25 04:00:00"
    assert (rows[1]["value"], rows[2]["text"], rows[2]["title"]) == (4.0, "soto ayam", None)


def test_rows_without_an_identity_are_named_by_content_and_number(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(CSV, encoding="utf-8")
    assert counts(ingest([path], tmp_path / "store").sources[0]) == (5, 5, 0, 0)
    rows = {(row["user"], row["line"]): row for row in stored(tmp_path / "store")}
    digest = hashlib.md5(b"\x1f".join([b"u1", b"Sate", b"view", b"1767261600000000", b"", b""])).hexdigest()
    assert [rows["u1", line]["event_id"] for line in (2, 3)] == [f"row-{digest}-1", f"row-{digest}-2"]
    rated = rows["007", 4]
    assert (rated["title"], rated["type"], rated["value"], rated["day"]) == ("Soto  ayam", "rating", 4.0, "2026-01-01")
    assert str(rated["time"]) == "2026-01-01 10:00:00.250000"
    assert (rows["u2", 5]["text"], rows["u2", 5]["title"], rows["u2", 5]["day"]) == ("soto pedas", None, "unknown")
    assert str(rows["u2", 6]["time"]) == "2026-01-01 23:00:00"


def test_the_same_rows_from_another_kind_of_file_are_known(tmp_path: Path) -> None:
    plain, packed, table = tmp_path / "a.csv", tmp_path / "b.csv.gz", tmp_path / "c.parquet"
    plain.write_text(CSV, encoding="utf-8")
    packed.write_bytes(gzip.compress(CSV.replace(",", ";").encode("utf-8-sig")))
    pd.read_csv(plain, dtype=str).to_parquet(table)
    typed = pa.table(
        {
            "user_id": ["u1", "u1"],
            "Title": ["Sate", "Sate"],
            "InteractionType": ["view", "view"],
            "Timestamp": pa.array([1_767_261_600_000] * 2, pa.timestamp("ms", "Asia/Jakarta")),
            "Value": pa.nulls(2, pa.float64()),
        }
    )
    pq.write_table(typed, tmp_path / "d.parquet")
    found = ingest([plain, packed, table, tmp_path / "d.parquet"], tmp_path / "store")
    assert [counts(each) for each in found.sources] == [(5, 5, 0, 0), (5, 0, 5, 0), (5, 0, 5, 0), (2, 0, 2, 0)]


def test_a_third_row_of_the_same_content_is_the_only_new_one(tmp_path: Path) -> None:
    two, three = tmp_path / "two.csv", tmp_path / "three.csv"
    two.write_text(f"{HEADER}u,Sate,view,,\nu,Sate,view,,\n", encoding="utf-8")
    three.write_text(f"{HEADER}u,Sate,view,,\nu,Sate,view,,\nu,Sate,view,,\n", encoding="utf-8")
    found = ingest([two, three], tmp_path / "store")
    assert [counts(each)[1:3] for each in found.sources] == [(2, 0), (1, 2)]
    assert {row["event_id"][-2:] for row in stored(tmp_path / "store")} == {"-1", "-2", "-3"}


def test_users_with_the_same_rows_stay_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADER}u1,Sate,view,,\nu2,Sate,view,,\n", encoding="utf-8")
    assert ingest([path], tmp_path / "store").sources[0].new == 2
    assert len({row["event_id"].split("-")[1] for row in stored(tmp_path / "store")}) == 2


# ---- what is no event


def test_rows_that_are_no_event_say_why_and_are_kept_with_their_text(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    rows = [
        *("u,Sate,view,,", ",Sate,view,,", "u, ,view,,", "u,,search,,", "u,Sate,,,", "u,Sate,view,1764000000000,"),
        *(
            "u,Sate,view,,viel",
            "u,Sate,rating,,",
            "u,Sate,view,,,,7",
            'u,"Sate,view',
            "u,a\0b,view,,",
            "u,\udcff,view,,",
        ),
        "u,Soto,view,,",
    ]
    path.write_bytes((HEADER + "\n".join(rows) + "\n").encode("utf-8", "surrogateescape"))
    found = ingest([path], tmp_path / "store").sources[0]
    assert counts(found) == (13, 2, 0, 11)
    texts = {problem.line: str(problem) for problem in found.problems}
    wanted = {
        3: "bad.csv line 3, column UserID: is empty; every row needs a user; row left out",
        4: "bad.csv line 4, column Title: is empty; every row needs one; row left out",
        5: "bad.csv line 5, column Title: is empty; a search needs its text; row left out",
        6: "bad.csv line 6, column InteractionType: is empty; every row needs a type; row left out",
        7: "bad.csv line 7, column Timestamp: '1764000000000' is no timestamp, expected ISO 8601 or seconds since "
        "1970; milliseconds? divide by 1000; row left out",
        8: "bad.csv line 8, column Value: 'viel' expected a number; row left out",
        9: "bad.csv line 9, column Value: is empty; a rating needs a value; row left out",
        10: "has 7 fields where the header has 5; quote a field that holds a comma; row left out",
        11: "a quoted field goes wrong",
        12: "holds a NUL byte; row left out",
        13: "byte 0xFF is not UTF-8; row left out",
    }
    assert {line: text for line, text in texts.items() if wanted.get(line, "?") not in text} == {}
    assert sorted(texts) == sorted(wanted)
    (written,) = (tmp_path / "store" / "quarantine").iterdir()
    records = [json.loads(line) for line in written.read_text(encoding="utf-8").splitlines()]
    assert sorted(record["line"] for record in records) == sorted(wanted)
    late = next(record for record in records if record["line"] == 7)
    assert late["text"] == "UserID=u, Title=Sate, InteractionType=view, Timestamp=1764000000000"
    assert (late["kind"], late["file"], late["column"]) == ("bad_timestamp", "bad.csv", "Timestamp")
    ingest([path], tmp_path / "store")
    assert len(list((tmp_path / "store" / "quarantine").iterdir())) == 1, "the same damage is kept once"


def test_a_header_lacks_a_column(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("customer,Title,InteractionType\nu,Sate,view\n", encoding="utf-8")
    found = ingest([path], tmp_path / "store").sources[0]
    assert found.error == (
        "a.csv: expected a column UserID (user), found customer, Title, InteractionType; map it with --column user=NAME"
    )
    mapped = ColumnNames().with_options(["user=customer"])
    assert ingest([path], tmp_path / "store", mapped).sources[0].new == 1


def test_products_by_their_id_alone_are_events(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("UserID,ProductID,InteractionType\nu,p1,view\nu,p2,view\n", encoding="utf-8")
    assert ingest([path], tmp_path / "store").sources[0].new == 2
    assert {(row["product"], row["title"]) for row in stored(tmp_path / "store")} == {("p1", None), ("p2", None)}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(b"x" * 9_999, mtime=0)[:-9], "the gzip data ends too early; copy the file again"),
        (gzip.compress(b"x" * 9_999, mtime=0)[:20] + b"\xff" * 99, "the gzip data is damaged"),
        (b"PAR1 and no more", "is no readable Parquet table of plain columns"),
        (b"SQLite format 3\0", "is an SQLite database; export the table as CSV"),
        (b"\x89PNG....", "is an image; give a CSV file"),
    ],
)
def test_a_source_that_cannot_be_read_leaves_nothing_and_the_others_are(
    content: bytes, message: str, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.dat"
    broken.write_bytes(content)
    good = write_lines(tmp_path / "good.jsonl", EVENTS)
    found = ingest([broken, good], tmp_path / "store")
    assert found.sources[0].error.startswith("broken.dat: ")
    assert message in found.sources[0].error
    assert found.sources[1].new == len(EVENTS)
    assert not found.usable
    assert not (tmp_path / "store" / "quarantine").exists()


def test_an_export_without_events_is_fine(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"")
    (tmp_path / "b.csv").write_bytes(HEADER.encode())
    found = ingest([tmp_path / "a.jsonl", tmp_path / "b.csv"], tmp_path / "store")
    assert [counts(each) for each in found.sources] == [(0, 0, 0, 0)] * 2
    assert found.usable


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", EVENTS)

    def grow(_source: str, stage: str) -> None:
        if stage == "merging":
            write_lines(path, [*EVENTS, event(9, 9)])

    found = ingest([path], tmp_path / "store", progress=grow).sources[0]
    assert found.error == "a.jsonl: changed while it was read; ingest it when it is complete"
    assert InteractionStore.open(tmp_path / "store").events == 0


def test_a_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest_module, "MAX_UNPACKED_BYTES", 10_000)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(HEADER.encode() + b"u,Sate,view,,\n" * 1_000))
    found = ingest([tmp_path / "a.csv.gz"], tmp_path / "store").sources[0]
    assert found.error == "a.csv.gz: unpacks to more than 10,000 bytes; is it damaged?"


# ---- the command


def test_the_command_counts_and_shows_the_first_problems(tmp_path: Path, run: Run) -> None:
    good = write_lines(tmp_path / "a.jsonl", [*EVENTS, EVENTS[0], *["{damage [red]"] * 7])
    code, out, error = run("ingest", good, "--into", tmp_path / "store")
    assert code == 0
    assert "error" not in error
    lines = out.splitlines()
    assert lines[0].split() == ["source", "read", "new", "known", "quarantined"]
    assert lines[1].split() == ["a.jsonl", "18", "10", "1", "7"]
    assert sum("ends in the middle" in line or "is not JSON" in line for line in lines) == 5
    assert "[red]" in out
    assert "... and 2 more, all in" in out
    assert lines[-1].endswith(": 10 events")
    code, out, _ = run("ingest", good, "--into", tmp_path / "store", "--json")
    found = json.loads(out)
    assert (code, found["events"], found["sources"][0]["new"], found["sources"][0]["kinds"]) == (
        0,
        10,
        0,
        {"not_json": 7},
    )
    assert str(tmp_path) not in out


def test_the_command_says_what_cannot_be_read(tmp_path: Path, fails: Fails, run: Run) -> None:
    store = tmp_path / "store"
    message = fails("ingest", tmp_path / "none.jsonl", "--into", store)
    assert "none.jsonl: no such file; give exported JSON Lines, CSV, Parquet or a database URL" in message
    assert "is a folder; give the files in it" in fails("ingest", tmp_path, "--into", store)
    assert not store.exists()
    damage = write_lines(tmp_path / "damage.jsonl", ["x", "y"])
    good = write_lines(tmp_path / "good.jsonl", EVENTS)
    code, out, error = run("ingest", damage, good, "--into", store)
    assert code == 2
    assert "error: damage.jsonl: holds no event; see " in error
    assert f"{len(EVENTS)} events" in out


def test_settings_name_the_columns(tmp_path: Path, run: Run) -> None:
    (tmp_path / "a.csv").write_text("customer,dish,what\nu,Sate,view\n", encoding="utf-8")
    toml = tmp_path / "names.toml"
    toml.write_text('[columns]\nuser = "customer"\ntitle = "dish"\n[queries]\nall = "SELECT 1"\n', encoding="utf-8")
    arguments = [
        "ingest",
        tmp_path / "a.csv",
        "--into",
        tmp_path / "store",
        "--settings",
        toml,
        "--column",
        "type=what",
    ]
    assert run(*arguments)[0] == 0
    assert [(row["user"], row["title"], row["type"]) for row in stored(tmp_path / "store")] == [("u", "Sate", "view")]


def test_names_that_duckdb_would_expand_or_end_are_only_names(tmp_path: Path) -> None:
    folder = tmp_path / "it's [1] *?"
    folder.mkdir()
    pd.DataFrame({"UserID": ["u"], "Title": ["Sate"], "InteractionType": ["view"]}).to_parquet(
        folder / "a[1]'*.parquet"
    )
    lines = write_lines(folder / "b?.jsonl", EVENTS)
    found = ingest([folder / "a[1]'*.parquet", lines], folder / "st'ore [x]")
    assert [each.new for each in found.sources] == [1, len(EVENTS)]
    assert ingest([lines], folder / "st'ore [x]").sources[0].known == len(EVENTS)
    assert read_interactions(folder / "st'ore [x]", Catalogue(("Sate",), ("sate",), ("",))).frame["user"].tolist() == [
        "u"
    ]


def test_what_a_phone_exports_is_read() -> None:
    export = Path(__file__).parents[1] / "golden" / "export.jsonl"
    lines = len(export.read_text(encoding="utf-8").splitlines())
    with tempfile.TemporaryDirectory() as name:
        found = ingest([export], Path(name) / "store").sources[0]
    assert counts(found) == (lines, lines, 0, 0)


def test_a_line_that_was_damaged_on_the_way_is_put_away_and_the_others_are_read(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", EVENTS)
    path.write_bytes(path.read_bytes().replace(b"Sate 3", b"Satu 3", 1))
    found = ingest([path], tmp_path / "store").sources[0]
    assert counts(found) == (len(EVENTS), len(EVENTS) - 1, 0, 1)
    assert found.kinds == {"bad_sum": 1}
    assert {row["title"] for row in stored(tmp_path / "store")} == {f"Sate {number}" for number in range(5)}
