"""`seefud ingest`: interactions from exports, tables and databases, merged into one store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seefud.cli.shared_options import Column, ColumnSettings, Json

if TYPE_CHECKING:
    from rich.console import Console

    from seefud.store.ingest import IngestResult

__all__ = ["register_ingesting"]

_SHOWN = 5


def register_ingesting(app: typer.Typer) -> None:
    """Adds the command to the program."""
    app.command()(ingest)


def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Exported JSON Lines or CSV, also gzipped; Parquet; or a database: sqlite:///shop.db?table=orders, "
            "postgresql://HOST/DB?query=NAME, mysql://HOST/DB?table=NAME.",
            metavar="SOURCE...",
        ),
    ],
    into: Annotated[Path, typer.Option("--into", help="Folder of the store; made if it is not there.")],
    column: Column = None,
    settings: ColumnSettings = None,
    as_json: Json = False,
) -> None:
    """Merges interactions into a store that build, train and evaluate take in place of a file.

    The same source twice changes nothing. What is no event goes to DIR/quarantine with its reason. User and password
    of a database come from SEEFUD_SQL_USER and SEEFUD_SQL_PASSWORD.
    """
    from rich.console import Console

    from seefud.settings import read_settings
    from seefud.sources import as_source
    from seefud.store.ingest import ingest as run

    names, _ = read_settings(settings, column or ())
    given = [as_source(source, settings) for source in sources]
    screen = Console(stderr=True, highlight=False)
    with screen.status("") as status:
        found = run(given, into, names, lambda source, stage: status.update(f"{source}: {stage}"))
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False))
    else:
        _print(found, into, Console(highlight=False))
    for each in found.sources:
        if each.error:
            typer.echo(f"error: {each.error}", err=True)
        elif each.quarantined and not each.new and not each.known:
            typer.echo(f"error: {each.source}: holds no event; see {into / 'quarantine'}", err=True)
    if not found.usable:
        raise typer.Exit(2)


def _print(found: IngestResult, into: Path, console: Console) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for place, head in enumerate(("source", "read", "new", "known", "quarantined")):
        table.add_column(head, justify="right" if place else "left")
    for each in found.sources:
        counts = ("not read", "", "", "") if each.error else (each.read, each.new, each.known, each.quarantined)
        table.add_row(escape(each.source), *(f"{count:,}" if isinstance(count, int) else count for count in counts))
    console.print(table)
    for each in found.sources:
        for problem in each.problems[:_SHOWN]:
            text = "".join(letter if letter.isprintable() else "�" for letter in str(problem))
            console.print(f"[dim]{escape(text)}[/dim]", soft_wrap=True)
        if each.quarantined > _SHOWN:
            console.print(
                f"[dim]... and {each.quarantined - _SHOWN:,} more, all in {escape(str(into / 'quarantine'))}[/dim]"
            )
    console.print(f"{escape(str(into))}: {found.events:,} events", soft_wrap=True)
