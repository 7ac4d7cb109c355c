"""`seefud convert`, `verify` and `inspect`: the converter's own functions, from this program."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seefud.cli.shared_options import Column, ColumnSettings, Json, RecordedScale, refuse_without
from seefud.errors import InputError

if TYPE_CHECKING:
    from seefud.signature import Claims

__all__ = ["register_proving"]

File = Annotated[Path, typer.Argument(help="The .tflite file.", metavar="MODEL")]


def register_proving(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    app.command()(convert)
    app.command()(verify)
    app.command("inspect")(inspect_file)


def convert(
    saved_model: Annotated[Path, typer.Argument(help="What seefud train wrote.", metavar="SAVED_MODEL")],
    out: Annotated[Path, typer.Argument(help="The .tflite to write.", metavar="OUT")],
    vocabulary: Annotated[
        Path | None, typer.Option(help="Folder of the vocabulary; inside the SavedModel unless given.")
    ] = None,
    recipe: Annotated[str, typer.Option(help="float32, float16 or dynamic_wi8.")] = "dynamic_wi8",
    against: Annotated[Path | None, typer.Option(help="Refuse a model worse than this report.json.")] = None,
    tolerance: Annotated[float, typer.Option(min=0.0, help="With --against: how much worse is allowed.")] = 0.005,
    max_size: Annotated[int | None, typer.Option(min=1, help="Refuse a file of more bytes.")] = None,
    as_json: Json = False,
) -> None:
    """Quantizes a SavedModel, embeds vocabulary and metadata, and applies the gates."""
    from seefud.publication import read_report
    from seefud.ship import VOCABULARY
    from seefud_converter.convert import convert_bundle
    from seefud_converter.gates import Gates

    committed = read_report(against) if against else None
    gates = Gates(committed=committed, committed_tolerance=tolerance, largest=max_size)
    summary = convert_bundle(saved_model, vocabulary or saved_model / VOCABULARY, out, recipe, gates)
    if as_json:
        typer.echo(json.dumps(summary.to_dict()))
    else:
        typer.echo(
            f"{out}: {summary.bytes:,} bytes, {summary.recipe}, model {summary.model_id}, "
            f"runs on TFLite {summary.minimum_runtime} and later; next: seefud verify {out} --saved-model {saved_model}"
        )


def verify(
    model: File,
    saved_model: Annotated[
        Path | None, typer.Option(help="The SavedModel behind the file; without it only the file is checked.")
    ] = None,
    products: Annotated[str | None, typer.Option(help="Catalogue of the interactions.")] = None,
    interactions: Annotated[str | None, typer.Option(help="Real histories to compare on.")] = None,
    holdout: Annotated[str | None, typer.Option(help="What these users did later, for the NDCG check.")] = None,
    golden: Annotated[Path | None, typer.Option(help="A golden.json to replay too.")] = None,
    column: Column = None,
    settings: ColumnSettings = None,
    rating_scale: RecordedScale = None,
    key: Annotated[
        list[Path] | None,
        typer.Option("--key", help="A file of trusted public keys: check the signature first; repeat for more."),
    ] = None,
    signature: Annotated[
        Path | None, typer.Option(help="With --key: the signature file; MODEL.sig unless given.")
    ] = None,
    newer_than: Annotated[
        int | None, typer.Option(min=0, help="With --key: refuse a release that is not above this number.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML here.")] = None,
    as_json: Json = False,
) -> None:
    """Proves that TensorFlow and TFLite rank alike, in every interpreter, on real and hard histories.

    With --key, first that a trusted key signed the file.
    """
    from seefud.destinations import file_to_write
    from seefud.parity_cases import verify_file
    from seefud.settings import read_settings
    from seefud.sources import as_source

    if (products is None) != (interactions is None) or (holdout is not None and interactions is None):
        raise InputError("--products and --interactions go together, and --holdout needs both")
    reading = {"--column": column, "--settings": settings, "--rating-scale": rating_scale}
    refuse_without("--interactions", interactions, reading, "give what they describe")
    columns, _ = read_settings(settings, column or ())
    data = [None if given is None else as_source(given, settings) for given in (products, interactions, holdout)]
    if junit is not None:
        file_to_write(junit, "--junit")
    signed = _signed(model, key or (), signature, newer_than)
    report = verify_file(model, saved_model, data[0], data[1], data[2], golden, columns, rating_scale)
    if junit is not None:
        junit.write_text(report.to_junit_xml(), encoding="utf-8")
    if as_json:
        found = json.loads(report.to_json())
        typer.echo(json.dumps(found if signed is None else {**found, "signature": vars(signed)}))
    else:
        if signed is not None:
            typer.echo(f"signature: release {signed.release} of model {signed.model_id}, by key {signed.key}")
        typer.echo(report.to_text())
    if not report.passed:
        raise typer.Exit(1)


def _signed(model: Path, key: Sequence[Path], signature: Path | None, newer_than: int | None) -> Claims | None:
    """What a trusted key has signed; None where no key is given."""
    if not key:
        if signature is not None or newer_than is not None:
            raise InputError("--signature and --newer-than need --key, the trusted public keys")
        return None
    from seefud.delivery import verify_signed_file
    from seefud.signing_keys import read_public_keys

    return verify_signed_file(model, read_public_keys(key), signature, newer_than or 0)


def inspect_file(model: File, as_json: Json = False) -> None:
    """Shows what a file holds: signatures, tables, bytes by part, vocabulary, recipe, metrics, digests, operators."""
    from seefud_converter.inspect import inspect, inspection_lines

    found = inspect(model)
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else "\n".join(inspection_lines(found)))
