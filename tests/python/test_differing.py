"""`seefud diff`: a file against itself and against one whose differences are known, gates, JSON, and the page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from python.conftest import Built, Fails, Run
from seefud.difference_page import difference_page, write_difference_page
from seefud.errors import InputError
from seefud.file_difference import FileDifference, Limits, compare_files, judge
from seefud_converter.bundle import VOCABULARIES, read_bundle, write_bundle

HOSTILE = r'<script>alert("1")</script> $\frac{$ [bold]&amp; ]]>' + "\u202e\x1b[2J"


@pytest.fixture(scope="module")
def changed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built file with a hostile title for the first product, and 0.1 less of the metrics it claims."""
    bundle = read_bundle(built.model)
    content = {name: bundle.files[name] for name in VOCABULARIES if name in bundle.files}
    content["products.txt"] = "".join(f"{title}\n" for title in (HOSTILE, *bundle.products[1:])).encode()
    document = json.loads(json.dumps(bundle.document))
    for name in ("recall@20", "ndcg@20"):
        document["metrics"]["holdout"][name]["value"] -= 0.1
    path = tmp_path_factory.mktemp("changed") / "new <b>.tflite"
    path.write_bytes(write_bundle(bytes(bundle.flatbuffer), content, document, document["recipe"]))
    return path


@pytest.fixture(scope="module")
def difference(built: Built, changed: Path) -> FileDifference:
    return compare_files(built.model, changed, built.files.interactions, holdout=built.files.holdout, k=5)


# ---- what is shown


def test_a_file_and_itself_pass_the_narrowest_gates(built: Built, run: Run) -> None:
    files = [built.model, built.model, "--interactions", built.files.interactions, "--holdout", built.files.holdout]
    gates = ["--max-churn", 0, "--max-loss", 0, "--max-size", built.model.stat().st_size]
    code, out, error = run("diff", *files, *gates)
    assert (code, error) == (0, "")
    products = len(read_bundle(built.model).products)
    assert f"products: {products} kept, 0 added, 0 removed" in out
    assert f"Lists of 20 for {len(built.market.taste)} people" in out
    assert "overlap 100.00%, churn 0.00%, rank-biased overlap 1.000 (p = 0.9)" in out
    assert "--max-churn 0: passed, found 0" in out
    assert "exposure" not in out


def test_without_interactions_nothing_is_ranked(built: Built, changed: Path, run: Run) -> None:
    code, out, error = run("diff", built.model, changed)
    assert (code, error) == (0, "")
    assert "1 added, 1 removed" in out
    assert f"removed: {read_bundle(built.model).products[0]}" in out
    assert "Lists were not compared: give histories with --interactions" in out
    assert re.search(r"recall@20 .* -0\.1000", out)


def test_titles_neither_mark_up_nor_steer_the_screen(built: Built, changed: Path, run: Run) -> None:
    code, out, _ = run("diff", built.model, changed)
    assert code == 0
    assert r'added: <script>alert("1")</script> $\frac{$ [bold]&amp; ]]>��[2J' in out
    assert "\x1b[2J" not in out


def test_json(built: Built, changed: Path, run: Run) -> None:
    lists = ["--interactions", built.files.interactions, "--holdout", built.files.holdout, "-k", 5]
    code, out, error = run("diff", built.model, changed, *lists, "--max-churn", 1, "--json")
    assert (code, error) == (0, "")
    found = json.loads(out)
    assert set(found) == {"old", "new", "products", "tokens", "metrics", "same_data", "rows", "lists", "gates"}
    assert found["products"]["added"] == [HOSTILE]
    assert found["products"]["removed"] == [read_bundle(built.model).products[0]]
    assert found["same_data"] is True
    assert found["metrics"]["recall@20"]["difference"] == pytest.approx(-0.1)
    assert found["rows"]["compared"] == found["products"]["kept"]
    assert (found["lists"]["k"], set(found["lists"]["holdout"])) == (5, {"recall@5", "ndcg@5"})
    # What the old file calls otherwise is a product of its own, and all of its exposure moves.
    assert HOSTILE in [each["title"] for each in found["lists"]["exposure_gained"]]
    assert found["products"]["removed"][0] in [each["title"] for each in found["lists"]["exposure_lost"]]
    [gate] = found["gates"]
    assert (gate["gate"], gate["passed"], gate["message"]) == ("--max-churn", True, None)
    assert gate["found"] == found["lists"]["churn"] > 0


# ---- gates


def test_every_gate_that_refuses_says_so_and_the_output_is_there(
    built: Built, changed: Path, run: Run, tmp_path: Path
) -> None:
    size = changed.stat().st_size
    lists = ["--interactions", built.files.interactions, "-k", 5]
    gates = ["--max-churn", 0.001, "--max-loss", 0.05, "--max-size", size - 1]
    code, out, error = run("diff", built.model, changed, *lists, *gates, "--html", tmp_path / "page.html", "--json")
    assert code == 1
    churn, loss, large = error.splitlines()
    assert re.fullmatch(
        r"error: .*new <b>\.tflite: --max-churn: expected at most 0\.10% of a list of 5 replaced, found \d+\.\d\d% "
        r"over 80 people; train nearer to the old file, or allow more",
        churn,
    )
    own = built.report["metrics"]["holdout"]["recall@20"]["value"]
    assert "--max-loss: expected recall@20 and ndcg@20 to fall by at most 0.05 by the files' own holdouts" in loss
    assert f"found recall@20 from {own:.4f} to {own - 0.1:.4f} and ndcg@20 from" in loss
    assert loss.endswith("; keep the old file, or allow more")
    assert f"--max-size: expected at most {size - 1:,} bytes, found {size:,}; build with a smaller dimension" in large
    assert [gate["passed"] for gate in json.loads(out)["gates"]] == [False, False, False]
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count('class="refused"') == 3


def test_the_text_shows_refused_gates(built: Built, run: Run) -> None:
    code, out, error = run("diff", built.model, built.model, "--max-size", 1)
    assert code == 1
    assert f"--max-size 1: refused, found {built.model.stat().st_size}" in out
    assert error.count("error: ") == 1


def test_a_given_holdout_decides_the_loss(built: Built, changed: Path, difference: FileDifference) -> None:
    """The changed file only claims to be worse; but what it calls otherwise, its people miss."""
    assert difference.lists is not None
    recall = difference.lists.holdout["recall@5"]
    assert judge(difference, Limits(loss=1))[0].found == pytest.approx(
        max(each.old - each.new for each in difference.lists.holdout.values())
    )
    [verdict] = judge(replace(difference, metrics={}), Limits(loss=0))
    assert recall.old > recall.new
    assert verdict.message is not None
    assert "to fall by at most 0 on the holdout, found recall@5 from" in verdict.message


def test_a_limit_that_is_just_met_is_met(difference: FileDifference) -> None:
    metrics = {"recall@20": {"old": 0.4, "new": 0.39, "difference": -0.01}}
    assert 0.4 - 0.39 > 0.01
    [verdict] = judge(replace(difference, lists=None, metrics=metrics), Limits(loss=0.01))
    assert verdict.passed
    [size] = judge(difference, Limits(size=difference.new.bytes))
    assert size.passed
    assert judge(difference, Limits()) == ()


@pytest.mark.parametrize("limits", [{"churn": float("nan")}, {"loss": float("inf")}])
def test_a_limit_is_a_number(limits: dict[str, float]) -> None:
    [[name, value]] = limits.items()
    with pytest.raises(InputError) as caught:
        Limits(**limits)
    assert str(caught.value) == f"--max-{name}: expected a number, found {value}; leave the option out for no limit"


def test_a_gate_needs_what_it_measures(difference: FileDifference, built: Built) -> None:
    bare = replace(difference, lists=None, metrics={})
    with pytest.raises(InputError, match="--max-loss: expected recall@20 or ndcg@20 in both files, found none; give a"):
        judge(bare, Limits(loss=0.1))
    with pytest.raises(InputError, match="--max-churn: expected histories to compare lists on, found none; give them"):
        judge(bare, Limits(churn=0.1))
    with pytest.raises(InputError, match="a holdout needs the interactions before it; give both"):
        compare_files(built.model, built.model, holdout=built.files.holdout)


# ---- wrong use


def test_options_that_would_do_nothing_are_refused(built: Built, fails: Fails) -> None:
    for options in (
        ["--holdout", built.files.holdout],
        ["-k", 3],
        ["--column", "user=x"],
        ["--settings", "shop.toml"],
        ["--rating-scale", 10],
        ["--max-churn", 0.5],
    ):
        name = {"-k": "--count"}.get(str(options[0]), options[0])
        assert f"error: {name}: expected --interactions too, found none; give the histories" in fails(
            "diff", built.model, built.model, *options
        )


def test_bad_files_are_refused(built: Built, fails: Fails, tmp_path: Path) -> None:
    assert "nothing.tflite: expected a .tflite file, found no such file" in fails("diff", built.model, "nothing.tflite")
    assert f"--html {tmp_path}: expected a file name, found a folder" in fails(
        "diff", built.model, built.model, "--html", tmp_path
    )
    strangers = tmp_path / "strangers.csv"
    strangers.write_text("UserID,Title,InteractionType\nu1,no such dish,view\n", encoding="utf-8")
    assert "strangers.csv" in fails("diff", built.model, built.model, "--interactions", strangers)
    assert "--max-loss: expected a number, found inf; leave the option out for no limit" in fails(
        "diff", built.model, built.model, "--max-loss", "inf"
    )


def test_people_must_have_a_product_that_both_files_know(
    built: Built, changed: Path, fails: Fails, tmp_path: Path
) -> None:
    title = read_bundle(built.model).products[0]
    histories = tmp_path / "histories.csv"
    histories.write_text(f"UserID,Title,InteractionType\nu1,{title},purchase\n", encoding="utf-8")
    assert (
        "histories.csv: expected people with a product that both files know, found none of 1; give interactions with "
        "products of these models"
    ) in fails("diff", built.model, changed, "--interactions", histories)


def test_a_holdout_of_other_people_is_refused(built: Built, fails: Fails, tmp_path: Path) -> None:
    later = tmp_path / "later.csv"
    lines = f"UserID,Title,InteractionType\nstranger,{built.market.titles[0]},purchase\n"
    later.write_text(lines, encoding="utf-8")
    error = fails("diff", built.model, built.model, "--interactions", built.files.interactions, "--holdout", later)
    assert "later.csv: expected later interactions of the same people with other products, found none" in error


def test_one_person_has_no_standard_error(built: Built, run: Run, tmp_path: Path) -> None:
    later = tmp_path / "later.csv"
    title = built.market.titles[built.market.later[0][0]]
    later.write_text(f"UserID,Title,InteractionType\nu00,{title},purchase\n", encoding="utf-8")
    lists = ["--interactions", built.files.interactions, "--holdout", later]
    code, out, _ = run("diff", built.model, built.model, *lists, "--json", "--html", tmp_path / "page.html")
    assert code == 0
    holdout = json.loads(out, parse_constant=pytest.fail)["lists"]["holdout"]
    assert holdout["recall@20"]["standard_error"] is None
    assert "<td>unknown</td>" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "unknown" in run("diff", built.model, built.model, *lists)[1]


# ---- the page


class _Page(HTMLParser):
    """Elements, attributes and text, as a browser would find them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_escapes_what_files_say(difference: FileDifference) -> None:
    verdicts = judge(difference, Limits(churn=0, size=1))
    page = _Page(difference_page(difference, verdicts))
    assert not {"script", "b", "img", "iframe", "link"} & set(page.elements)
    assert [name for name, _ in page.attributes if name.startswith("on")] == []
    assert page.texts.count(HOSTILE) == 2  # what was added, and in the table of exposure
    assert any("new <b>.tflite" in text for text in page.texts)
    # In the plot: short, without letters that cannot be printed, and not read as mathematics.
    assert any(text.startswith(r'<script>alert("1")</script> $\frac{$') and text.endswith("…") for text in page.texts)


def test_the_page_needs_nothing_else(difference: FileDifference) -> None:
    text = difference_page(difference)
    page = _Page(text)
    links = [value or "" for name, value in page.attributes if name in {"src", "href", "xlink:href"}]
    assert all(link.startswith("#") for link in links)
    assert "@import" not in text
    assert re.findall(r"url\((?!#)", text) == []
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert page.elements.count("svg") == 2 + (difference.rows.cosines.size > 0)
    assert text == difference_page(difference), "the same difference gives the same page"


def test_the_page_says_what_was_not_compared(difference: FileDifference) -> None:
    rows = replace(difference.rows, cosines=difference.rows.cosines[:0], neighbours_kept=None, most_moved=())
    bare = replace(difference, lists=None, metrics={}, rows=rows)
    text = difference_page(bare)
    assert "Not compared: no interactions were given." in text
    assert "a rotation could hide any change" in text
    assert "None that both have." in text
    assert "<svg" not in text
    other = difference_page(replace(bare, metrics=difference.metrics, same_data=False))
    assert "The files learnt from different interactions: these metrics may be of different people." in other


def test_half_a_page_is_never_seen(difference: FileDifference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.html"
    write_difference_page(page, difference)
    before = page.read_bytes()

    def full(self: Path, *_: object, **__: object) -> int:
        with self.open("w") as lines:
            lines.write("half")
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        write_difference_page(page, difference)
    assert page.read_bytes() == before
    assert list(tmp_path.iterdir()) == [page]
