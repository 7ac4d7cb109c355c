"""The converter's command line: `python -m seefud_converter SAVED_MODEL VOCABULARY OUT`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import __version__
from .errors import ConverterError, InputError
from .recipes import DEFAULT_RECIPE, RECIPES

__all__ = ["main"]


def _parser() -> argparse.ArgumentParser:
    recipes = "; ".join(f"{recipe.name}: {recipe.description}" for recipe in RECIPES.values())
    parser = argparse.ArgumentParser(
        prog="seefud_converter",
        description="Convert a SavedModel and its vocabulary into one checked .tflite file.",
        epilog="Exit code 0: written; 1: refused by a gate, nothing written; 2: wrong use or bad input.",
    )
    parser.add_argument("saved_model", metavar="SAVED_MODEL", help="directory with the four signatures")
    parser.add_argument(
        "vocabulary", metavar="VOCABULARY", help="directory with products.txt, tokens.txt and bundle.json"
    )
    parser.add_argument("out", metavar="OUT", help="the .tflite file to write")
    parser.add_argument("--recipe", default=DEFAULT_RECIPE, help=f"{recipes} (default: %(default)s)")
    parser.add_argument("--report", metavar="FILE", help="a committed report.json whose metrics are the floor")
    parser.add_argument(
        "--tolerance",
        type=float,
        metavar="T",
        help="how far a metric may lie below the report's (default: 0.005); needs --report",
    )
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def _committed(path: str | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        report = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise InputError(f"--report {path}", "a JSON file", str(problem), "give a committed report.json") from problem
    if not isinstance(report, dict):
        raise InputError(f"--report {path}", "a JSON object", type(report).__name__, "give a committed report.json")
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Without the program's name; None for those of the process.

    Returns:
        The exit code: 0 written, 1 refused by a gate, 2 wrong use or bad input.
    """
    options = _parser().parse_args(arguments)
    try:
        if options.tolerance is not None and options.report is None:
            raise InputError("--tolerance", "--report beside it", "none", "add --report FILE")
        if options.tolerance is not None and not 0 <= options.tolerance < 1:
            raise InputError("--tolerance", "a number from 0 to 1", str(options.tolerance), "try 0.005")
        from .convert import convert_bundle
        from .gates import Gates

        gates = Gates(
            committed=_committed(options.report),
            committed_tolerance=0.005 if options.tolerance is None else options.tolerance,
        )
        summary = convert_bundle(options.saved_model, options.vocabulary, options.out, options.recipe, gates)
    except ConverterError as problem:
        print(f"seefud_converter: {problem}", file=sys.stderr)
        return problem.exit_code
    if options.json:
        print(json.dumps(summary.to_dict(), indent=1, sort_keys=True))
    else:
        print(
            f"{summary.path}: {summary.bytes:,} bytes of at most {summary.gates['budget']:,}, "
            f"{summary.recipe}, model {summary.model_id}\n"
            f"{summary.products:,} products and {summary.tokens:,} tokens, dimension {summary.dimension}; "
            f"needs TFLite {summary.minimum_runtime} or newer"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
