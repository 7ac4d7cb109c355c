"""`seefud recommend`, `search` and `similar`: they run the file and import neither TensorFlow nor pandas."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from seefud.cli.shared_options import ColumnSettings, Json, RecordedScale, refuse_without
from seefud.errors import InputError
from seefud.recommender import Product, Profile, Recommendation, Recommender

__all__ = ["register_recommending"]

Model = Annotated[Path, typer.Argument(help="The .tflite file.", metavar="MODEL")]
Count = Annotated[int, typer.Option("-k", "--count", min=1, help="How many products.")]


def register_recommending(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    app.command()(recommend)
    app.command()(search)
    app.command()(similar)


def recommend(
    model: Model,
    liked: Annotated[list[str] | None, typer.Option(help="A title that is liked; repeat for more.")] = None,
    searched: Annotated[
        list[str] | None, typer.Option("--search", help="A text that was searched for; repeat for more.")
    ] = None,
    product: Annotated[
        list[str] | None,
        typer.Option(help='A product to rank too, known or not: "title | ingredients"; repeat for more.'),
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="A title to leave out; repeat for more.")] = None,
    only: Annotated[
        Path | None, typer.Option(help="Rank nothing but these: a text file of titles, or a CSV with a Title column.")
    ] = None,
    user: Annotated[
        str | None, typer.Option(help="Take likings, dislikes and searches of this user; needs --interactions.")
    ] = None,
    interactions: Annotated[
        str | None, typer.Option(help="A file, a store or a database URL of interactions that hold the user's.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="PART=NAME: another column name of --interactions, such as user=customer; repeat for more."),
    ] = None,
    settings: ColumnSettings = None,
    rating_scale: RecordedScale = None,
    k: Count = 10,
    explain: Annotated[bool, typer.Option("--explain", help="Say what each recommendation comes from.")] = False,
    as_json: Json = False,
) -> None:
    """Ranks products for what somebody likes and searched for; for nobody, by the prior."""
    if (user is None) != (interactions is None):
        raise InputError("--user and --interactions go together; give both or neither")
    reading = {"--column": column, "--settings": settings, "--rating-scale": rating_scale}
    refuse_without("--interactions", interactions, reading, "give what they describe")
    recommender = Recommender.open(model)
    profile = Profile(liked or (), searched or ())
    if user is not None and interactions is not None:
        from seefud.settings import read_settings
        from seefud.sources import as_source
        from seefud.user_profile import user_profile
        from seefud.weights import TypeWeights

        columns, _ = read_settings(settings, column or ())
        weights = TypeWeights.recorded(recommender.bundle.document, rating_scale)
        source = as_source(interactions, settings)
        profile = user_profile(recommender, source, user, also=profile, columns=columns, weights=weights)
    found = recommender.recommend(
        profile,
        k,
        candidates=[Product.parse(text) for text in product or ()],
        exclude=exclude or (),
        only=_titles(only) if only else None,
        explain=explain,
    )
    _print(found, recommender.warnings, as_json)


def search(
    model: Model,
    text: Annotated[str, typer.Argument(help="What to look for.")],
    k: Count = 10,
    as_json: Json = False,
) -> None:
    """Lists products by a text."""
    recommender = Recommender.open(model)
    _print(recommender.search(text, k), recommender.warnings, as_json)


def similar(
    model: Model,
    title: Annotated[str, typer.Argument(help='A title, or a product by its text: "title | ingredients".')],
    k: Count = 10,
    as_json: Json = False,
) -> None:
    """Lists products like a product."""
    recommender = Recommender.open(model)
    _print(recommender.similar(title, k), recommender.warnings, as_json)


def _titles(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as text ({error}); give a file with one title per line") from error
    lines = text.splitlines()
    if lines and "title" in [cell.strip().casefold() for cell in next(csv.reader(lines[:1]))]:
        rows = csv.DictReader(lines)
        column = next(name for name in rows.fieldnames or () if name.strip().casefold() == "title")
        return [row[column] for row in rows if row[column]]
    return [line.strip() for line in lines if line.strip()]


def _print(found: Sequence[Recommendation], warnings: Sequence[str], as_json: bool) -> None:
    if as_json:
        entries = [entry.to_json() for entry in found]
        typer.echo(json.dumps({"recommendations": entries, "warnings": list(warnings)}, ensure_ascii=False, indent=1))
        return
    from seefud.cli.rendering import print_recommendations

    for warning in warnings:
        print(f"note: {warning}", file=sys.stderr)
    print_recommendations(found)
