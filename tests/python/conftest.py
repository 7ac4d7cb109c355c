"""What the tests of the outer half share: one model, and the program in this process."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from python.building_process import run_build
from python.made_market import MadeMarket, MarketFiles, make_market
from seefud.cli import main

Run = Callable[..., tuple[int, str, str]]
"""Arguments of the program -> exit code, standard output, standard error."""
Fails = Callable[..., str]
"""Arguments of the program -> its message."""

# TensorFlow's notes about the processor only clutter the output of a failed test.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


@dataclass(frozen=True)
class Built:
    """A market, its files and what a build made of them.

    Attributes:
        market: what is true of it.
        files: the data files.
        folder: the four outputs; not to be written to.
    """

    market: MadeMarket
    files: MarketFiles
    folder: Path

    @property
    def model(self) -> Path:
        """The `.tflite`."""
        return self.folder / "seefud.tflite"

    @property
    def report(self) -> dict[str, Any]:
        """The report, read again each time."""
        content: dict[str, Any] = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        return content


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A build of the made market, in a process of its own, so that its threads are those of any build."""
    folder = tmp_path_factory.mktemp("market")
    market = make_market()
    files = market.write(folder)
    done = run_build(folder, folder / "model")
    assert done.returncode == 0, done.stderr[-4000:]
    return Built(market, files, folder / "model")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the program in this process: exit code, standard output, standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        code = end.value.code
        assert isinstance(code, int)
        return (code, *capsys.readouterr())

    return run


@pytest.fixture
def fails(run: Run) -> Fails:
    """Runs the program, which must refuse with exit code 2 and one message; returns it."""

    def fails(*arguments: object) -> str:
        code, out, error = run(*arguments)
        assert code == 2, error
        assert out == ""
        assert "Traceback" not in error
        return error

    return fails


def json_of(run: Run, *arguments: object) -> Any:
    """What the program prints with --json; it must end well."""
    code, out, error = run(*arguments, "--json")
    assert code == 0, error
    return json.loads(out)


def titles_of(found: dict[str, Any]) -> list[str]:
    """The titles of printed recommendations, best first."""
    return [entry["title"] for entry in found["recommendations"]]
