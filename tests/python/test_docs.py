"""The pages are true: generated ones are fresh, commands and options exist, tables agree, the README's Python runs."""

from __future__ import annotations

import csv
import importlib.util
import inspect
import json
import re
import shlex
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import scipy.sparse.linalg as sparse_linalg
import typer.main

import seefud.build
from seefud.build import BuildOptions, BuildResult
from seefud.build_data import BuildData, read_data
from seefud.calibration import Calibration
from seefud.cli import app
from seefud.columns import ColumnNames
from seefud.fitting import finish_model
from seefud.golden_cases import golden_cases
from seefud.model import Kind, unit_rows
from seefud.ship import Shipping
from seefud.text import canonical_title
from seefud.weights import DEFAULT_WEIGHTS, MAX_WEIGHT
from seefud_converter import errors as converter_errors
from seefud_converter.__main__ import _parser as converter_parser
from seefud_converter.document import ADDED_FIELDS, DRAFT_FIELDS, OPTIONAL_FIELDS, SCHEMA
from seefud_converter.golden import make_golden

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
GROUP: Any = typer.main.get_command(app)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    return [text for found, text in FENCE.findall(read(page)) if found == language]


def command_lines() -> list[tuple[str, list[str]]]:
    """(page, words) of every line in an ``sh`` block, with continued lines joined."""
    found = []
    for page in PAGES:
        for block in blocks(page, "sh"):
            for line in block.replace("\\\n", " ").splitlines():
                if words := shlex.split(line, comments=True):
                    found.append((page.name, words))
    return found


LINES = command_lines()
SEEFUD_LINES = [words[1:] for _, words in LINES if words[0].removeprefix(".venv/bin/") == "seefud"]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(page: str, header: str) -> list[list[str]]:
    """The cells of the table that follows a header line, backticks removed."""
    lines = page.split(header, 1)[1].splitlines()[1:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().replace("`", "") for cell in line.strip("|").split("|")])
    return rows


@pytest.fixture(scope="module")
def sample() -> BuildData:
    data = ROOT / "data"
    return read_data(data / "product3.csv", data / "user3.csv", BuildOptions())


@pytest.fixture(scope="module")
def shipped(sample: BuildData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with build/model of the sample market; its rows come from an SVD, which takes no training."""
    prepared = sample.prepared
    _, _, vectors = sparse_linalg.svds(
        prepared.interactions.astype(np.float64), 16, v0=np.ones(min(prepared.interactions.shape))
    )
    model = finish_model(
        unit_rows(vectors.T.astype(np.float32)), prepared.interactions, prepared.product_tokens, Kind.HYBRID
    )
    folder = tmp_path_factory.mktemp("readme")
    options = BuildOptions(dimension=16)
    shipping = Shipping(prepared, Calibration(5.0, -6.0), "none", options, sample.digests)
    shipping.trial(shipping.exported(model, folder / "build/model"))
    return folder


def test_the_command_line_page_is_what_the_program_says() -> None:
    module = script("write_command_line")
    assert read(module.PAGE) == module.command_line_page(), "stale; run python docs/write_command_line.py"


def test_the_numbers_of_the_model_page_are_those_of_the_code() -> None:
    module = script("write_model_numbers")
    page = read(module.PAGE)
    assert page == module.page_with_numbers(page), "stale; run python docs/write_model_numbers.py"


@pytest.mark.parametrize("name", ["", *GROUP.commands])
def test_commands_and_options_have_help(name: str) -> None:
    command = GROUP.commands[name] if name else GROUP
    assert command.help
    assert command.help.strip().endswith(".")
    silent = [parameter.name for parameter in command.params if not (parameter.help or "").strip()]
    assert not silent, f"seefud {name}: no help for {silent}"


def test_pages_show_each_command() -> None:
    assert {words[0] for words in SEEFUD_LINES} == set(GROUP.commands)


@pytest.mark.parametrize("words", SEEFUD_LINES, ids=" ".join)
def test_seefud_accepts_the_commands_of_the_pages(words: list[str]) -> None:
    name, *arguments = words
    assert name in GROUP.commands
    GROUP.commands[name].make_context(name, arguments)  # a wrong option or value raises


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    with pytest.raises(Exception, match="No such option: --no-such"):
        GROUP.commands["inspect"].make_context("inspect", ["x.tflite", "--no-such"])


@pytest.mark.parametrize(
    "words", [words for _, words in LINES if words[1:3] == ["-m", "seefud_converter"]], ids=" ".join
)
def test_the_converter_accepts_the_commands_of_the_pages(words: list[str]) -> None:
    converter_parser().parse_args(words[3:])


def test_other_programs_in_the_pages_are_make_and_python() -> None:
    assert {words[0] for _, words in LINES} <= {"seefud", ".venv/bin/seefud", "make", "python"}


def test_make_has_the_targets_that_the_pages_name() -> None:
    targets = set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"`make (?:[A-Z]+=\S+ )?([a-z]+)", read(page))}
    named |= {words[1] for _, words in LINES if words[0] == "make"}
    assert named
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", FENCE.sub("", read(page))):
        if not target.startswith(("http", "#")):
            assert (page.parent / target.partition("#")[0]).exists(), target


def test_titles_in_the_readme_are_those_of_the_sample() -> None:
    with (ROOT / "data" / "product3.csv").open(encoding="utf-8", newline="") as lines:
        titles = {canonical_title(row["Title"]) for row in csv.DictReader(lines)}
    text = " ".join(blocks(README, "sh"))
    named = re.findall(r'(?:--liked|--exclude|seefud similar \S+) "([^"|]+)"', text)
    named += [title for block in blocks(README, "python") for title in re.findall(r'\[+"([^"]+)", "[^"]+"\]', block)]
    assert len(named) > 5
    assert {canonical_title(title) for title in named} <= titles


def test_the_readme_lists_the_weights_and_columns_of_the_code() -> None:
    page = read(README)
    weights = {name: float(weight) for name, weight in table(page, "| type | weight |\n")}
    assert weights == dict(DEFAULT_WEIGHTS)
    assert f"at most {MAX_WEIGHT:g}" in page
    columns = {part: name for part, name, *_ in table(page, "| part | usual name | in | |\n")}
    assert columns == vars(ColumnNames())


def test_the_settings_file_of_the_readme_is_read(tmp_path: Path) -> None:
    from seefud.settings import read_settings

    path = tmp_path / "settings.toml"
    path.write_text(blocks(README, "toml")[0], encoding="utf-8")
    columns, weights = read_settings(path)
    assert (columns.user, columns.timestamp) == ("customer_id", "at")
    assert (weights.of_type("view"), weights.of_type("wishlist")) == (0.2, 0.7)


def test_the_format_page_names_every_key_of_the_file(sample: BuildData, shipped: Path) -> None:
    page = read(ROOT / "docs" / "file-format.md")
    keys = {
        field
        for field in (DRAFT_FIELDS | OPTIONAL_FIELDS | ADDED_FIELDS)
        if field not in ("prior", "mixing", "calibration", "text")
    }
    golden = make_golden(shipped / "build/model/seefud.tflite", golden_cases(sample.prepared))
    keys |= set(golden) | set(golden["model"])
    for case in golden["cases"]:
        keys |= set(case) | {key for part in ("searches", "cold") for entry in case[part] for key in entry}
    missing = sorted(key for key in keys if f"`{key}`" not in page)
    assert not missing, f"docs/file-format.md does not name {missing}"
    assert f"Schema version: {SCHEMA}." in page


def test_the_format_page_names_errors_that_exist() -> None:
    named = set(re.findall(r"`(\w+Error)`", read(ROOT / "docs" / "file-format.md")))
    assert named
    assert named <= set(converter_errors.__all__)
    of_readers = converter_errors.BundleError
    reading = {name for name in converter_errors.__all__ if issubclass(getattr(converter_errors, name), of_readers)}
    assert reading - named == {"BundleError"}


def test_the_changelog_has_a_place_for_what_comes() -> None:
    assert "\n## [Unreleased]\n" in read(ROOT / "CHANGELOG.md")


@pytest.mark.parametrize("number", range(len(blocks(README, "python"))))
def test_the_python_of_the_readme_runs(
    number: int, shipped: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it stands, in a folder with build/model; only the build is replaced, by one that checks its arguments."""
    real = inspect.signature(seefud.build.build)
    report = {"metrics": {"holdout": {"ndcg@20": {"value": 0.25}}}}

    def build(*arguments: Any, **options: Any) -> BuildResult:
        given = real.bind(*arguments, **options).arguments
        assert all((ROOT / given[name]).exists() for name in ("products", "interactions"))
        return BuildResult(given["out"], json.loads(json.dumps(report)))

    monkeypatch.setattr(seefud.build, "build", build)
    monkeypatch.chdir(shipped)
    exec(compile(blocks(README, "python")[number], f"README.md, block {number}", "exec"), {})
    assert capsys.readouterr().out.strip()
