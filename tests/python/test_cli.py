"""The program, in process, and once through the installed entry point: results, exit codes, messages, help."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
import typer

from python.conftest import Built, Fails, Run
from python.made_market import MadeMarket, write_rows
from seefud.cli import app
from seefud.version import __version__
from seefud_converter.bundle import read_bundle

PROGRAM = Path(sys.executable).with_name("seefud")
COMMANDS = {
    "build",
    "ingest",
    "feedback",
    "simulate",
    "train",
    "evaluate",
    "convert",
    "verify",
    "inspect",
    "recommend",
    "search",
    "similar",
    "keygen",
    "sign",
    "diff",
}


def _json(run: Run, *arguments: object) -> Any:
    code, out, error = run(*arguments, "--json")
    assert code == 0, error
    return json.loads(out)


def _titles(found: dict[str, Any]) -> list[str]:
    return [entry["title"] for entry in found["recommendations"]]


# ---- the program as a whole


def _commands() -> Iterator[tuple[str, Any]]:
    program: Any = typer.main.get_command(app)
    yield "seefud", program
    yield from program.commands.items()


def test_has_the_commands() -> None:
    assert {name for name, _ in _commands()} == {"seefud", *COMMANDS}


@pytest.mark.parametrize("name", ["seefud", *sorted(COMMANDS)])
def test_every_command_and_every_option_has_help(name: str, run: Run) -> None:
    command = dict(_commands())[name]
    assert command.help, name
    assert len(command.help) > 20, name
    for parameter in command.params:
        help_text = getattr(parameter, "help", None)
        assert help_text, f"{name} {parameter.name} has no help"
    code, out, _ = run(*([] if name == "seefud" else [name]), "--help")
    assert code == 0
    assert "Usage" in out
    shown = re.sub(r"[\s│]", "", out)
    for parameter in command.params:  # brackets are markup to the page: a word inside them would silently be missing
        for word in parameter.help.split():
            assert word in shown, f"{name} {parameter.name}: the help does not show {word!r}"


def test_version(run: Run) -> None:
    assert run("--version") == (0, f"seefud {__version__}\n", "")


@pytest.mark.parametrize("arguments", [["frobnicate"], ["recommend"], ["recommend", "--frobnicate"], ["build", "a"]])
def test_wrong_use_is_exit_code_2(arguments: list[str], run: Run) -> None:
    code, _, error = run(*arguments)
    assert code == 2
    assert "Error" in error


def test_the_installed_program(built: Built, tmp_path: Path) -> None:
    """Also that its codes reach the shell, and that it works from any folder."""

    def started(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [str(PROGRAM), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    good = started("recommend", built.model, "--liked", "udang goreng", "-k", 3, "--json")
    assert (good.returncode, good.stderr) == (0, "")
    assert len(_titles(json.loads(good.stdout))) == 3
    bad = started("recommend", "nothing.tflite")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr.startswith("error: nothing.tflite: expected a .tflite file, found no such file")
    assert started("--version").stdout == f"seefud {__version__}\n"


def test_what_runs_a_file_does_not_import_tensorflow(built: Built) -> None:
    model, interactions = str(built.model), str(built.files.interactions)
    lines = [
        ["recommend", model, "--liked", "udang goreng", "--search", "pisang", "--product", "a | udang", "--explain"],
        ["recommend", model, "--user", "u01", "--interactions", interactions],
        ["search", model, "udang"],
        ["similar", model, "udang goreng"],
        ["inspect", model, "--json"],
        ["--help"],
    ]
    program = (
        "import json, sys\n"
        "from seefud.cli import main\n"
        "seen = {}\n"
        "for line in json.loads(sys.argv[1]):\n"
        "    try:\n"
        "        main(line)\n"
        "    except SystemExit as end:\n"
        "        assert end.code == 0, line\n"
        "    seen[line[0]] = sorted({'tensorflow', 'keras', 'pandas'} & set(sys.modules))\n"
        "    if line[0] == 'recommend' and '--user' not in line:\n"
        "        assert not seen['recommend'], seen\n"
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules, seen\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(lines)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


# ---- recommend, search, similar


def test_recommend(built: Built, run: Run) -> None:
    model, market = built.model, built.market
    found = _json(run, "recommend", model, "--liked", "UDANG goreng", "--liked", "cumi bakar", "-k", 4)
    titles = _titles(found)
    assert (len(titles), found["warnings"]) == (4, [])
    assert {market.kitchen_of(title) for title in titles} == {"laut"}
    assert [entry["score"] for entry in found["recommendations"]] == sorted(
        (entry["score"] for entry in found["recommendations"]), reverse=True
    )
    code, out, _ = run("recommend", model, "--liked", "UDANG goreng", "--liked", "cumi bakar", "-k", 4)
    assert code == 0
    assert all(title in out for title in titles)
    without = _json(run, "recommend", model, "--liked", "udang goreng", "--exclude", titles[0], "-k", 60)
    assert titles[0] not in _titles(without)
    assert len(_titles(without)) == 58


def test_recommend_for_searches(built: Built, run: Run) -> None:
    found = _json(run, "recommend", built.model, "--search", "pisang pedas", "--search", "ketan", "-k", 5)
    assert {built.market.kitchen_of(title) for title in _titles(found)} == {"manis"}


def test_recommend_with_new_products(built: Built, run: Run) -> None:
    product = "udang panggang | udang, saus tiram"
    found = _json(run, "recommend", built.model, "--liked", "udang goreng", "--product", product, "-k", 60)
    new = [entry for entry in found["recommendations"] if entry["row"] is None]
    assert [(entry["title"], entry["known"]) for entry in new] == [("udang panggang", True)]
    code, out, _ = run("recommend", built.model, "--product", product, "-k", 61)
    assert code == 0
    assert "udang panggang (new)" in out


def test_recommend_only(built: Built, run: Run, tmp_path: Path) -> None:
    plain = tmp_path / "titles.txt"
    plain.write_text("\ufeffudang goreng\n\n  PISANG bakar \r\n", encoding="utf-8")
    assert set(_titles(_json(run, "recommend", built.model, "--only", plain))) == {"udang goreng", "pisang bakar"}
    table = write_rows(tmp_path / "t.csv", ("Id", " title ", "x"), [(1, "udang goreng", "a\nb"), (2, "iga bakar", "")])
    assert set(_titles(_json(run, "recommend", built.model, "--only", table))) == {"udang goreng", "iga bakar"}


def test_recommend_explains(built: Built, run: Run) -> None:
    arguments = ["recommend", built.model, "--liked", "udang goreng", "--search", "saus tiram", "-k", 2, "--explain"]
    for entry in _json(run, *arguments)["recommendations"]:
        assert sum(reason["share"] for reason in entry["reasons"]) == pytest.approx(entry["score"], abs=1e-6)
    code, out, _ = run(*arguments)
    assert code == 0
    assert "because of" in out


def test_recommend_for_a_user_of_a_file(built: Built, run: Run, tmp_path: Path) -> None:
    market: MadeMarket = built.market
    arguments = ["recommend", built.model, "--user", "u01", "-k", 60]
    titles = _titles(_json(run, *arguments, "--interactions", built.files.interactions))
    liked = {market.titles[dish] for dish in market.liked[1]}
    assert set(titles) == set(market.titles) - liked
    assert {market.kitchen_of(title) for title in titles[:4]} == {market.taste[1]}
    # The same rows under other names.
    text = built.files.interactions.read_text(encoding="utf-8").replace("UserID", "customer", 1)
    (tmp_path / "renamed.csv").write_text(text, encoding="utf-8")
    renamed = [*arguments, "--interactions", tmp_path / "renamed.csv", "--column", "user=customer"]
    assert _titles(_json(run, *renamed)) == titles
    # A settings file says the same.
    settings = tmp_path / "shop.toml"
    settings.write_text('[columns]\nuser = "customer"\n', encoding="utf-8")
    renamed = [*arguments, "--interactions", tmp_path / "renamed.csv", "--settings", settings]
    assert _titles(_json(run, *renamed)) == titles


def test_what_a_file_is_compared_with_is_read_by_the_settings_file(built: Built, run: Run, tmp_path: Path) -> None:
    """Renamed columns, and a query: `verify` and `diff` read them as `build` does."""
    files, settings = built.files, tmp_path / "shop.toml"
    plain = pd.read_csv(files.interactions, dtype=str)
    plain.rename(columns={"UserID": "customer"}).to_csv(tmp_path / "renamed.csv", index=False)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as shop:
        plain.to_sql("orders", shop, index=False)
        shop.commit()
    settings.write_text(
        """[columns]
user = "customer"
[queries]
likings = 'SELECT UserID AS customer, Title, InteractionType FROM orders'
""",
        encoding="utf-8",
    )
    compared = _json(run, "diff", built.model, built.model, "--interactions", files.interactions)["lists"]
    assert compared["people"] > 10
    proven = _json(run, "verify", built.model, "--products", files.products, "--interactions", files.interactions)
    for source in (tmp_path / "renamed.csv", f"sqlite:///{tmp_path / 'shop.db'}?query=likings"):
        given = ["--interactions", source, "--settings", settings]
        assert _json(run, "diff", built.model, built.model, *given)["lists"] == compared
        again = _json(run, "verify", built.model, "--products", files.products, *given)
        assert again["checks"] == proven["checks"]


def test_a_rating_is_as_good_as_its_scale_says(built: Built, run: Run, fails: Fails, tmp_path: Path) -> None:
    """4 is liked of 5 and not liked of 10, in all commands that read histories."""
    title, other = built.market.titles[:2]
    head = ("UserID", "Title", "InteractionType", "Value")
    stars = [(f"u{number}", title, "rating", "4") for number in range(3)]
    alone = write_rows(tmp_path / "stars.csv", head, stars)
    mixed = write_rows(tmp_path / "mixed.csv", head, [*stars, ("v", other, "purchase", "")])
    asked = ["recommend", built.model, "--user", "u0", "--interactions", mixed, "-k", 1]
    compared = ["diff", built.model, built.model, "--interactions", mixed]
    like_it, people = [], []
    for scale in ((), ("--rating-scale", 10)):
        best = _titles(_json(run, *asked, *scale))[0]
        like_it.append(built.market.kitchen_of(best) == built.market.kitchen_of(title))
        people.append(_json(run, *compared, *scale)["lists"]["people"])
    assert like_it == [True, False]
    assert people == [4, 1]
    proven = ["verify", built.model, "--products", built.files.products, "--interactions", alone]
    _json(run, *proven)
    assert "stars.csv: none of its 3 rows is a positive interaction" in fails(*proven, "--rating-scale", 10)


def test_verify_reads_interactions_by_the_weights_that_the_file_records(
    built: Built, run: Run, fails: Fails, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = ("UserID", "Title", "InteractionType")
    path = write_rows(tmp_path / "wishes.csv", head, [("u", built.market.titles[0], "wishlist")])
    proven = ["verify", built.model, "--products", built.files.products, "--interactions", path]
    assert "wishes.csv: none of its 1 rows is a positive interaction" in fails(*proven)
    bundle = read_bundle(built.model)
    told = replace(bundle, document={**bundle.document, "interaction_weights": {"wishlist": 1.0}})
    monkeypatch.setattr("seefud.parity_cases.read_bundle", lambda path: told)
    assert _json(run, *proven)["checks"]


def test_what_a_user_of_a_file_did_not_like_is_pushed_away(built: Built, run: Run, tmp_path: Path) -> None:
    first, second = built.market.titles[:2]
    lines = ["UserID,Title,InteractionType", f"u,{second},purchase", f"u,{first},purchase"]
    path = tmp_path / "events.csv"

    def asked(*more: str) -> list[dict[str, Any]]:
        path.write_text("\n".join([*lines, *more, ""]), encoding="utf-8")
        given = ["--user", "u", "--interactions", path, "-k", 100, "--explain"]
        found: list[dict[str, Any]] = _json(run, "recommend", built.model, *given)["recommendations"]
        return found

    liked, disliked = asked(), asked(f"u,{first},dismiss")
    assert {entry["title"] for entry in liked} == {entry["title"] for entry in disliked}
    assert first not in {entry["title"] for entry in disliked}
    before, after = (
        sum(reason["share"] for entry in found for reason in entry["reasons"] if reason["text"] == first)
        for found in (liked, disliked)
    )
    assert before * after < 0, "its share changes its sign"
    path.write_text(f"UserID,Title,InteractionType\nu,{first},dismiss\nv,{second},1\n", encoding="utf-8")
    only = _titles(_json(run, "recommend", built.model, "--user", "u", "--interactions", path, "-k", 100))
    assert first not in only
    assert second in only


def test_warnings_go_to_standard_error(built: Built, run: Run) -> None:
    code, out, error = run("recommend", built.model, "--liked", "udang gorang", "-k", 2)
    assert code == 0
    assert error.startswith("note: title 'udang gorang' is not in the model; did you mean 'udang goreng'")
    assert "note" not in out
    warned = _json(run, "recommend", built.model, "--liked", "udang gorang")["warnings"]
    assert len(warned) == 1


def test_search_and_similar(built: Built, run: Run) -> None:
    found = _titles(_json(run, "search", built.model, "kambing", "-k", 3))
    assert {built.market.kitchen_of(title) for title in found} == {"daging"}
    near = _titles(_json(run, "similar", built.model, "kambing bakar", "-k", 3))
    assert "kambing bakar" not in near
    assert {built.market.kitchen_of(title) for title in near} == {"daging"}
    text = _titles(_json(run, "similar", built.model, "new | santan, kapulaga", "-k", 3))
    assert {built.market.kitchen_of(title) for title in text} == {"daging"}


def test_nothing_to_recommend(built: Built, run: Run, tmp_path: Path) -> None:
    (tmp_path / "none.txt").write_text("", encoding="utf-8")
    assert run("recommend", built.model, "--only", tmp_path / "none.txt")[:2] == (0, "nothing to recommend\n")


# ---- build, train, evaluate, convert, verify, inspect


def test_train_convert_verify_one_after_the_other(built: Built, run: Run, tmp_path: Path) -> None:
    files = built.files
    folder, out = tmp_path / "trained", tmp_path / "small.tflite"
    choices = _json(run, "train", files.products, files.interactions, "--out", folder, "--dimension", 8)
    assert choices["epochs"] > 0
    assert {path.name for path in tmp_path.iterdir()} == {"trained"}, "no checkpoints are left behind"
    assert {path.name for path in (folder / "assets.extra").iterdir()} == {"products.txt", "tokens.txt", "bundle.json"}
    summary = _json(run, "convert", folder, out, "--recipe", "float16")
    assert (summary["recipe"], summary["dimension"], summary["bytes"]) == ("float16", 8, out.stat().st_size)
    junit = tmp_path / "reports" / "parity.xml"
    data = ["--products", files.products, "--interactions", files.interactions, "--holdout", files.holdout]
    report = _json(run, "verify", out, "--saved-model", folder, *data, "--junit", junit)
    assert report["passed"] is True
    assert "skipped" not in {check["verdict"] for check in report["checks"]}
    suite = ElementTree.parse(junit).getroot()
    assert len(list(suite.iter("testcase"))) == len(report["checks"])


def test_convert_is_refused_by_a_gate(built: Built, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.tflite"
    out.write_bytes(b"the old one")
    code, _, error = run("convert", built.folder / "saved_model", out, "--max-size", 1000)
    assert code == 1
    assert "expected at most 1000 bytes, as was asked for, found" in error
    assert out.read_bytes() == b"the old one"
    assert [path.name for path in tmp_path.iterdir()] == ["out.tflite"]


def test_verify_replays_golden_answers(built: Built, run: Run, tmp_path: Path) -> None:
    golden = built.folder / "golden.json"
    report = _json(run, "verify", built.model, "--golden", golden)
    assert any(check["name"] == "one product.ranking" for check in report["checks"])
    code, out, _ = run("verify", built.model, "--golden", golden)
    assert code == 0
    assert "PASSED" in out
    content = json.loads(golden.read_text(encoding="utf-8"))
    content["cases"][0]["scores"][0] += 0.5
    (tmp_path / "wrong.json").write_text(json.dumps(content), encoding="utf-8")
    code, out, _ = run("verify", built.model, "--golden", tmp_path / "wrong.json")
    assert code == 1
    assert "FAILED" in out


def test_evaluate(built: Built, run: Run) -> None:
    files = built.files
    arguments = ["evaluate", built.model, files.products, files.interactions, "--holdout", files.holdout]
    report = _json(run, *arguments, "--baseline", "popularity")
    assert [each["name"] for each in report["evaluations"]] == ["seefud (file)", "popularity"]
    assert report["products_not_in_the_file"] == 0
    code, out, _ = run(*arguments, "--baseline", "popularity")
    assert code == 0
    assert f"{report['evaluations'][0]['metrics']['recall@20']['value']:.4f}" in out


def test_inspect(built: Built, run: Run) -> None:
    found = _json(run, "inspect", built.model)
    assert sum(found["parts"].values()) == built.model.stat().st_size
    code, out, _ = run("inspect", built.model)
    assert code == 0
    for text in ("dynamic_wi8", "embed_products", "udang goreng", found["digests"]["flatbuffer"][:12]):
        assert text in out


def test_the_summary_of_a_build_fits_a_screen(built: Built, capsys: pytest.CaptureFixture[str]) -> None:
    from rich.console import Console

    from seefud.build_options import BuildOptions
    from seefud.cli.demonstration import print_demonstration
    from seefud.cli.rendering import print_problems, print_summary

    console = Console(width=110, highlight=False)
    print_problems(built.report["data"]["problems"], console)
    print_summary(built.report, console)
    out = capsys.readouterr().out
    assert len(out.splitlines()) < 45
    for text in (
        "user3.csv line 1214",
        "60 products, 80 users",
        "640 repeated",
        "popularity",
        "seefud (file)",
        "passed",
    ):
        assert text in out
    arrivals = built.files.products.with_name("arrivals.csv")
    write_rows(arrivals, ("Title", "Ingredients"), [("udang panggang", "udang, saus tiram"), ("es", "gula merah")])
    print_demonstration(built.model, built.files.interactions, arrivals, BuildOptions(), console)
    shown = " ".join(capsys.readouterr().out.split())
    for text in ("For user ", "For the search ", "Like 'udang panggang', which the model never saw", "New products"):
        assert text in shown
    unmeasured = built.report | {"evaluations": [], "gain_over_popularity": None, "cold": [], "notes": ["a [note]"]}
    print_summary(unmeasured, console)
    assert "a [note]" in capsys.readouterr().out
