"""`seefud feedback`: what came of the lists that people were shown, and a new model tried on them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from seefud.cli.shared_options import ColumnSettings, Json, refuse_without
from seefud.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from seefud.feedback.proportions import Proportion
    from seefud.feedback.rates import ModelRates
    from seefud.feedback.replay import Estimate, Replay
    from seefud.feedback.report import Feedback

__all__ = ["register_feedback"]

_RANKS = 20


def register_feedback(app: typer.Typer) -> None:
    """Adds the command to the program."""
    app.command()(feedback)


def feedback(
    store: Annotated[Path, typer.Argument(help="The folder that seefud ingest made.", metavar="STORE")],
    model: Annotated[
        Path | None, typer.Option(help="A new .tflite file: try it on the lists, before anyone gets it.")
    ] = None,
    k: Annotated[
        int | None,
        typer.Option("-k", "--count", min=1, help="With --model: ranks whose clicks count; 10 if not given."),
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="With --model: compare with the lists of this model id; all if not given.")
    ] = None,
    products: Annotated[
        str | None,
        typer.Option(
            help="Says which title a product id has, where the app recorded ids only: the catalogue of seefud build."
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="PART=NAME: another column name of --products, such as product_id=sku; repeat for more."),
    ] = None,
    settings: ColumnSettings = None,
    since: Annotated[
        str | None, typer.Option(help="Only lists shown on this day (UTC) or later; such as 2026-11-01.")
    ] = None,
    refuse: Annotated[
        Literal["worse", "undecided"] | None,
        typer.Option(
            help="With --model: exit code 1 if the new model is worse; with undecided, also if it may not be better."
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with plots here; it needs no other file.")] = None,
    as_json: Json = False,
) -> None:
    """Shows what came of the lists that people were shown: clicks, conversions, hits, by model and by rank.

    Shows how much less lower ranks are looked at. With --model, says whether a new file ranks better than what was
    shown, as far as the lists can tell.
    """
    from rich.console import Console

    from seefud.destinations import file_to_write
    from seefud.feedback.report import read_feedback, refusal
    from seefud.settings import read_settings
    from seefud.sources import as_source

    refuse_without("--model", model, {"--count": k, "--against": against, "--refuse": refuse}, "give the new file")
    reading = {"--column": column, "--settings": settings}
    refuse_without("--products", products, reading, "give what they describe")
    if html is not None:
        file_to_write(html, "--html")
    columns, _ = read_settings(settings, column or ())
    day = None if since is None else _day(since)
    catalogue = None if products is None else as_source(products, settings)
    found = read_feedback(
        store, model=model, k=k or 10, since=day, against=against, products=catalogue, columns=columns
    )
    if html is not None:
        from seefud.feedback.page import write_feedback_page

        write_feedback_page(html, found)
    message = None if refuse is None else refusal(found, refuse)
    if as_json:
        gate = None if refuse is None else {"refuse": refuse, "passed": message is None, "message": message}
        typer.echo(json.dumps({**found.to_json(), "gate": gate}, ensure_ascii=False, allow_nan=False))
    else:
        _print(found, Console(highlight=False))
    if message is not None:
        typer.echo(f"error: {message}", err=True)
        raise typer.Exit(1)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--since {text}: expected a day, such as 2026-11-01, found none; write it so") from None


def _print(found: Feedback, console: Console) -> None:
    shown = f"[bold]Lists[/bold] {found.overall.hit_rate.total:,} shown to {found.people:,} people"
    console.print(shown if found.since is None else f"{shown} since {found.since}")
    heads = ("model", "lists", "people", "click-through", "conversion", "hit rate")
    rows = [_of_model(each) for each in found.models]
    if len(rows) > 1:
        rows.append(_of_model(found.overall))
    _table(console, heads, rows)
    for each in found.models:
        console.print(f"\n[bold]By rank[/bold], {_name(each)}")
        _table(
            console,
            ("rank", "impressions", "click-through", "conversion"),
            [
                (str(rank.rank), f"{rank.click_through.total:,}", _share(rank.click_through), _share(rank.conversion))
                for rank in each.ranks[:_RANKS]
            ],
        )
        if len(each.ranks) > _RANKS:
            console.print(f"[dim]and {len(each.ranks) - _RANKS:,} more ranks, all in --json[/dim]")
    _print_bias(found, console)
    if found.replay is not None:
        _print_replay(found.replay, str(found.new_model), console)
    for note in found.notes:
        console.print(f"[dim]note: {note}[/dim]", soft_wrap=True)


def _print_bias(found: Feedback, console: Console) -> None:
    console.print("\n[bold]Position bias[/bold]: how much a rank is looked at, the first one 1")
    bias = found.bias
    if bias.reason is not None:
        console.print(f"not known: {bias.reason}", soft_wrap=True)
        return
    console.print(f"from {bias.clicks:,} clicks; compared: {bias.compared}", soft_wrap=True)
    rows = []
    for place, group in enumerate(bias.to_json()["groups"]):
        first, last = group["first_rank"], group["last_rank"]
        name = f"{first}" if first == last else f"{first} and below" if last is None else f"{first}-{last}"
        interval = "-" if place == 0 or group["low"] is None else f"{group['low']:.3f}-{group['high']:.3f}"
        rows.append((name, "unknown" if group["examination"] is None else f"{group['examination']:.3f}", interval))
    _table(console, ("rank", "examination", "95 % interval"), rows)


def _print_replay(found: Replay, model: str, console: Console) -> None:
    console.print(f"\n[bold]Replay[/bold] of {model}: clicks at the first {found.k} ranks, per list")
    if found.overlap is not None:
        console.print(
            f"{found.lists:,} lists of {found.people:,} people showed {found.overlap:.0%} of its first {found.k} "
            f"products; {found.clipped:.1%} of the weights were clipped",
            soft_wrap=True,
        )
        _table(
            console,
            ("", "clicks", "95 % interval"),
            [
                ("what was clicked", *_estimate(found.logged)),
                ("old order, products in both lists", *_estimate(found.old)),
                ("new order, products in both lists", *_estimate(found.new)),
                ("new less old", *_estimate(found.difference, "+")),
                ("lower bound of new less what was clicked", *_estimate(found.sure, "+")),
            ],
        )
    colour = {"better": "green", "worse": "red"}.get(found.verdict, "yellow")
    console.print(f"[bold {colour}]{found.verdict}[/bold {colour}]: {found.reason}", soft_wrap=True)


def _of_model(rates: ModelRates) -> tuple[str, ...]:
    hits = rates.hit_rate
    numbers = (f"{hits.total:,}", f"{hits.people:,}")
    return (_name(rates), *numbers, _share(rates.click_through), _share(rates.conversion), _share(hits))


def _name(rates: ModelRates) -> str:
    return "all" if rates.model is None else rates.model or "none named"


def _share(found: Proportion) -> str:
    if found.value is None:
        return "unknown"
    if found.low is None or found.high is None:
        return f"{found.value:.2%}"
    return f"{found.value:.2%} ({100 * found.low:.2f}-{100 * found.high:.2f})"


def _estimate(found: Estimate, sign: str = "") -> tuple[str, str]:
    if found.value is None:
        return "unknown", "-"
    if found.low is None or found.high is None:
        return f"{found.value:{sign}.4f}", "unknown"
    return f"{found.value:{sign}.4f}", f"{found.low:{sign}.4f} to {found.high:{sign}.4f}"


def _table(console: Console, heads: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place else "left")
    for line in lines:
        table.add_row(*map(escape, line))
    console.print(table)
