"""The one model that the tests of the outer half share."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from python.building_process import run_build
from python.made_market import MadeMarket, MarketFiles, make_market

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
