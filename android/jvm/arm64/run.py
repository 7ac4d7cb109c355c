"""Runs a file of Python on 64-bit ARM, emulated: `run.py CACHE SCRIPT [ARGUMENT ...]`.

Debian's qemu-user-static and its Python 3.11 for arm64 are taken apart into CACHE, along with the wheels of
requirements.txt; nothing is installed, and root is not needed. Done once: later runs take what is there.

Exit codes: that of the script; 75 and one line with the reason where the parts cannot be had.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

UNAVAILABLE = 75
"""EX_TEMPFAIL of sysexits.h."""

HERE = Path(__file__).resolve().parent
EMULATOR = "qemu-user-static"
PYTHON = (
    *("python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib"),
    *("libc6", "libstdc++6", "libgcc-s1", "zlib1g", "libexpat1", "libffi8", "libssl3", "liblzma5", "libbz2-1.0"),
)

# A private state: two architectures, without touching the system's own choice of packages.
APT = """
Dir::State "{state}"; Dir::State::status "{state}/status"; Dir::Cache "{state}/cache";
Dir::Etc::sourceparts "{state}/parts";
APT::Architecture "{host}"; APT::Architectures {{ "{host}"; "arm64"; }};
APT::Sandbox::User ""; APT::Install-Recommends "false"; Acquire::Languages "none";
Acquire::Retries "1"; Acquire::http::Timeout "20"; Acquire::https::Timeout "20";
"""


class UnavailableError(Exception):
    """The parts cannot be had on this computer; the message says which and why."""


def main(arguments: list[str]) -> int:
    """Prepares what is missing and runs the script."""
    cache, script, *rest = arguments
    try:
        parts = prepared(Path(cache).resolve())
    except UnavailableError as reason:
        print(f"no ARM64 run: {reason}")
        return UNAVAILABLE
    root = parts / "root"
    environment = {"PYTHONHOME": str(root / "usr"), "PYTHONPATH": str(parts / "wheels"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [parts / "qemu-aarch64-static", "-L", root, root / "usr/bin/python3.11", script, *rest]
    return subprocess.run(command, env=environment, check=False).returncode


def prepared(cache: Path) -> Path:
    """The folder of parts, made at the first call.

    Raises:
        UnavailableError: a part cannot be had.
    """
    recipe = Path(__file__).read_bytes() + (HERE / "requirements.txt").read_bytes()
    ready = cache / hashlib.sha256(recipe).hexdigest()[:12]
    if not ready.exists():
        for tool in ("apt-get", "dpkg", "dpkg-deb", "tar"):
            if shutil.which(tool) is None:
                raise UnavailableError(f"{tool} was not found; it takes Debian's packages apart")
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            parts = Path(folder) / "parts"
            parts.mkdir()
            unpack_packages(Path(folder), parts)
            unpack_wheels(Path(folder), parts)
            parts.rename(ready)  # whole or not at all
    return ready


def unpack_packages(work: Path, parts: Path) -> None:
    """The emulator, and Python with its libraries under `root`."""
    state = work / "apt"
    for folder in ("lists/partial", "cache/archives/partial", "parts"):
        (state / folder).mkdir(parents=True)
    (state / "status").touch()
    for source in Path("/etc/apt/sources.list.d").glob("debian*.sources"):
        shutil.copy(source, state / "parts")
    host = must(["dpkg", "--print-architecture"], work).strip()
    configuration = state / "apt.conf"
    configuration.write_text(APT.format(state=state, host=host))
    environment = {**os.environ, "APT_CONFIG": str(configuration)}
    # A source may fail as long as the packages come from another.
    subprocess.run(["apt-get", "-q", "update"], cwd=work, env=environment, capture_output=True, check=False)
    packages = [EMULATOR, *(f"{name}:arm64" for name in PYTHON)]
    must(["apt-get", "-q", "download", *packages], work, environment)
    for package in work.glob("*_arm64.deb"):
        if not package.name.startswith(EMULATOR):
            must(["dpkg-deb", "-x", str(package), str(parts / "root")], work)
    emulator = next(work.glob(f"{EMULATOR}_*.deb"))
    must(["dpkg-deb", "-x", str(emulator), "emulator"], work)
    shutil.move(work / "emulator/usr/bin/qemu-aarch64-static", parts)


def unpack_wheels(work: Path, parts: Path) -> None:
    """numpy and LiteRT, checked against their hashes, under `wheels`."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps"]
    command += ["--only-binary", ":all:", "--platform", "manylinux2014_aarch64", "--platform", "manylinux_2_17_aarch64"]
    command += ["--python-version", "3.11", "--implementation", "cp", "-r", str(HERE / "requirements.txt")]
    must(command, work)
    for wheel in work.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(parts / "wheels")


def must(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> str:
    """What the command prints.

    Raises:
        UnavailableError: it failed; names the command and its last line.
    """
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()
        raise UnavailableError(f"{' '.join(command[:3])} failed: {lines[-1]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
