"""Tables on the screen: recommendations, metrics, the summary of a build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from seefud.recommender import Recommendation

__all__ = ["print_evaluations", "print_problems", "print_recommendations", "print_summary"]

# Short heads, so that the table fits 80 columns.
METRICS = {
    "recall@20": "recall@20",
    "ndcg@20": "NDCG@20",
    "ndcg@10": "NDCG@10",
    "hit_rate@20": "hit@20",
    "mrr@20": "MRR@20",
    "coverage@20": "cover@20",
    "long_tail@20": "tail@20",
}
REASONS = 3


def print_recommendations(
    found: Sequence[Recommendation], title: str | None = None, console: Console | None = None
) -> None:
    """One line per product: rank, title, score, probability, and reasons where there are some."""
    table = Table(title=title and escape(title), title_justify="left", box=None, pad_edge=False)
    for name, side in (("#", "right"), ("title", "left"), ("score", "right"), ("probability", "right")):
        table.add_column(name, justify=side)  # type: ignore[arg-type]
    explained = any(entry.reasons for entry in found)
    if explained:
        table.add_column("because of")
    for rank, entry in enumerate(found, 1):
        name = escape(entry.title) + ("" if entry.row is not None else " [cyan](new)[/cyan]")
        cells = [str(rank), name, f"{entry.score:.4f}", f"{entry.probability:.1%}"]
        if explained:
            parts = [f"{escape(reason.text)} {reason.share:+.3f}" for reason in entry.reasons[:REASONS]]
            cells.append(", ".join(parts))
        table.add_row(*cells)
    (console or Console()).print(table if found else "nothing to recommend")


def print_problems(problems: Sequence[Mapping[str, Any]], console: Console, limit: int = 20) -> None:
    """The first problems of the data, and how many there are; the report has all of them."""
    for problem in problems[:limit]:
        console.print(f"[dim]{escape(str(problem['text']))}[/dim]", soft_wrap=True)
    if len(problems) > limit:
        console.print(f"[dim]... and {len(problems) - limit:,} more problems, all in report.json[/dim]")


def print_evaluations(evaluations: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Every scorer's metrics side by side, recall and NDCG with their intervals."""
    names = [name for name in METRICS if name in evaluations[0]["metrics"]]
    table = Table(box=None, pad_edge=False)
    table.add_column("holdout", no_wrap=True)
    for name in names:
        table.add_column(METRICS[name], justify="right")
    best = {name: max(each["metrics"][name]["value"] for each in evaluations) for name in names}
    for each in evaluations:
        cells = [each["name"]]
        for name in names:
            value = each["metrics"][name]["value"]
            text = f"{value:.4f}"
            cells.append(f"[bold]{text}[/bold]" if value == best[name] else text)
        table.add_row(*cells)
    console.print(table)
    found = evaluations[0]["metrics"]["ndcg@20"]
    console.print(
        f"[dim]{evaluations[0]['evaluated_users']:,} users; the file's NDCG@20 lies in "
        f"{found['low']:.4f} to {found['high']:.4f} (95 %).[/dim]"
    )


def _print_cold(cold: Sequence[Mapping[str, Any]], console: Console) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("cold products, recall@20")
    for name in ("among cold", "in one list", "warm alone", "warm in one list"):
        table.add_column(name, justify="right")
    for each in cold:
        cells = [each["name"]]
        for part in ("cold_alone", "cold_mixed", "warm_alone", "warm_mixed"):
            found = each[part]
            cells.append("-" if found is None else f"{found['metrics']['recall@20']['value']:.4f}")
        table.add_row(*cells)
    console.print(table)


def print_summary(report: Mapping[str, Any], console: Console) -> None:
    """The end of a build: data, metrics, choices, file, parity, in about one screen."""
    data, choices, file = report["data"], report["choices"], report["file"]
    rows = data["rows"]
    console.print(
        f"\n[bold]Data[/bold]  {data['products']:,} products, {data['users']:,} users, {data['interactions']:,} "
        f"interactions, {data['searches']:,} searches, {data['tokens']:,} tokens"
    )
    left = {name: count for name, count in rows.items() if name not in ("rows", "interactions", "searches") and count}
    left |= {f"catalogue: {name}": count for name, count in data["catalogue_problems"].items()}
    if left:
        text = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in left.items())
        console.print(f"      of {rows['rows']:,} rows: {text}")
    console.print()
    if report["evaluations"]:
        print_evaluations(report["evaluations"], console)
    for name, why in report["unavailable_baselines"].items():
        console.print(f"[dim]{name} was not measured: {escape(why)}[/dim]")
    if report["cold"]:
        console.print()
        _print_cold(report["cold"], console)
    prior, mixing = file["prior"], file["mixing"]
    console.print(
        f"\n[bold]Chosen on validation[/bold]  dimension {choices['dimension']['value']:g}, "
        f"loss {choices['recipe']['loss']} ({choices['epochs']} epochs), "
        f"popularity weight {choices['beta']['value']:g}, recency {file['recency']}; new products: prior "
        f"{prior['cold']:.3f} + {prior['words']:g} log(1 + words), places {mixing['lift']:+.3f} - "
        f"{mixing['crowding']:g} rank"
    )
    error = choices["expected_calibration_error"]
    if error is not None:
        console.print(f"      expected calibration error {error:.4f}")
    parts = sorted(file["parts"].items(), key=lambda part: -part[1])
    console.print(
        f"[bold]File[/bold]  {file['bytes']:,} bytes ({file['recipe']}, model {file['model_id']}, runs on TFLite "
        f"{file['minimum_runtime']} and later)"
    )
    console.print("      " + ", ".join(f"{name} {size:,}" for name, size in parts if size))
    parity = report["parity"]
    checks = parity["checks"]
    passed = sum(check["verdict"] == "pass" for check in checks)
    failed = sum(check["verdict"] == "fail" for check in checks)
    verdict = "[green]passed[/green]" if not failed else "[red]failed[/red]"
    console.print(f"[bold]Parity[/bold]  {verdict}: {passed} checks of TensorFlow against TFLite, {failed} failed")
    for note in report["notes"]:
        console.print(f"[yellow]Note[/yellow]  {escape(note)}")
