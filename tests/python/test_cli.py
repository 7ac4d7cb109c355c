"""The program, in process, and once through the installed entry point: results, exit codes, messages, help."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import typer

from python.conftest import Built, Run, json_of, titles_of
from python.made_market import write_rows
from seefud.cli import app
from seefud.version import __version__

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
    assert len(titles_of(json.loads(good.stdout))) == 3
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
    found = json_of(run, "recommend", model, "--liked", "UDANG goreng", "--liked", "cumi bakar", "-k", 4)
    titles = titles_of(found)
    assert (len(titles), found["warnings"]) == (4, [])
    assert {market.kitchen_of(title) for title in titles} == {"laut"}
    assert [entry["score"] for entry in found["recommendations"]] == sorted(
        (entry["score"] for entry in found["recommendations"]), reverse=True
    )
    code, out, _ = run("recommend", model, "--liked", "UDANG goreng", "--liked", "cumi bakar", "-k", 4)
    assert code == 0
    assert all(title in out for title in titles)
    without = json_of(run, "recommend", model, "--liked", "udang goreng", "--exclude", titles[0], "-k", 60)
    assert titles[0] not in titles_of(without)
    assert len(titles_of(without)) == 58


def test_recommend_for_searches(built: Built, run: Run) -> None:
    found = json_of(run, "recommend", built.model, "--search", "pisang pedas", "--search", "ketan", "-k", 5)
    assert {built.market.kitchen_of(title) for title in titles_of(found)} == {"manis"}


def test_recommend_with_new_products(built: Built, run: Run) -> None:
    product = "udang panggang | udang, saus tiram"
    found = json_of(run, "recommend", built.model, "--liked", "udang goreng", "--product", product, "-k", 60)
    new = [entry for entry in found["recommendations"] if entry["row"] is None]
    assert [(entry["title"], entry["known"]) for entry in new] == [("udang panggang", True)]
    code, out, _ = run("recommend", built.model, "--product", product, "-k", 61)
    assert code == 0
    assert "udang panggang (new)" in out


def test_recommend_only(built: Built, run: Run, tmp_path: Path) -> None:
    plain = tmp_path / "titles.txt"
    plain.write_text("\ufeffudang goreng\n\n  PISANG bakar \r\n", encoding="utf-8")
    assert set(titles_of(json_of(run, "recommend", built.model, "--only", plain))) == {"udang goreng", "pisang bakar"}
    table = write_rows(tmp_path / "t.csv", ("Id", " title ", "x"), [(1, "udang goreng", "a\nb"), (2, "iga bakar", "")])
    assert set(titles_of(json_of(run, "recommend", built.model, "--only", table))) == {"udang goreng", "iga bakar"}


def test_recommend_explains(built: Built, run: Run) -> None:
    arguments = ["recommend", built.model, "--liked", "udang goreng", "--search", "saus tiram", "-k", 2, "--explain"]
    for entry in json_of(run, *arguments)["recommendations"]:
        assert sum(reason["share"] for reason in entry["reasons"]) == pytest.approx(entry["score"], abs=1e-6)
    code, out, _ = run(*arguments)
    assert code == 0
    assert "because of" in out


def test_warnings_go_to_standard_error(built: Built, run: Run) -> None:
    code, out, error = run("recommend", built.model, "--liked", "udang gorang", "-k", 2)
    assert code == 0
    assert error.startswith("note: title 'udang gorang' is not in the model; did you mean 'udang goreng'")
    assert "note" not in out
    warned = json_of(run, "recommend", built.model, "--liked", "udang gorang")["warnings"]
    assert len(warned) == 1


def test_search_and_similar(built: Built, run: Run) -> None:
    found = titles_of(json_of(run, "search", built.model, "kambing", "-k", 3))
    assert {built.market.kitchen_of(title) for title in found} == {"daging"}
    near = titles_of(json_of(run, "similar", built.model, "kambing bakar", "-k", 3))
    assert "kambing bakar" not in near
    assert {built.market.kitchen_of(title) for title in near} == {"daging"}
    text = titles_of(json_of(run, "similar", built.model, "new | santan, kapulaga", "-k", 3))
    assert {built.market.kitchen_of(title) for title in text} == {"daging"}


def test_nothing_to_recommend(built: Built, run: Run, tmp_path: Path) -> None:
    (tmp_path / "none.txt").write_text("", encoding="utf-8")
    assert run("recommend", built.model, "--only", tmp_path / "none.txt")[:2] == (0, "nothing to recommend\n")


# ---- build, train, evaluate, convert, verify, inspect


def test_train_convert_verify_one_after_the_other(built: Built, run: Run, tmp_path: Path) -> None:
    files = built.files
    folder, out = tmp_path / "trained", tmp_path / "small.tflite"
    choices = json_of(run, "train", files.products, files.interactions, "--out", folder, "--dimension", 8)
    assert choices["epochs"] > 0
    assert {path.name for path in tmp_path.iterdir()} == {"trained"}, "no checkpoints are left behind"
    assert {path.name for path in (folder / "assets.extra").iterdir()} == {"products.txt", "tokens.txt", "bundle.json"}
    summary = json_of(run, "convert", folder, out, "--recipe", "float16")
    assert (summary["recipe"], summary["dimension"], summary["bytes"]) == ("float16", 8, out.stat().st_size)
    junit = tmp_path / "reports" / "parity.xml"
    data = ["--products", files.products, "--interactions", files.interactions, "--holdout", files.holdout]
    report = json_of(run, "verify", out, "--saved-model", folder, *data, "--junit", junit)
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
    report = json_of(run, "verify", built.model, "--golden", golden)
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
    report = json_of(run, *arguments, "--baseline", "popularity")
    assert [each["name"] for each in report["evaluations"]] == ["seefud (file)", "popularity"]
    assert report["products_not_in_the_file"] == 0
    code, out, _ = run(*arguments, "--baseline", "popularity")
    assert code == 0
    assert f"{report['evaluations'][0]['metrics']['recall@20']['value']:.4f}" in out


def test_inspect(built: Built, run: Run) -> None:
    found = json_of(run, "inspect", built.model)
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
