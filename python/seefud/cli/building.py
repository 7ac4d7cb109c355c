"""`seefud build`, `train` and `evaluate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from seefud.cli.shared_options import Column, Json, RatingScale

__all__ = ["register_building"]

Products = Annotated[
    str, typer.Argument(help="The catalogue: CSV, .csv.gz, Parquet or a database URL.", metavar="PRODUCTS")
]
Interactions = Annotated[
    str,
    typer.Argument(help="The interactions: such a file or URL, or an interaction store.", metavar="INTERACTIONS"),
]
Out = Annotated[Path, typer.Option("--out", help="Folder for the results.")]
KindOption = Annotated[
    Literal["hybrid", "collaborative", "content"], typer.Option(help="What a product's vector is made of.")
]
Dimension = Annotated[
    int | None,
    typer.Option(min=2, max=1024, help="Length of every vector; unless given, --from's, or 64 or 128 by validation."),
]
Settings = Annotated[
    Path | None, typer.Option("--settings", help="TOML file with the tables columns, weights and queries.")
]
Weight = Annotated[
    list[str] | None,
    typer.Option("--weight", help="TYPE=NUMBER: what an interaction type is worth, as view=0.2; repeat for more."),
]
DropInvalid = Annotated[
    bool, typer.Option("--drop-invalid", help="Drop products without a title or with too many fields.")
]
Seed = Annotated[int, typer.Option(min=0, help="Of training.")]
Threads = Annotated[int, typer.Option(min=1, help="Threads; part of what makes runs equal.")]
SplitOption = Annotated[
    Literal["random", "time"], typer.Option("--split", help="Hold a random part of each history, or the newest.")
]
Baselines = Annotated[
    list[str] | None,
    typer.Option("--baseline", help="random, popularity, itemknn, content, ease, ials or ncf; repeat for more."),
]
StartFrom = Annotated[
    Path | None,
    typer.Option("--from", help="Start from an earlier .tflite or its saved_model folder.", metavar="OLD"),
]


def register_building(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    app.command()(build)
    app.command()(train)
    app.command()(evaluate)


def build(
    products: Products,
    interactions: Interactions,
    out: Out,
    holdout: Annotated[str | None, typer.Option(help="Measure on this file or store instead of a split.")] = None,
    split: SplitOption = "random",
    kind: KindOption = "hybrid",
    dimension: Dimension = None,
    recipe: Annotated[str, typer.Option(help="float32, float16 or dynamic_wi8.")] = "dynamic_wi8",
    baseline: Baselines = None,
    cold: Annotated[bool, typer.Option("--cold/--no-cold", help="Measure cold products too.")] = True,
    with_ingredients: Annotated[bool, typer.Option("--with-ingredients", help="Carry them in the file.")] = False,
    against: Annotated[Path | None, typer.Option(help="Refuse a model worse than this report.json.")] = None,
    tolerance: Annotated[float, typer.Option(min=0.0, help="With --against: how much worse is allowed.")] = 0.005,
    max_size: Annotated[int | None, typer.Option(min=1, help="Refuse a file of more bytes.")] = None,
    column: Column = None,
    settings: Settings = None,
    weight: Weight = None,
    rating_scale: RatingScale = None,
    drop_invalid: DropInvalid = False,
    seed: Seed = 0,
    threads: Threads = 2,
    tensorboard: Annotated[Path | None, typer.Option(help="Folder for TensorBoard.")] = None,
    start_from: StartFrom = None,
    demo: Annotated[Path | None, typer.Option(help="End with examples; new products come from this file.")] = None,
    as_json: Json = False,
) -> None:
    """Makes OUT/seefud.tflite from a catalogue and interactions: trains, measures, converts and proves."""
    from rich.console import Console

    from seefud.build import BuildOptions
    from seefud.build import build as run
    from seefud.catalogue import read_catalogue
    from seefud.cli.demonstration import print_demonstration
    from seefud.cli.progress import ScreenListener
    from seefud.cli.rendering import print_problems, print_summary
    from seefud.model import Kind
    from seefud.settings import read_settings
    from seefud.sources import as_source

    columns, weights = read_settings(settings, column or (), weight or (), rating_scale)
    catalogue, events = as_source(products, settings), as_source(interactions, settings)
    if demo is not None:
        read_catalogue(demo, columns)  # a mistake in it is better known before the training than after it
    options = BuildOptions(
        kind=Kind(kind),
        dimension=dimension,
        recipe=recipe,
        holdout=None if holdout is None else as_source(holdout, settings),
        split=split,
        baselines=tuple(baseline) if baseline else None,
        cold=cold,
        with_ingredients=with_ingredients,
        columns=columns,
        weights=weights,
        drop_invalid=drop_invalid,
        against=against,
        tolerance=tolerance,
        max_size=max_size,
        seed=seed,
        threads=threads,
        tensorboard=tensorboard,
        start_from=start_from,
    )
    progress = Console(stderr=True, highlight=False)
    with ScreenListener(progress) as listener:
        result = run(catalogue, events, out, options, listener)
    if as_json:
        typer.echo(json.dumps(result.report, ensure_ascii=False))
        return
    console = Console(highlight=False)
    print_problems(result.report["data"]["problems"], console)
    print_summary(result.report, console)
    if demo is not None:
        print_demonstration(result.model, events, demo, options, console)
    console.print(f"\nReady: [bold]{result.model}[/bold], with report.json, golden.json and saved_model/ beside it")


def train(
    products: Products,
    interactions: Interactions,
    out: Annotated[Path, typer.Option("--out", help="Folder for the SavedModel.")],
    split: SplitOption = "random",
    kind: KindOption = "hybrid",
    dimension: Dimension = None,
    with_ingredients: Annotated[bool, typer.Option("--with-ingredients", help="Keep them for the file.")] = False,
    column: Column = None,
    settings: Settings = None,
    weight: Weight = None,
    rating_scale: RatingScale = None,
    drop_invalid: DropInvalid = False,
    seed: Seed = 0,
    threads: Threads = 2,
    tensorboard: Annotated[Path | None, typer.Option(help="Folder for TensorBoard.")] = None,
    start_from: StartFrom = None,
    as_json: Json = False,
) -> None:
    """Trains on all interactions and writes a SavedModel with its vocabulary; nothing is measured or converted."""
    from rich.console import Console

    from seefud.build import BuildOptions
    from seefud.build import train as run
    from seefud.cli.progress import ScreenListener
    from seefud.model import Kind
    from seefud.settings import read_settings
    from seefud.sources import as_source

    columns, weights = read_settings(settings, column or (), weight or (), rating_scale)
    catalogue, events = as_source(products, settings), as_source(interactions, settings)
    options = BuildOptions(
        kind=Kind(kind),
        dimension=dimension,
        split=split,
        with_ingredients=with_ingredients,
        columns=columns,
        weights=weights,
        drop_invalid=drop_invalid,
        seed=seed,
        threads=threads,
        tensorboard=tensorboard,
        start_from=start_from,
    )
    with ScreenListener(Console(stderr=True, highlight=False)) as listener:
        choices = run(catalogue, events, out, options, listener)
    if as_json:
        typer.echo(json.dumps(choices.to_json(), ensure_ascii=False))
    else:
        chosen = f"dimension {choices.dimension.value:g}, loss {choices.recipe.loss}, {choices.epochs} epochs"
        typer.echo(f"{out}: {chosen}; next: seefud convert {out} FILE.tflite")


def evaluate(
    model: Annotated[Path, typer.Argument(help="The .tflite file.", metavar="MODEL")],
    products: Products,
    interactions: Interactions,
    holdout: Annotated[str, typer.Option(help="Interactions that the model has not seen.")],
    baseline: Baselines = None,
    column: Column = None,
    settings: Settings = None,
    weight: Weight = None,
    rating_scale: RatingScale = None,
    seed: Seed = 0,
    threads: Threads = 2,
    as_json: Json = False,
) -> None:
    """Measures a file on a holdout, from the histories in INTERACTIONS, beside the baselines."""
    from rich.console import Console

    from seefud.build import BuildOptions
    from seefud.cli.rendering import print_evaluations
    from seefud.file_evaluation import evaluate_file
    from seefud.settings import read_settings
    from seefud.sources import as_source

    columns, weights = read_settings(settings, column or (), weight or (), rating_scale)
    catalogue, events = as_source(products, settings), as_source(interactions, settings)
    options = BuildOptions(
        holdout=as_source(holdout, settings),
        baselines=tuple(baseline) if baseline else None,
        columns=columns,
        weights=weights,
        seed=seed,
        threads=threads,
    )
    report = evaluate_file(model, catalogue, events, options)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    console = Console(highlight=False)
    print_evaluations(report["evaluations"], console)
    for name, why in report["unavailable_baselines"].items():
        console.print(f"{name} was not measured: {why}")
