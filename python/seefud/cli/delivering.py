"""`seefud keygen` and `sign`: what phones need to trust a file. They import neither TensorFlow nor pandas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from seefud.cli.shared_options import Json

__all__ = ["register_delivering"]


def register_delivering(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    app.command()(keygen)
    app.command()(sign)


def keygen(
    folder: Annotated[
        Path, typer.Argument(help="Where the keys go: a folder outside of any git work tree.", metavar="FOLDER")
    ],
    name: Annotated[str, typer.Option(help="Of the files: NAME.private.pem and NAME.public.pem.")] = "seefud",
    as_json: Json = False,
) -> None:
    """Makes a key pair for signing releases (ECDSA on P-256).

    The private key is encrypted if SEEFUD_KEY_PASSPHRASE is set. Nothing is ever overwritten.
    """
    from seefud.signing_keys import PASSPHRASE, make_keys, passphrase_from_environment

    made = make_keys(folder, name, passphrase_from_environment())
    if as_json:
        found = {"key": made.id, "private": str(made.private), "public": str(made.public), "encrypted": made.encrypted}
        typer.echo(json.dumps(found))
        return
    typer.echo(f"key {made.id}")
    typer.echo(f"private: {made.private} ({'encrypted' if made.encrypted else 'not encrypted'}); keep it secret")
    typer.echo(f"public:  {made.public}; give it to the app")
    if not made.encrypted:
        typer.echo(f"note: set {PASSPHRASE} before keygen to encrypt the private key", err=True)


def sign(
    model: Annotated[Path, typer.Argument(help="The .tflite file.", metavar="MODEL")],
    key: Annotated[Path, typer.Option(help="The private key; its passphrase comes from SEEFUD_KEY_PASSPHRASE.")],
    release: Annotated[
        int, typer.Option(min=1, help="Number of the release, larger than that of any release before it.")
    ],
    out: Annotated[Path | None, typer.Option(help="The signature file; MODEL.sig unless given.")] = None,
    as_json: Json = False,
) -> None:
    """Signs a file, so that phones take it: writes MODEL.sig, which says release, size and digest.

    The number must exceed that of an earlier signature in the same place; the same number does for the same bytes.
    """
    from seefud.delivery import sign_file
    from seefud.signing_keys import git_work_tree, passphrase_from_environment, read_private_key

    private = read_private_key(key, passphrase_from_environment())
    if tree := git_work_tree(key):
        typer.echo(f"warning: {key} lies in the git work tree {tree}; keep private keys out of it", err=True)
    place, claims = sign_file(model, release, private, out)
    if as_json:
        typer.echo(json.dumps({**vars(claims), "signature": str(place)}))
        return
    typer.echo(f"{place}: release {claims.release} of model {claims.model_id}, {claims.size:,} bytes, key {claims.key}")
