"""The sum at the end of an exported line: what it is, and that no damaged line gets past it."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from golden.write_export import PATH
from python.made_events import event
from seefud.store.events import connect
from seefud.store.json_event import RejectedLine, json_event
from seefud.store.json_lines import stage_json_lines
from seefud.store.line_sum import with_sum
from seefud.store.quarantine import Quarantine

LINES = PATH.read_text(encoding="ascii").splitlines()
REPLACEMENTS = '0fF9z"\\, }\n\t\x7f\u00e9\u2028\U0001f35c'


def refusal(line: str) -> str:
    """Why a line is no event; fails if it is one."""
    with pytest.raises(RejectedLine) as found:
        json_event(line)
    return str(found.value.kind)


def staged(lines: list[str], folder: Path) -> tuple[int, dict[str, int]]:
    """What the reading in bulk makes of lines: how many are events, and why the others are not."""
    (folder / "work").mkdir(parents=True)
    (folder / "staged").mkdir()
    quarantine = Quarantine(folder / "quarantine", "x.jsonl", "line")
    content = io.BytesIO("\n".join(lines).encode())
    with connect() as connection:
        read = stage_json_lines(content, "x.jsonl", connection, folder / "staged", quarantine)
    return read - quarantine.rows, quarantine.counts


# ---- what it is


def test_a_sum_is_known() -> None:
    assert with_sum('{"schema":1}') == '{"schema":1,"sum":"041aad9d3e16753a"}'
    assert LINES[0].endswith(',"text":"ayam pedas","sum":"929171050ddd7a32"}')
    assert [hashlib.sha256(line[:-26].encode()).hexdigest()[:16] for line in LINES] == [line[-18:-2] for line in LINES]


def test_the_sum_is_over_the_text_as_it_stands_there() -> None:
    made = {**event(1, 1), "title": "soto \u2028 \u00e9"}
    escaped, raw = with_sum(json.dumps(made)), with_sum(json.dumps(made, ensure_ascii=False))
    assert escaped[-26:] != raw[-26:]
    assert json_event(escaped) == json_event(raw)


def test_the_three_lines_of_the_page_make_it() -> None:
    page = Path(__file__).parents[2] / "docs" / "interaction-log.md"
    (lines,) = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    made = event(1, 1, title="soto \u00e9")
    names = {"json": json, "hashlib": hashlib, "event": made}
    exec(compile(lines, page.name, "exec"), names)
    assert names["line"] == with_sum(json.dumps(made, ensure_ascii=False))


@pytest.mark.parametrize("line", ["", "{}", "{ }", "}", "[1]", '{"a":1', '{"a":1}\n'])
def test_what_is_no_object_on_a_line_gets_no_sum(line: str) -> None:
    with pytest.raises(ValueError, match=r"expected a JSON object with a key, found .*; give the line without its end"):
        with_sum(line)


# ---- what it notices


def changed_everywhere(line: str) -> Iterator[str]:
    """Each with one character replaced, left out, put in or doubled; the line itself is not among them."""
    for place in range(len(line) + 1):
        before, after = line[:place], line[place + 1 :]
        changes = {before + other + after for other in REPLACEMENTS if place < len(line)}
        changes |= {before + other + line[place:] for other in REPLACEMENTS}
        changes |= {before + after, line[:place] + line[place : place + 1] + line[place:]}
        # Another end of the line is no damage.
        yield from sorted(change for change in changes if change.rstrip("\r\n") != line)


def test_no_line_with_one_character_changed_is_an_event() -> None:
    kinds: Counter[str] = Counter()
    for line in LINES:
        assert json_event(line)
        kinds.update(refusal(change) for change in changed_everywhere(line))
    assert sum(kinds.values()) > 50_000
    assert kinds["bad_sum"] > 10_000, "by all that the fields cannot tell"
    assert kinds["no_sum"] > 100, "by a damaged key"


def test_nor_is_it_one_when_lines_are_read_in_bulk(tmp_path: Path) -> None:
    for number, line in enumerate((LINES[3], LINES[13])):
        changes = [change for change in changed_everywhere(line) if "\n" not in change and change.strip()]
        kinds = Counter(refusal(change) for change in changes)
        assert staged([line, *changes, line], tmp_path / str(number)) == (2, dict(kinds))


def test_each_way_to_get_the_end_wrong_has_its_name(tmp_path: Path) -> None:
    line = LINES[3]
    begin, end = line[:-26], line[-26:]
    digits = end[8:24]
    assert any("a" <= digit <= "f" for digit in digits), "upper case would be no change"
    wrong = {
        **dict.fromkeys([line + blank for blank in (" ", "\t", "\r ")], "bad_sum"),
        **dict.fromkeys([line + blank for blank in ("\x0b", "\u00a0", "}")], "not_json"),
        **dict.fromkeys([" " + line, "{ " + line[1:], line[:-1] + " }"], "bad_sum"),
        begin + end.upper().replace("SUM", "sum"): "bad_sum",
        begin + end.replace("sum", "SUM"): "no_sum",
        begin + end.replace("sum", "Sum"): "no_sum",
        begin + "}": "no_sum",
        begin + ',"sum":null}': "no_sum",
        begin + ',"sum":7}': "bad_sum",
        begin + f',"sum":["{digits}"]}}': "bad_sum",
        begin + f',"sum": "{digits}"}}': "bad_sum",
        begin + f', "sum":"{digits}"}}': "bad_sum",
        begin + f',"sum":"{digits[:-1]}"}}': "bad_sum",
        begin + f',"sum":"{digits}0"}}': "bad_sum",
        begin + f',"s\\u0075m":"{digits}"}}': "bad_sum",
        line[:-1] + end: "bad_sum",  # two of the same
        with_sum(line): "bad_sum",  # two, of which the last one fits
        with_sum('{"sum":null,' + begin[1:] + "}"): "no_sum",
        line[:-1] + ',"more":1}': "bad_sum",  # not the last key
        "{" + end[1:-1] + "," + begin[1:] + "}": "bad_sum",  # the first
        line.replace(',"rank":1', ""): "bad_sum",  # a field less, with the old sum
        line.replace("sate jamur", "sate  jamur"): "bad_sum",
        begin + LINES[4][-26:]: "bad_sum",  # that of another line
    }
    assert {each: refusal(each) for each in wrong} == wrong
    assert staged([line, *wrong, line], tmp_path) == (2, dict(Counter(wrong.values())))


def test_only_the_end_of_the_line_may_follow(tmp_path: Path) -> None:
    ends = ["\n", "\r\n", "\r\r\n", "\n\n", ""]
    content = "".join(line + end for line, end in zip(LINES, ends, strict=False))
    assert staged([content], tmp_path) == (len(ends), {})


def test_a_newer_schema_and_wrong_fields_are_called_by_their_names_first() -> None:
    line = LINES[0]
    assert refusal(line.replace('"schema":1', '"schema":2')) == "newer_schema"
    assert refusal(line.replace('"search"', '"serach"')) == "unknown_type"
    assert refusal(line[:-26] + "}") == "no_sum"


def test_half_a_character_is_refused_though_it_has_no_utf8() -> None:
    assert refusal(LINES[0][:-26] + ',"mood":"\ud800"' + LINES[0][-26:]) == "bad_sum"
