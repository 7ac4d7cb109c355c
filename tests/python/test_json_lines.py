"""Exported lines: the reading in bulk against the judge of single lines, on lines damaged in every way."""

from __future__ import annotations

import datetime as dt
import io
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from python.made_events import event
from seefud.store import json_lines
from seefud.store.events import EVENT_TYPES, STAGED_SCHEMA, connect
from seefud.store.json_event import RejectedLine, json_event
from seefud.store.json_lines import stage_json_lines
from seefud.store.line_sum import with_sum
from seefud.store.quarantine import Quarantine

VALUES = [
    *(b"1.5", b"true", b"null", b'"4"', b"-1", b"NaN", b"1e400", b"99999999999999999999", b"[]", b"{}", b'""', b"0"),
    *(
        b'"\\u0000"',
        b'"\\ud800"',
        b'" "',
        '"\u3000"'.encode(),
        b"3",
        b"-0.0",
        b"1E2",
        b"01",
        b'"click"',
        b"2147483648",
        b"-inf",
        b"[NaN]",
    ),
]


def staged(content: bytes, folder: Path) -> tuple[dict[int, dict[str, Any]], Quarantine, int]:
    """Rows by line, the quarantine, and the number of lines."""
    (folder / "work").mkdir()
    (folder / "staged").mkdir()
    quarantine = Quarantine(folder / "quarantine", "x.jsonl", "line")
    with connect() as connection:
        lines = stage_json_lines(io.BytesIO(content), "x.jsonl", connection, folder / "staged", quarantine)
    rows: dict[int, dict[str, Any]] = {}
    for path in (folder / "staged").glob("*.parquet"):
        for row in pq.read_table(path).cast(STAGED_SCHEMA).to_pylist():
            assert row.pop("source") == "x.jsonl"
            row["time"] = round((row["time"] - dt.datetime(1970, 1, 1)) / dt.timedelta(milliseconds=1))
            assert row["line"] not in rows
            rows[row.pop("line")] = row
    return rows, quarantine, lines


def event_line(rng: random.Random, number: int) -> bytes:
    """A right event on a line that lacks its sum only."""
    made = event(rng.getrandbits(128), number, rng.choice(EVENT_TYPES), title='Sate, jamur "tahu" \U0001f372 é')
    if made["type"] == "search":
        del made["title"]
    if rng.random() < 0.5:
        made |= {"model": "0123456789ab", "rank": rng.randrange(1, 9), "score": rng.random(), "list": number}
    return json.dumps(made, ensure_ascii=rng.random() < 0.5).encode()


def summed(line: bytes) -> bytes:
    """Whatever it holds, as long as it ends in a brace."""
    text = line.decode("utf-8", "surrogateescape")
    return with_sum(text).encode("utf-8", "surrogateescape") if text.endswith("}") and len(text) > 2 else line


def damaged(line: bytes, rng: random.Random, *, utf8: bool) -> bytes:
    place = rng.randrange(len(line))
    kind = rng.randrange(9)
    if kind == 0:
        byte = bytes([rng.randrange(32, 127) if utf8 else rng.randrange(256)])
        changed = line[:place] + byte + line[place + 1 :]
    elif kind == 1:
        changed = line[:place]
    elif kind == 2:
        changed = line[:place] + line[place + 1 :]
    elif kind == 3:
        changed = line[:-1] + rng.choice([b",}", b"}}", b"} x", b", }", b'{"a":1}'])
    elif kind == 4:
        made = json.loads(line)
        key = rng.choice(list(made))
        old = json.dumps(made[key], ensure_ascii=False).encode()
        changed = line.replace(old, rng.choice(VALUES), 1)
    elif kind == 5:
        key = rng.choice([b"value", b"type", b"time", b"unknown", b"rank", b"model", b"list", b"product"])
        changed = line[:-1] + b', "' + key + b'": ' + rng.choice(VALUES) + b"}"
    elif kind == 6:
        begin, end = line[:-26], line[-26:]
        changed = rng.choice(
            [
                *(line + blank for blank in (b" ", b"\t", b"\r\r", b"\x0b")),
                *(b" " + line, line[:-1] + end, begin + b"}"),
                *(begin + more + end for more in (b" ", b',"a":1')),
                begin + end.upper().replace(b"SUM", b"sum"),
            ]
        )
    else:
        changed = line
    changed = changed.replace(b"\n", b" ")
    if utf8:
        changed = changed.decode("utf-8", "replace").encode()
    return changed


@pytest.mark.parametrize(("utf8", "block"), [(True, 200_000), (True, 4_000), (False, 4_000)])
def test_in_bulk_and_one_by_one_find_the_same_events_and_the_same_reasons(
    utf8: bool, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lines, "BLOCK_BYTES", block)
    rng = random.Random(5)
    lines: list[bytes] = []
    whole: dict[int, bytes] = {}
    for number in range(1, 4_001):
        made = event_line(rng, number)
        # A sum that fits lets wrong fields come as far as ever; the others show what the sum notices.
        if rng.random() < 0.5:
            lines.append(summed(damaged(made, rng, utf8=utf8)))
        else:
            whole[number] = summed(made)
            lines.append(damaged(whole[number], rng, utf8=utf8))
    wanted: dict[int, dict[str, Any]] = {}
    kinds: Counter[str] = Counter()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
        try:
            wanted[number] = json_event(text)
        except RejectedLine as why:
            kinds[why.kind] += 1
        else:
            assert number not in whole or text.encode() == whole[number], "a damaged line was accepted"
    assert len(wanted) > 1_000
    assert len(set(wanted) - set(whole)) > 500
    assert len(kinds) > 17, "the damage is of too few kinds to show much"
    assert min(kinds["bad_sum"], kinds["no_sum"]) > 20
    rows, quarantine, read = staged(b"\n".join(lines), tmp_path)
    assert rows == wanted
    assert quarantine.counts == dict(kinds)
    assert read == len(wanted) + sum(kinds.values())


def test_good_lines_need_no_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(line: str) -> dict[str, Any]:
        raise AssertionError(f"asked about {line}")

    monkeypatch.setattr(json_lines, "json_event", judge)
    rng = random.Random(1)
    lines = [summed(event_line(rng, number)) for number in range(500)]
    rows, quarantine, read = staged(b"\xef\xbb\xbf" + b"\r\n".join(lines) + b"\n", tmp_path)
    assert (len(rows), quarantine.rows, read) == (500, 0, 500)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('{"schema":1', "x.jsonl line 2: '{\"schema\":1' ends in the middle; line left out"),
        ("[]", "x.jsonl line 2: '[]' expected an object in braces; line left out"),
        ("{}", "x.jsonl line 2, column schema: is missing; expected 1; line left out"),
        (
            {"schema": 2},
            "x.jsonl line 2, column schema: '2' is newer than this version reads (1); install a newer seefud and "
            "ingest again; line left out",
        ),
        ({"schema": "1"}, "x.jsonl line 2, column schema: '1' expected 1; line left out"),
        ({"installation": "me"}, "x.jsonl line 2, column installation: 'me' expected 32 of 0-9 and a-f; line left out"),
        ({"sequence": None}, "x.jsonl line 2, column sequence: is missing; every event has one; line left out"),
        ({"sequence": 1.5}, "x.jsonl line 2, column sequence: '1.5' expected a whole number from 0; line left out"),
        (
            {"type": "clik"},
            "x.jsonl line 2, column type: 'clik' is no type of event; did you mean click? expected search, view, "
            "click, favorite, purchase, rating, dismiss, impression; line left out",
        ),
        (
            {"time": 1 << 60},
            "x.jsonl line 2, column time: '1152921504606846976' expected milliseconds since 1970, before the year "
            "10000; line left out",
        ),
        ({"title": " "}, "x.jsonl line 2, column title: is empty; a click needs a title or a product; line left out"),
        ({"type": "search"}, "x.jsonl line 2, column text: is empty; a search needs its text; line left out"),
        ({"type": "rating"}, "x.jsonl line 2, column value: a rating needs a value from 1 to 5; line left out"),
        (
            {"type": "rating", "value": 6},
            "x.jsonl line 2, column value: '6.0' a rating needs a value from 1 to 5; line left out",
        ),
        ({"model": "x"}, "x.jsonl line 2, column model: 'x' expected 12 of 0-9 and a-f; line left out"),
        ({"rank": 0}, "x.jsonl line 2, column rank: '0' expected a whole number from 1; line left out"),
        ({"title": 7}, "x.jsonl line 2, column title: '7' expected text in quotes; line left out"),
        ({"title": "a\0b"}, "x.jsonl line 2, column title: 'a\\x00b' holds a NUL or half a character; line left out"),
        (
            {},
            "x.jsonl line 2, column sum: is missing; every line ends in one; the line is damaged or was changed; "
            "line left out",
        ),
        (
            {"sum": "0123456789abcdef"},
            "x.jsonl line 2, column sum: '0123456789abcdef' expected the line to end in "
            ',"sum":"<16 of 0-9 and a-f>"}; the line is damaged or was changed; line left out',
        ),
        (
            with_sum(json.dumps(event(1, 1))).replace("Sate", "sate"),
            "x.jsonl line 2, column sum: '4bf2356891685ada' expected 0fc893c725df6e21, that of the line before it; "
            "the line is damaged or was changed; line left out",
        ),
    ],
)
def test_a_line_that_is_no_event_says_why(line: str | dict[str, Any], text: str, tmp_path: Path) -> None:
    made = (
        line
        if isinstance(line, str)
        else json.dumps({key: value for key, value in {**event(1, 1), **line}.items() if value is not None})
    )
    first, last = (with_sum(json.dumps(event(1, number))) for number in (0, 2))
    content = f"{first}\n{made}\n{last}\n"
    rows, quarantine, read = staged(content.encode(), tmp_path)
    assert [str(problem) for problem in quarantine.first] == [text]
    assert sorted(rows) == [1, 3]
    assert read == 3


def test_bytes_that_are_no_text_and_lines_without_end_cost_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lines, "BLOCK_BYTES", 1 << 16)
    good = [summed(json.dumps(event(1, number)).encode()) for number in range(4)]
    huge = b'{"title":"' + b"x" * (3 << 20) + b'"}'
    content = b"\n".join([good[0], b'{"title":"\xff"}', good[1], huge, good[2], b'{"a":"\0"}', good[3]])
    rows, quarantine, _ = staged(content, tmp_path)
    assert sorted(rows) == [1, 3, 5, 7]
    texts = [str(problem) for problem in quarantine.first]
    assert "x.jsonl line 2: " in texts[0]
    assert "byte 0xFF is not UTF-8; the line is damaged; line left out" in texts[0]
    assert (
        f"is {len(huge) + 1:,} bytes long; expected at most 1,048,576; is a line break missing? line left out"
        in texts[1]
    )
    assert "x.jsonl line 4: " in texts[1]
    assert "x.jsonl line 6: " in texts[2]
    assert "holds a NUL byte" in texts[2]


def test_of_a_key_that_stands_there_twice_the_first_counts_in_both_readings(tmp_path: Path) -> None:
    line = with_sum(json.dumps(event(1, 1))[:-1] + ', "title": "another"}')
    assert json_event(line)["title"] == "Sate 1"
    rows, _, _ = staged(line.encode(), tmp_path)
    assert rows[1]["title"] == "Sate 1"
