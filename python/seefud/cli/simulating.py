"""`seefud simulate`: the circle of recommending and learning on a made market, on the screen."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seefud.cli.shared_options import Json

if TYPE_CHECKING:
    from rich.console import Console

    from seefud.simulation.results import Simulation

__all__ = ["register_simulating"]


def register_simulating(app: typer.Typer) -> None:
    """Adds the command to the program."""
    app.command()(simulate)


def simulate(
    rounds: Annotated[int, typer.Option(min=1, help="How often people get lists and the next file learns.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Of market, people and trainings.")] = 0,
    users: Annotated[int, typer.Option(min=2, help="How many people.")] = 200,
    out: Annotated[
        Path | None,
        typer.Option(help="New folder for picture, numbers, exports, stores and files; nothing is kept without it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Lets made people with hidden tastes use the recommender, and shows what their feedback does to it.

    Each round is list, clicks, export, ingest and build, beside the first file that is never rebuilt and popularity.
    """
    from rich.console import Console

    from seefud.simulation.results import SimulationOptions
    from seefud.simulation.rounds import simulate as run

    progress = Console(stderr=True, highlight=False)

    def told(line: str) -> None:
        progress.print(f"[dim]{line}[/dim]")

    options = SimulationOptions(rounds, seed, users)
    if out is not None:
        found = run(out, options, told)
    else:
        with tempfile.TemporaryDirectory(prefix="seefud-simulate-") as folder:
            found = run(Path(folder), options, told)
    if as_json:
        typer.echo(json.dumps(found.to_json()))
        return
    console = Console(highlight=False)
    _print(found, console)
    if out is not None:
        console.print(f"\nReady: [bold]{out / 'simulation.png'}[/bold], with simulation.json and all files beside it")


def _print(found: Simulation, console: Console) -> None:
    from rich.table import Table

    from seefud.simulation.results import FIRST, POPULARITY, REBUILT

    heads = ("rounds learnt", "recall@20", "NDCG@20", "clicks", "of best", "coverage", "Gini")
    names = {
        REBUILT: "Rebuilt from the feedback each round",
        FIRST: "The first file, never rebuilt",
        POPULARITY: "Popularity, counted anew each round",
    }
    for circle, points in found.points.items():
        table = Table(title=names[circle], title_justify="left", box=None, pad_edge=False)
        for head in heads:
            table.add_column(head, justify="right")
        for point in points:
            cells = [str(point.rounds), f"{point.recall:.3f}", f"{point.ndcg:.3f}"]
            cells += [_share(point.click_through), _share(point.share_of_best)]
            table.add_row(*cells, f"{point.coverage:.3f}", f"{point.gini:.3f}")
        console.print(table)
    console.print(f"{sum(found.events.values()):,} events were exported and ingested, {found.rejected:,} not taken")
    if found.refused:
        console.print(f"a gate refused the file after round {', '.join(map(str, found.refused))}: the older one stayed")


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
