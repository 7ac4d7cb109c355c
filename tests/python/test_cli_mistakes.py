"""What one can get wrong on the command line: one message that says what to do, the right code, no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from python.conftest import Built, Fails, Run
from python.made_market import write_rows
from seefud.cli import main


def test_mistakes_of_recommending(built: Built, fails: Fails, tmp_path: Path) -> None:
    model, interactions = built.model, built.files.interactions
    cases: list[tuple[list[object], str]] = [
        (["--user", "u01"], "error: --user and --interactions go together; give both or neither"),
        (["--interactions", interactions], "error: --user and --interactions go together"),
        (["--column", "user=x"], "error: --column: expected --interactions too, found none; give what they describe"),
        (["--settings", "x.toml"], "error: --settings: expected --interactions too, found none"),
        (["--rating-scale", 10], "error: --rating-scale: expected --interactions too, found none"),
        (
            ["--user", "u01", "--interactions", interactions, "--settings", tmp_path / "x.toml"],
            "x.toml: cannot be read",
        ),
        (["--user", "nobody", "--interactions", interactions], "no interaction of user 'nobody' with a product"),
        (["--user", "u01", "--interactions", built.files.products], "product3.csv: expected a column UserID (user)"),
        (["--user", "u01", "--interactions", tmp_path / "no.csv"], "no.csv: no such file"),
        (["--exclude", "udang gorang"], "title 'udang gorang' is not in the model; did you mean 'udang goreng'"),
        (["--only", tmp_path / "no.txt"], "no.txt: cannot be read as text"),
        (["--only", tmp_path], "cannot be read as text"),
        (["--product", " | udang"], 'the title is empty; write "title | ingredients"'),
        (["-k", "-1"], "greater than or equal to 1"),
        (["-k", "0"], "greater than or equal to 1"),
        (["-k", "many"], "-k"),
    ]
    for arguments, message in cases:
        found = " ".join(fails("recommend", model, *arguments).replace("│", " ").split())
        assert message in found, arguments
    assert "did you mean 'udang goreng'" in fails("similar", model, "udang gorang")
    assert "no word of it is in the model's vocabulary" in fails("search", model, "xyzzy")
    assert "no word of it is in the model's vocabulary" in fails("search", model, "")


def test_files_that_are_no_model(built: Built, fails: Fails, tmp_path: Path) -> None:
    content = built.model.read_bytes()
    (tmp_path / "short.tflite").write_bytes(content[: len(content) // 3])
    (tmp_path / "tail.tflite").write_bytes(content[:-20])
    flipped = bytearray(content)
    flipped[len(content) // 2] ^= 1
    (tmp_path / "flipped.tflite").write_bytes(flipped)
    (tmp_path / "empty.tflite").write_bytes(b"")
    bare = content[: content.index(b"PK\x03\x04")]
    (tmp_path / "bare.tflite").write_bytes(bare)
    broken = ["short", "tail", "flipped", "empty", "bare"]
    files = [*(tmp_path / f"{name}.tflite" for name in broken), built.files.products, tmp_path, tmp_path / "none"]
    for command in (["recommend"], ["search", "-k", 3], ["inspect"], ["verify"]):
        for file in files:
            rest = ["udang"] if command[0] == "search" else []
            error = fails(*command, file, *rest)
            assert error.startswith("error: "), (command, file)
            assert file.name in error, (command, file)
            assert len(error.splitlines()) == 1, (command, file)


def test_mistakes_of_building(built: Built, fails: Fails, tmp_path: Path) -> None:
    """All are found before anything is trained, and none leaves a file."""
    products, interactions = built.files.products, built.files.interactions
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "file").write_text("keep me", encoding="utf-8")
    stranger = write_rows(tmp_path / "later.csv", ("UserID", "Title", "InteractionType"), [("x", "udang goreng", 1)])
    out = tmp_path / "out"
    cases: list[tuple[list[object], str]] = [
        ([tmp_path / "no.csv", interactions], "no.csv: no such file; give the path of a CSV or Parquet file"),
        ([products, tmp_path / "no.csv"], "no.csv: no such file"),
        ([interactions, products], "product3.csv: expected a column UserID (user), found Title, Ingredients, Combined"),
        ([tmp_path, interactions], "is a folder; give a CSV or Parquet file"),
        ([tmp_path / "empty.csv", interactions], "empty.csv: is empty; expected a header line"),
        ([products, tmp_path / "binary.csv"], "binary.csv: is a binary file; expected CSV text or Parquet"),
        ([products, built.model], "seefud.tflite: is a binary file"),
        ([products, interactions, "--column", "user=X"], "user3.csv: expected a column X (user)"),
        ([products, interactions, "--column", "X"], "--column X: expected PART=NAME"),
        ([products, interactions, "--column", "usr=X"], "unknown key 'usr'; did you mean user?"),
        ([products, interactions, "--weight", "view"], "--weight view: expected TYPE=NUMBER"),
        ([products, interactions, "--settings", tmp_path / "no.toml"], "no.toml: cannot be read"),
        ([products, interactions, "--rating-scale", 0], "expected 0 <= low < scale"),
        (
            [products, interactions, "--recipe", "int8"],
            "--recipe: expected one of float32, float16",
        ),
        ([products, interactions, "--baseline", "popolarity"], "did you mean 'popularity'?"),
        ([products, interactions, "--against", tmp_path / "no.json"], "no.json: expected the report.json of a"),
        ([products, interactions, "--holdout", tmp_path / "no.csv"], "no.csv: no such file"),
        ([products, interactions, "--holdout", stranger], "none of its 1 interactions is of a user and a product"),
        ([products, interactions, "--demo", tmp_path / "no.csv"], "no.csv: no such file"),
        ([products, interactions, "--tensorboard", tmp_path / "file"], "expected a folder to write to, found: a file"),
        ([products, interactions, "--dimension", 1], "greater than or equal to 2"),
        ([products, interactions, "--kind", "foo"], "not one of"),
        ([products, interactions, "--max-size", 0], "greater than or equal to 1"),
    ]
    for arguments, message in cases:
        found = " ".join(fails("build", *arguments, "--out", out).replace("│", " ").split())
        assert message in found, (arguments, found)
        assert not list(out.glob("*")), arguments
    for place in (tmp_path / "file", tmp_path / "file" / "deeper"):
        assert "expected a folder to write to, found" in fails("build", products, interactions, "--out", place)
    assert "Missing option '--out'" in fails("build", products, interactions)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "keep me"


def test_train_replaces_nothing_but_an_older_saved_model(built: Built, fails: Fails, tmp_path: Path) -> None:
    precious = tmp_path / "home"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work", encoding="utf-8")
    for place in (precious, precious / "thesis.txt"):
        error = fails("train", built.files.products, built.files.interactions, "--out", place)
        assert "expected a new folder or an older SavedModel" in error or "found a file" in error
    assert (precious / "thesis.txt").read_text(encoding="utf-8") == "years of work"


def test_mistakes_of_proving(built: Built, fails: Fails, tmp_path: Path) -> None:
    saved_model, out = built.folder / "saved_model", tmp_path / "f.tflite"
    files = built.files
    (tmp_path / "file").write_text("", encoding="utf-8")
    evaluate = ["evaluate", built.model, files.products, files.interactions, "--holdout"]
    cases: list[tuple[list[object], str]] = [
        (["convert", saved_model, out, "--recipe", "int8"], "--recipe: expected one of float32, float16, dynamic_wi8"),
        (["convert", saved_model, out, "--recipe", "flaot16"], "did you mean float16?"),
        (["convert", built.folder, out], "expected a directory with products.txt and tokens.txt"),
        (["convert", tmp_path / "none", out], "expected a directory with products.txt and tokens.txt"),
        (["convert", saved_model, tmp_path], "expected a file name, found a directory"),
        (["convert", saved_model, out, "--vocabulary", tmp_path], "products.txt: expected this file, found nothing"),
        (["convert", saved_model, out, "--against", files.products], "expected the report.json of a"),
        (["verify", built.model, "--products", files.products], "--products and --interactions go together"),
        (["verify", built.model, "--holdout", files.holdout], "--holdout needs both"),
        (["verify", built.model, "--column", "user=x"], "--column: expected --interactions too, found none"),
        (["verify", built.model, "--golden", built.folder / "report.json"], "expected schema 1, found None"),
        (["verify", built.model, "--golden", tmp_path / "none"], "none: expected a golden.json"),
        (["verify", built.model, "--saved-model", tmp_path], "expected a directory that tf.saved_model.save wrote"),
        (["verify", built.model, "--junit", tmp_path / "file" / "x.xml"], "--junit"),
        ([*evaluate, tmp_path / "none.csv"], "none.csv: no such file"),
        ([*evaluate, files.interactions], "expected users with held-out products"),
        ([*evaluate, files.holdout, "--baseline", "eese"], "found 'eese'; did you mean 'ease'?"),
    ]
    for arguments, message in cases:
        assert message in fails(*arguments), arguments
    assert not out.exists()


def test_a_bug_still_shows_its_traceback(run: Run, built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only known mistakes become messages."""

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("seefud_converter.inspect.inspect", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        main(["inspect", str(built.model)])


def test_a_full_disk_is_a_message(run: Run, built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "report.json")

    monkeypatch.setattr("seefud_converter.inspect.inspect", full)
    assert run("inspect", built.model) == (
        2,
        "",
        "error: report.json: No space left on device; check the path and the disk\n",
    )
