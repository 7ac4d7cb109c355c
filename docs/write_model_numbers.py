"""Writes the numbers of docs/model.md from the code: training recipes, and what is tried on validation.

python docs/write_model_numbers.py            # writes them between the page's markers
python docs/write_model_numbers.py --check    # exit code 1 if the committed page differs
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from seefud import (
    build,
    build_data,
    candidate_recipes,
    cold_selection,
    cold_start,
    dimension_selection,
    fitting,
    kernel_error,
    measurement,
    mixing_selection,
    selection,
)
from seefud.training_recipe import TrainingRecipe

__all__ = ["PAGE", "page_with_numbers"]

PAGE = Path(__file__).resolve().with_name("model.md")
START, END = "<!-- numbers, written by docs/write_model_numbers.py -->\n", "<!-- /numbers -->"

_CONSTANTS = [
    ("share of each history that is held out", build_data, "HELD_FRACTION"),
    ("seed of the holdout split", build_data, "HOLDOUT_SEED"),
    ("seed of the validation split", build, "VALIDATION_SEED"),
    ("users measured on validation, at most", selection, "MAX_USERS"),
    ("users measured for the choices on cold products, at most", cold_selection, "MAX_USERS"),
    ("users measured on the holdout, at most", measurement, "MAX_USERS"),
    ("lengths of the vectors tried", dimension_selection, "DIMENSIONS"),
    ("products below which only the first is", dimension_selection, "FEW_PRODUCTS"),
    ("relative gain in NDCG@20 for which the longer ones are taken", dimension_selection, "WORTH"),
    ("popularity weights tried", selection, "BETAS"),
    ("error of a score by the int8 kernel that a popularity weight may leave", kernel_error, "ALLOWED_ERROR"),
    ("the same below which the usual gain of the prior's column is kept", kernel_error, "GOOD_ERROR"),
    ("histories that this is computed on, at most", kernel_error, "USERS"),
    ("histories that a gain other than the usual one is computed on again, at most", kernel_error, "MORE_USERS"),
    ("rotations tried until it is allowed, at most", fitting, "ROTATIONS"),
    ("weights of taste tried after the largest popularity weight", selection, "TASTES"),
    ("ridge penalties tried", cold_selection, "RIDGES"),
    ("ridge penalty where none can be chosen", fitting, "RIDGE"),
    ("draws of products that play cold", cold_selection, "PLAYS"),
    ("share of the products that play cold", cold_selection, "PLAYED_SHARE"),
    ("share of warm recall@20 that new products may cost in one list", mixing_selection, "MAX_WARM_LOSS"),
    ("standard errors of it that must fit below that too", mixing_selection, "SURE"),
    ("the same for products in the table", mixing_selection, "SURE_OF_ROWS"),
    ("weights of known words tried", mixing_selection, "WORDS"),
    ("crowdings tried", mixing_selection, "CROWDINGS"),
    ("lowest prior of new products, relative to the mean prior", mixing_selection, "LOWEST"),
    ("highest place of a new product, likewise", mixing_selection, "HIGHEST"),
    ("pull of popularity on the ridge's targets", cold_start, "POPULARITY_PULL"),
    ("ridge of the whitened audience in them", cold_start, "WHITENING"),
    ("products above which EASE runs only by name", measurement, "EASE_PRODUCTS"),
]
_SIZES = [(600, 400), (2_000, 1_500), (20_000, 12_000)]


def _shown(value: Any) -> str:
    if isinstance(value, tuple) and len(value) > 12:
        return f"{value[0]:g} to {value[-1]:g} in steps of {value[1] - value[0]:g}"
    if isinstance(value, tuple):
        return ", ".join(f"{each:g}" for each in value)
    return f"{value:,}" if isinstance(value, int) and value > 999 else str(value)


def numbers() -> str:
    """Three tables: constants, the recipe's defaults, and the recipes that builds of some sizes try."""
    lines = ["", "| number | value |", "|---|---|"]
    lines += [f"| {what} | {_shown(getattr(module, name))} |" for what, module, name in _CONSTANTS]
    defaults = asdict(TrainingRecipe())
    lines += ["", "A training recipe and its defaults (`seefud.training_recipe`):", ""]
    lines += [f"`{name}` {_shown(value)}," for name, value in defaults.items()]
    lines[-1] = lines[-1].removesuffix(",") + "."
    lines += ["", "Recipes that a build tries, where they differ from the defaults:", ""]
    lines += ["| users x products, text | recipe | differs in |", "|---|---|---|"]
    for users, products in _SIZES:
        for has_text in (True, False):
            size = f"{users:,} x {products:,}, {'with' if has_text else 'none'}"
            for name, recipe in candidate_recipes.candidate_recipes(users, products, has_text):
                changed = {key: value for key, value in asdict(recipe).items() if value != defaults[key]}
                text = ", ".join(f"`{key}` {_shown(value)}" for key, value in changed.items()) or "nothing"
                lines.append(f"| {size} | {name} | {text} |")
    return "\n".join([*lines, "", ""])


def page_with_numbers(page: str) -> str:
    """The page with the tables of the code between its markers."""
    head, _, rest = page.partition(START)
    _, _, tail = rest.partition(END)
    return f"{head}{START}{numbers()}{END}{tail}"


def main() -> int:
    """Writes or checks the page."""
    parser = argparse.ArgumentParser(description="Write the numbers of docs/model.md from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if the page is stale")
    found = PAGE.read_text(encoding="utf-8")
    page = page_with_numbers(found)
    if parser.parse_args().check:
        if page != found:
            print(f"{PAGE.name} is stale; run python docs/write_model_numbers.py", file=sys.stderr)
        return 0 if page == found else 1
    PAGE.write_text(page, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
