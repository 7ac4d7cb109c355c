"""Builds made as a user makes them: the installed `seefud` program in a process of its own, timed from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_sets import DataSet
from program import SkippedError

__all__ = ["Build", "build_with_cli"]


@dataclass(frozen=True)
class Build:
    """One run of `seefud build`.

    Attributes:
        report: its report.json (refused.json where a gate refused the model).
        refused: why a gate refused it, or None.
        seconds: wall time of the process, start of Python and imports included.
        cpu_seconds: user and system time; close to `seconds` times the cores that it kept busy. On a machine that
            does other work besides it says more than the wall time.
        peak_mb: largest resident memory of the process, in 10^6 bytes.
    """

    report: dict[str, Any]
    refused: str | None
    seconds: float
    cpu_seconds: float
    peak_mb: float

    @property
    def bytes(self) -> int:
        """Size of the file; 0 if none was made."""
        return 0 if self.refused else int(self.report["file"]["bytes"])

    def cost(self) -> dict[str, float]:
        """A value for ``json.dumps``."""
        return {
            "seconds": round(self.seconds, 1),
            "cpu_seconds": round(self.cpu_seconds, 1),
            "peak_mb": round(self.peak_mb),
        }


def build_with_cli(data: DataSet, out: Path, *options: str) -> Build:
    """Runs ``seefud build PRODUCTS INTERACTIONS --out OUT`` and waits for it; its progress goes to standard error.

    Call it before this process has grown: Linux counts what the parent had resident at the moment of the start into
    the child's peak.

    Args:
        data: what to build from; its holdout is not passed on.
        out: a folder that does not exist yet.
        options: further arguments.

    Raises:
        SkippedError: the program is not installed.
        RuntimeError: it failed other than by a gate.
    """
    program = Path(sys.executable).with_name("seefud")
    if not program.is_file():
        raise SkippedError("the program seefud is not installed beside this Python; run make, or pip install -e python")
    command = [str(program), "build", str(data.products), str(data.interactions), "--out", str(out), *options]
    started = time.perf_counter()
    process = subprocess.Popen([*command, "--json"], stdout=subprocess.DEVNULL)
    # The resources of this child alone: getrusage(RUSAGE_CHILDREN) is a maximum over all children so far.
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    refusal = out / "refused.json"
    if process.returncode not in (0, 1) or (process.returncode == 1 and not refusal.is_file()):
        raise RuntimeError(f"seefud build on {data.name} ended with exit code {process.returncode}; see above")
    written = refusal if process.returncode else out / "report.json"
    report = json.loads(written.read_text(encoding="utf-8"))
    to_bytes = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes on macOS, in KiB on Linux
    return Build(
        report,
        report["refused"] if process.returncode else None,
        seconds,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss * to_bytes / 1e6,
    )
