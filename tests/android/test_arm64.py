"""The golden file on a phone's kind of processor, emulated."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ARM64 = PROJECT / "android/jvm/arm64"
UNAVAILABLE = 75
FIXTURE = PROJECT / "build/fixtures/dynamic_wi8"  # written by tests/fixtures.py


def emulated(*arguments: Path | str) -> subprocess.CompletedProcess[str]:
    """Runs replay.py on ARM64, or skips with the reason."""
    command = [sys.executable, ARM64 / "run.py", PROJECT / "build/arm64", ARM64 / "replay.py", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == UNAVAILABLE:
        pytest.skip(done.stdout.strip())
    return done


@pytest.mark.slow
def test_every_golden_case_holds_on_arm64() -> None:
    done = emulated(FIXTURE / "seefud.tflite", FIXTURE / "golden.json")
    print(done.stdout)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("aarch64, LiteRT 1.4.0: ")


@pytest.mark.slow
def test_a_wrong_answer_is_seen_on_arm64(tmp_path: Path) -> None:
    wrong = tmp_path / "golden.json"
    text = (FIXTURE / "golden.json").read_text(encoding="utf-8")
    wrong.write_text(text.replace('"weights": [1.0', '"weights": [2.0'), encoding="utf-8")
    done = emulated(FIXTURE / "seefud.tflite", wrong)
    assert done.returncode == 1
    assert ": profile: off by " in done.stderr


def test_the_reason_is_said_where_the_parts_cannot_be_had(tmp_path: Path) -> None:
    command = [sys.executable, ARM64 / "run.py", tmp_path, ARM64 / "replay.py"]
    environment = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == UNAVAILABLE
    assert done.stdout == "no ARM64 run: apt-get was not found; it takes Debian's packages apart\n"
