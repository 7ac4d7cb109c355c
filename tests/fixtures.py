"""Writes the models that the tests of the other languages read: `python tests/fixtures.py --out build/fixtures`.

    dynamic_wi8/ float16/ float32/   seefud.tflite and golden.json of the sample market, with ingredients
    collaborative/                   seefud.tflite and golden.json of a made market, without tokens
    good/                            one small undamaged bundle of each recipe
    damaged/                         what became of them, and damaged.json with the error that each must raise
    large-10000/ large-100000/       one seefud.tflite each for benchmarks, only with --large

Nothing is done while the sources and the data are those of the last run. A folder is replaced only by a finished one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from converter.damaged import DAMAGES
from converter.made_conversion import bundle_bytes
from large_bundle import write_large_bundle
from python.made_market import make_market
from seefud.build import BuildOptions, build
from seefud.build_data import read_data
from seefud.golden_cases import golden_cases
from seefud.model import Kind
from seefud.ship import VOCABULARY
from seefud_converter.convert import convert_bundle
from seefud_converter.golden import write_golden
from seefud_converter.recipes import DEFAULT_RECIPE, RECIPES

__all__ = ["main", "write_fixtures"]

ROOT = Path(__file__).resolve().parent.parent
MODEL, GOLDEN = "seefud.tflite", "golden.json"
LARGE = (10_000, 100_000)
SOURCES = ("python", "converter", "data", "tests/converter", "tests/python/made_market.py")
SUFFIXES = {".py", ".toml", ".lock", ".csv"}


def write_fixtures(folder: Path) -> None:
    """Writes all folders but the large ones into `folder`, which exists."""
    _write_sample(folder)
    _write_collaborative(folder)
    _write_good(folder / "good")
    _write_damaged(folder / "damaged")


def write_large(folder: Path) -> None:
    """Writes the bundles for benchmarks into `folder`, which exists."""
    for products in LARGE:
        write_large_bundle(folder / f"large-{products}" / MODEL, products)


def _write_sample(folder: Path) -> None:
    # Only the files are wanted: neither baselines nor cold products are measured.
    options = BuildOptions(with_ingredients=True, cold=False, baselines=())
    products, interactions = ROOT / "data" / "product3.csv", ROOT / "data" / "user3.csv"
    built = folder / DEFAULT_RECIPE
    build(products, interactions, built, options)
    saved_model = (built / "saved_model").rename(folder / ".saved_model")
    (built / "report.json").unlink()
    cases = golden_cases(read_data(products, interactions, options).prepared)
    for recipe in RECIPES.keys() - {DEFAULT_RECIPE}:
        place = folder / recipe
        place.mkdir()
        # float32 is larger than any file that may ship; it is the reference here.
        convert_bundle(saved_model, saved_model / VOCABULARY, place / MODEL, recipe, gates=None)
        write_golden(place / MODEL, cases, place / GOLDEN)
    shutil.rmtree(saved_model)


def _write_collaborative(folder: Path) -> None:
    place = folder / "collaborative"
    files = make_market().write(folder / ".market")
    options = BuildOptions(kind=Kind.COLLABORATIVE, dimension=16, cold=False, baselines=())
    build(files.products, files.interactions, place, options)
    shutil.rmtree(place / "saved_model")
    (place / "report.json").unlink()
    shutil.rmtree(folder / ".market")


def _write_good(folder: Path) -> None:
    folder.mkdir()
    for recipe in RECIPES:
        (folder / f"{recipe}.tflite").write_bytes(bundle_bytes(recipe))


def _write_damaged(folder: Path) -> None:
    folder.mkdir()
    entries = []
    for name, damage in DAMAGES.items():
        file = re.sub(r"[^a-z0-9]+", "-", name.lower()) + ".tflite"
        (folder / file).write_bytes(damage.content())
        entries.append({"name": name, "file": file, "error": damage.error.__name__, "says": damage.says})
    text = json.dumps(entries, ensure_ascii=False, indent=1) + "\n"
    (folder / "damaged.json").write_text(text, encoding="utf-8", newline="\n")


def _source_files() -> Iterable[Path]:
    yield from (Path(__file__), Path(__file__).with_name("large_bundle.py"))
    for source in SOURCES:
        place = ROOT / source
        yield from [place] if place.is_file() else (path for path in place.rglob("*") if path.suffix in SUFFIXES)


def _digest_of_sources() -> str:
    digest = hashlib.sha256()
    for path in sorted(_source_files()):
        digest.update(f"{path.relative_to(ROOT)}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _refresh(out: Path, name: str, write: Callable[[Path], None]) -> None:
    """Lets `write` fill a temporary folder and moves its folders into `out`, unless they are of these sources."""
    stamp, sources = out / f".{name}.sources", _digest_of_sources()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == sources:
        return
    partial = out.with_name(f".{out.name}.{name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    write(partial)
    out.mkdir(exist_ok=True)
    # Without the stamp, an interruption between two folders only costs another run.
    stamp.unlink(missing_ok=True)
    for made in sorted(partial.iterdir()):
        shutil.rmtree(out / made.name, ignore_errors=True)
        made.rename(out / made.name)
    partial.rmdir()
    stamp.write_text(sources, encoding="ascii")


def main() -> int:
    """Reads the command line and writes."""
    parser = argparse.ArgumentParser(description="Write the models that the tests of the other languages read.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "fixtures", help="folder to write into")
    parser.add_argument("--large", action="store_true", help="write the large models for benchmarks too")
    options = parser.parse_args()
    _refresh(options.out, "fixtures", write_fixtures)
    if options.large:
        _refresh(options.out, "large", write_large)
    return 0


if __name__ == "__main__":
    sys.exit(main())
