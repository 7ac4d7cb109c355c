"""Builds a written market in a process of its own, and dies where it is told to.

``python building_process.py FOLDER OUT [MOMENT [OLD]]``: FOLDER holds product3.csv and user3.csv. Every stage and epoch
is printed as a line; at the line MOMENT the process kills itself, as a power cut would. OLD is a file to start from.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from seefud.build import BuildOptions, Listener, build
from seefud.training import TrainingProgress

__all__ = ["OPTIONS", "run_build"]

OPTIONS = BuildOptions(dimension=16)
"""Of every build of the made market whose bytes are compared."""


class _Mortal(Listener):
    def __init__(self, moment: str | None) -> None:
        self._moment = moment

    def stage(self, text: str) -> None:
        self._tell(text)

    def training(self, name: str, progress: TrainingProgress) -> None:
        self._tell(f"{name}: {progress.epoch}")

    def _tell(self, line: str) -> None:
        print(line, flush=True)
        if line == self._moment:
            os.kill(os.getpid(), signal.SIGKILL)


def run_build(
    folder: Path, out: Path, moment: str | None = None, start_from: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Starts this file as a program.

    Args:
        folder: holds product3.csv and user3.csv.
        out: folder of the results.
        moment: the line at which the process is killed; None lets it end.
        start_from: an earlier file.
    """
    old = [str(start_from)] if start_from else []
    command = [sys.executable, __file__, str(folder), str(out), moment or "", *old]
    return subprocess.run(command, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:3]]
    listener = _Mortal(sys.argv[3] or None if len(sys.argv) > 3 else None)
    options = replace(OPTIONS, start_from=Path(sys.argv[4])) if len(sys.argv) > 4 else OPTIONS
    build(given[0] / "product3.csv", given[0] / "user3.csv", given[1], options, listener)
