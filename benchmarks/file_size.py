"""Size of the file for 100,000 products x 32: how close it comes to the bytes of its tables.

usage: python benchmarks/file_size.py [--products N] [--dimension D] [--tokens V] [--recipe NAME] [--json]

A made SavedModel with the contract's four signatures is converted; nothing is trained. Aim: 1.02 x the tables
for the flatbuffer part, and within the budget of the size gate for the whole file.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "converter"), str(ROOT / "tests")]

from converter.made_model import make_saved_model  # noqa: E402
from goals import Line, goal_table  # noqa: E402
from program import Report, Table, run_program  # noqa: E402
from seefud_converter.convert import convert_bundle  # noqa: E402
from seefud_converter.inspect import inspect  # noqa: E402
from seefud_converter.recipes import DEFAULT_RECIPE, RECIPES  # noqa: E402


def main() -> int:
    """Converts, measures, prints."""
    return run_program(__doc__, measure, _arguments)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--dimension", type=int, default=32)
    parser.add_argument("--tokens", type=int, default=5_000)
    parser.add_argument("--recipe", choices=sorted(RECIPES), default=DEFAULT_RECIPE)


def measure(options: argparse.Namespace) -> Report:
    """Sizes of the parts of a converted file.

    Raises:
        seefud_converter.errors.GateError: the file is above its budget.
    """
    with tempfile.TemporaryDirectory() as folder:
        saved_model, out = Path(folder) / "saved_model", Path(folder) / "seefud.tflite"
        vocabulary = make_saved_model(
            saved_model,
            products=options.products,
            dimension=options.dimension,
            tokens=options.tokens,
            history_length=64,
            text_length=64,
            top_k=min(100, options.products),
            ingredients=False,
        )
        started = time.perf_counter()
        convert_bundle(saved_model, vocabulary, out, options.recipe)
        seconds = time.perf_counter() - started
        report = inspect(out)
    parts: dict[str, int] = report["parts"]
    tables = parts["table of products"] + parts["table of tokens"]
    model = sum(size for name, size in parts.items() if not name.endswith((".txt", ".json")) and name != "archive")
    rest = report["bytes"] - sum(size for name, size in parts.items() if name.endswith(".txt"))
    figures = {
        "products": options.products,
        "dimension": options.dimension,
        "tokens": options.tokens,
        "recipe": options.recipe,
        "tables": tables,
        "flatbuffer": model,
        "flatbuffer_over_tables": round(model / tables, 4),
        "file": report["bytes"],
        "file_without_vocabulary_over_tables": round(rest / tables, 4),
        "budget": report["budget"],
        "conversion_seconds": round(seconds, 1),
    }
    rows = [[name, f"{value:,}" if isinstance(value, int) else str(value)] for name, value in figures.items()]
    shape = f"{options.products} x {options.dimension}"
    lines = [
        Line(shape, "flatbuffer over its tables", (model / tables,), "file over tables"),
        Line(shape, "file less vocabulary text over its tables", (rest / tables,), "file over tables"),
    ]
    shown = [Table(f"{shape}, {options.recipe}", ["part", "bytes"], rows), goal_table(lines)]
    return Report(shown, {**figures, "goals": [line.to_json() for line in lines]})


if __name__ == "__main__":
    sys.exit(main())
