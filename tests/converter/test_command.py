"""The command line: in process, and once through `python -m seefud_converter`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from converter.made_conversion import probed_bundle_bytes, saved_model
from seefud_converter import errors
from seefud_converter.__main__ import main
from seefud_converter.bundle import read_bundle
from seefud_converter.convert import convert_bundle, replace_file
from seefud_converter.gates import Gates


@pytest.fixture
def vocabulary(tmp_path: Path) -> Path:
    """A copy of the vocabulary that a test may spoil."""
    return Path(shutil.copytree(saved_model() / "assets.extra", tmp_path / "vocabulary"))


def _change_document(vocabulary: Path, **fields: Any) -> None:
    place = vocabulary / "bundle.json"
    place.write_text(json.dumps(json.loads(place.read_text(encoding="utf-8")) | fields), encoding="utf-8")


def _refused(capsys: pytest.CaptureFixture[str], code: int, *arguments: object) -> str:
    assert main([str(argument) for argument in arguments]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("seefud_converter: ")
    assert "Traceback" not in captured.err
    assert captured.err.count("\n") == 1
    return captured.err


def test_the_installed_entry_point_writes_the_same_file(tmp_path: Path) -> None:
    out = tmp_path / "new" / "seefud.tflite"
    command = [sys.executable, "-m", "seefud_converter", saved_model(), saved_model() / "assets.extra", out]
    result = subprocess.run(
        [str(word) for word in command],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "150 products and 130 tokens, dimension 8; needs TFLite 2.3.0 or newer" in result.stdout
    assert out.read_bytes() == probed_bundle_bytes()
    assert [place.name for place in out.parent.iterdir()] == ["seefud.tflite"]


def test_json_and_recipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x.tflite"
    arguments = [saved_model(), saved_model() / "assets.extra", out, "--recipe", "float16", "--json"]
    assert main([str(argument) for argument in arguments]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["recipe"] == "float16" == read_bundle(out).document["recipe"]
    assert summary["bytes"] == out.stat().st_size
    assert summary["gates"]["quality"]["ndcg@20 over popularity"] == pytest.approx(0.13)


def test_wrong_use_is_told(tmp_path: Path, vocabulary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x.tflite"
    model = saved_model()
    assert "did you mean float16?" in _refused(capsys, 2, model, vocabulary, out, "--recipe", "flaot16")
    assert "found no such directory" in _refused(capsys, 2, tmp_path / "no", vocabulary, out)
    assert "found no such directory; check the path" in _refused(capsys, 2, model, tmp_path / "no", out)
    assert "expected a file name, found a directory" in _refused(capsys, 2, model, vocabulary, tmp_path)
    assert "add --report FILE" in _refused(capsys, 2, model, vocabulary, out, "--tolerance", 0.1)
    assert "a JSON file" in _refused(capsys, 2, model, vocabulary, out, "--report", tmp_path / "none.json")
    assert "a place to write to" in _refused(capsys, 2, model, vocabulary, vocabulary / "tokens.txt" / "x.tflite")
    assert not out.exists()


def test_argparse_s_own_mistakes_have_the_same_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["only-one"])
    assert caught.value.code == 2
    assert "VOCABULARY" in capsys.readouterr().err


def test_spoilt_vocabularies_are_told(tmp_path: Path, vocabulary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x.tflite"
    place = vocabulary / "products.txt"
    good = place.read_bytes()
    place.write_bytes(good + b"One More\n")
    assert "products.txt: expected 150 lines" in _refused(capsys, 2, saved_model(), vocabulary, out)
    place.write_bytes(good)
    (vocabulary / "tokens.txt").unlink()
    assert "tokens.txt: expected this file, found nothing" in _refused(capsys, 2, saved_model(), vocabulary, out)
    shutil.copy(saved_model() / "assets.extra" / "tokens.txt", vocabulary)
    (vocabulary / "bundle.json").write_bytes(b"{")
    assert "expected JSON in UTF-8" in _refused(capsys, 2, saved_model(), vocabulary, out)
    assert not out.exists()


def test_a_vocabulary_of_another_model_is_refused(
    tmp_path: Path, vocabulary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _change_document(vocabulary, dimension=7)
    text = _refused(capsys, 2, saved_model(), vocabulary, tmp_path / "x.tflite")
    assert "vectors: expected float32 [1, 8, 7], found float32 [1, 8, 8]" in text


def test_a_bad_model_does_not_replace_a_good_file(
    tmp_path: Path, vocabulary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "x.tflite"
    out.write_bytes(b"the good one")
    metrics = {"holdout": {"recall@20": 0.1}, "popularity": {"recall@20": 0.2}}
    _change_document(vocabulary, metrics=metrics)
    text = _refused(capsys, 1, saved_model(), vocabulary, out)
    assert "x.tflite: recall@20: expected at least popularity's 0.2000, found 0.1000" in text
    assert out.read_bytes() == b"the good one"
    assert sorted(place.name for place in tmp_path.iterdir()) == ["vocabulary", "x.tflite"]


def test_the_committed_report_is_a_floor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"metrics": {"holdout": {"recall@20": 0.4}}}))
    arguments = (saved_model(), saved_model() / "assets.extra", tmp_path / "x.tflite", "--report", report)
    assert "at least the committed 0.4000 less 0.005" in _refused(capsys, 1, *arguments)
    assert main([str(argument) for argument in (*arguments, "--tolerance", 0.1)]) == 0


def test_a_proof_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    out = tmp_path / "x.tflite"
    out.write_bytes(b"the good one")
    seen: list[bytes] = []

    def prove(place: Path) -> None:
        seen.append(place.read_bytes())
        raise errors.ParityGateError("parity", "the same ranking", "another", "look at verify's report")

    with pytest.raises(errors.ParityGateError, match="parity: expected the same ranking, found another; look"):
        convert_bundle(saved_model(), saved_model() / "assets.extra", out, gates=Gates(), prove=prove)
    assert seen == [probed_bundle_bytes()]
    assert out.read_bytes() == b"the good one"
    assert [place.name for place in tmp_path.iterdir()] == ["x.tflite"]


def test_files_are_replaced_whole_and_readable(tmp_path: Path) -> None:
    place = tmp_path / "a" / "x.bin"
    replace_file(place, b"first")
    replace_file(place, b"second")
    assert place.read_bytes() == b"second"
    assert place.stat().st_mode & 0o777 == 0o644
