"""`seefud diff`: two files compared on the screen, as JSON and as a page, and gates on what may change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seefud.cli.shared_options import ColumnSettings, Json, RecordedScale, refuse_without

if TYPE_CHECKING:
    from rich.console import Console

    from seefud.file_difference import FileDifference, Verdict
    from seefud.list_difference import ListDifference
    from seefud.model_difference import VocabularyChange

__all__ = ["register_differing"]

_SHOWN = 5


def register_differing(app: typer.Typer) -> None:
    """Adds the command to the program."""
    app.command()(diff)


def diff(
    old: Annotated[Path, typer.Argument(help="The .tflite file in use.", metavar="OLD")],
    new: Annotated[Path, typer.Argument(help="The .tflite file that may replace it.", metavar="NEW")],
    interactions: Annotated[
        str | None,
        typer.Option(help="Real histories, also a store: compare what both files recommend to these people."),
    ] = None,
    holdout: Annotated[
        str | None, typer.Option(help="With --interactions: what these people did later; measure both files on it.")
    ] = None,
    k: Annotated[
        int | None,
        typer.Option("-k", "--count", min=1, help="With --interactions: length of the lists; 20 if not given."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="PART=NAME: another column name of --interactions, such as user=customer; repeat for more."),
    ] = None,
    settings: ColumnSettings = None,
    rating_scale: RecordedScale = None,
    max_churn: Annotated[
        float | None,
        typer.Option(
            min=0.0, max=1.0, help="Refuse NEW if it replaces a larger share of a list; needs --interactions."
        ),
    ] = None,
    max_loss: Annotated[
        float | None,
        typer.Option(
            min=0.0, help="Refuse NEW if recall or NDCG falls by more: on --holdout, or else by what both files carry."
        ),
    ] = None,
    max_size: Annotated[int | None, typer.Option(min=1, help="Refuse NEW if it has more bytes.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with plots here; it needs no other file.")] = None,
    as_json: Json = False,
) -> None:
    """Shows how NEW differs from OLD: size, vocabulary, rows, metrics, and, with --interactions, people's lists.

    The gates look at everything before they answer: each that refuses says so, and the exit code is 1.
    """
    from rich.console import Console

    from seefud.destinations import file_to_write
    from seefud.file_difference import Limits, compare_files, judge
    from seefud.settings import read_settings
    from seefud.sources import as_source

    limits = Limits(max_churn, max_loss, max_size)
    needy = {
        "--holdout": holdout,
        "--count": k,
        "--column": column,
        "--settings": settings,
        "--rating-scale": rating_scale,
        "--max-churn": max_churn,
    }
    refuse_without("--interactions", interactions, needy, "give the histories")
    columns, _ = read_settings(settings, column or ())
    histories, later = (None if given is None else as_source(given, settings) for given in (interactions, holdout))
    if html is not None:
        file_to_write(html, "--html")
    found = compare_files(old, new, histories, holdout=later, k=k or 20, columns=columns, rating_scale=rating_scale)
    verdicts = judge(found, limits)
    if html is not None:
        from seefud.difference_page import write_difference_page

        write_difference_page(html, found, verdicts)
    if as_json:
        typer.echo(json.dumps({**found.to_json(), "gates": [each.to_json() for each in verdicts]}, ensure_ascii=False))
    else:
        _print(found, verdicts, Console(highlight=False))
    refused = [each.message for each in verdicts if each.message is not None]
    for message in refused:
        typer.echo(f"error: {message}", err=True)
    if refused:
        raise typer.Exit(1)


def _print(found: FileDifference, verdicts: Sequence[Verdict], console: Console) -> None:
    old, new = found.old, found.new
    facts: list[tuple[str, str, str]] = [
        ("model", old.model_id, new.model_id),
        ("bytes", f"{old.bytes:,}", f"{new.bytes:,}"),
        ("recipe", old.recipe, new.recipe),
        ("kind", old.kind, new.kind),
        ("dimension", f"{old.dimension:,}", f"{new.dimension:,}"),
        ("products", f"{old.products:,}", f"{new.products:,}"),
        ("tokens", f"{old.tokens:,}", f"{new.tokens:,}"),
        ("recency", old.recency, new.recency),
        ("oldest TFLite", old.minimum_runtime, new.minimum_runtime),
    ]
    _table(console, ("file", "old", "new"), facts)
    console.print("\n[bold]Vocabulary[/bold]")
    _print_vocabulary(console, "products", found.products)
    _print_vocabulary(console, "tokens", found.tokens)
    _print_rows(console, found)
    console.print("\n[bold]Metrics that the files carry[/bold]")
    if found.metrics:
        shown = {name: each for name, each in found.metrics.items() if name.endswith("@20")} or found.metrics
        lines = [
            (name, f"{each['old']:.4f}", f"{each['new']:.4f}", f"{each['difference']:+.4f}")
            for name, each in shown.items()
        ]
        _table(console, ("holdout", "old", "new", "change"), lines)
    else:
        console.print("none that both have")
    if found.metrics and not found.same_data:
        which = "a file does not say what it learnt from" if found.same_data is None else "they learnt from other data"
        console.print(f"[dim]{which}: these may be metrics of different people[/dim]")
    if found.lists is None:
        console.print("\nLists were not compared: give histories with --interactions", soft_wrap=True)
    else:
        _print_lists(console, found.lists)
    for verdict in verdicts:
        word = "[green]passed[/green]" if verdict.passed else "[red]refused[/red]"
        console.print(f"{verdict.gate} {verdict.limit:g}: {word}, found {verdict.found:.6g}")


def _print_vocabulary(console: Console, name: str, change: VocabularyChange) -> None:
    console.print(f"{name}: {change.kept:,} kept, {len(change.added):,} added, {len(change.removed):,} removed")
    for word, lines in (("added", change.added), ("removed", change.removed)):
        if lines:
            more = f" and {len(lines) - _SHOWN:,} more" if len(lines) > _SHOWN else ""
            console.print(f"  {word}: {', '.join(map(_printable, lines[:_SHOWN]))}{more}", soft_wrap=True)


def _print_rows(console: Console, found: FileDifference) -> None:
    rows = found.rows
    console.print("\n[bold]Rows[/bold]")
    console.print(
        f"{rows.compared:,} products have a vector in both; {rows.renumbered:,} products changed their number"
    )
    if rows.neighbours_kept is not None:
        console.print(f"of a product's 10 nearest products {rows.neighbours_kept:.1%} stayed")
    if rows.cosines.size:
        console.print(f"{rows.moved:,} vectors moved below a cosine of 0.9, most of all:")
        _table(console, ("title", "cosine"), [(title, f"{cosine:.3f}") for title, cosine in rows.most_moved[:_SHOWN]])
    else:
        console.print("too few products for so many dimensions: a rotation could hide any change of the vectors")


def _print_lists(console: Console, lists: ListDifference) -> None:
    console.print(f"\n[bold]Lists[/bold] of {lists.k} for {lists.people:,} people")
    if lists.left_out:
        console.print(f"{lists.left_out:,} people without a product that both files know were left out")
    console.print(
        f"overlap {lists.overlaps.mean():.2%}, churn {lists.churn:.2%}, rank-biased overlap "
        f"{lists.similarities.mean():.3f} (p = {lists.persistence:g})"
    )
    console.print(f"all lists together hold {lists.listed[0]:,} products in OLD and {lists.listed[1]:,} in NEW")
    if lists.holdout:
        errors = {name: each.standard_error for name, each in lists.holdout.items()}
        lines = [
            (name, f"{each.old:.4f}", f"{each.new:.4f}", f"{each.new - each.old:+.4f}", _error(errors[name]))
            for name, each in lists.holdout.items()
        ]
        _table(console, ("given holdout", "old", "new", "change", "standard error"), lines)
    for head, changed in (("gain most exposure", lists.gained), ("lose most exposure", lists.lost)):
        if changed:
            lines_of_titles = [
                (each.title, f"{each.old:.4f}", f"{each.new:.4f}", f"{each.change:+.4f}") for each in changed[:_SHOWN]
            ]
            _table(console, (head, "old", "new", "change"), lines_of_titles)


def _error(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4f}"


def _table(console: Console, heads: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place else "left")
    for line in lines:
        table.add_row(*map(_printable, line))
    console.print(table)


def _printable(text: str) -> str:
    """A title without markup and without letters that would steer a terminal."""
    from rich.markup import escape

    return escape("".join(letter if letter.isprintable() else "�" for letter in text))
