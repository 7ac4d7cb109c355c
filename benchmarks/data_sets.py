"""Where the data sets are: the real ones beside the project, the sample market inside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from program import SkippedError

__all__ = ["ROOT", "SAMPLE", "DataSet", "data_set", "present"]

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
SAMPLE = "sample"


@dataclass(frozen=True)
class DataSet:
    """Paths of one data set.

    Attributes:
        name: its folder's name; `SAMPLE` for the project's own.
        products: the catalogue.
        interactions: what may be learnt from.
        holdout: what is to be predicted, or None where a split must serve.
    """

    name: str
    products: Path
    interactions: Path
    holdout: Path | None


def data_set(name: str) -> DataSet:
    """Finds a data set.

    Raises:
        SkippedError: it is not here.
    """
    folder = ROOT / "data" if name == SAMPLE else SHARED / name
    holdout = folder / "holdout.csv"
    found = DataSet(name, folder / "product3.csv", folder / "user3.csv", holdout if holdout.is_file() else None)
    missing = [path.name for path in (found.products, found.interactions) if not path.is_file()]
    if missing:
        where = "data" if name == SAMPLE else f"../shared/data/{name}"
        raise SkippedError(f"{name}: {' and '.join(missing)} not found; expected in {where} (see benchmarks/README.md)")
    return found


def present(names: list[str], *, with_holdout: bool = False) -> tuple[list[DataSet], list[str]]:
    """The data sets that are here, and one sentence for each that is not.

    Raises:
        SkippedError: none is here.
    """
    found, reasons = [], []
    for name in names:
        try:
            each = data_set(name)
            if with_holdout and each.holdout is None:
                raise SkippedError(f"{name}: holdout.csv not found beside user3.csv")
        except SkippedError as reason:
            reasons.append(f"skipped: {reason}")
            continue
        found.append(each)
    if not found:
        raise SkippedError("; ".join(reason.removeprefix("skipped: ") for reason in reasons))
    return found, reasons
