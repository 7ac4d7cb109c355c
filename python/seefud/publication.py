"""The files that a build leaves: put in place together, and read again by a later build."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from seefud.destinations import write_whole
from seefud.errors import InputError
from seefud.ship import Shipment

__all__ = ["publish", "read_report", "write_refused"]

REFUSED = "refused.json"


def publish(shipment: Shipment, golden: Path, report: dict[str, Any], out: Path) -> None:
    """Moves everything into place; the model last, so that a reader who sees it sees its report."""
    old = out / ".saved_model.old"
    shutil.rmtree(old, ignore_errors=True)
    if (out / "saved_model").exists():
        (out / "saved_model").rename(old)
    shipment.saved_model.rename(out / "saved_model")
    shutil.rmtree(old, ignore_errors=True)
    golden.replace(out / "golden.json")
    _write_json(out / "report.json", report)
    (out / REFUSED).unlink(missing_ok=True)
    shipment.bundle.replace(out / shipment.bundle.name)


def write_refused(report: dict[str, Any], refusal: str, out: Path) -> None:
    """Leaves what was found of a model that a gate refused; what an earlier build left stays as it is."""
    _write_json(out / REFUSED, {**report, "refused": refusal})


def read_report(path: Path) -> dict[str, Any]:
    """The `report.json` of an earlier build.

    Raises:
        seefud.errors.InputError: the file cannot be read, or holds no metrics.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: expected the report.json of a build, found: {error}; check --against") from error
    if not isinstance(found, dict) or "metrics" not in found:
        raise InputError(f"{path}: expected the report.json of a build, found no metrics in it; check --against")
    return found


def _write_json(path: Path, value: dict[str, Any]) -> None:
    write_whole(path, json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
