"""The `seefud` program: each command parses, calls one public function, prints and returns its exit code."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from seefud.cli.building import register_building
from seefud.cli.delivering import register_delivering
from seefud.cli.differing import register_differing
from seefud.cli.feedback import register_feedback
from seefud.cli.ingesting import register_ingesting
from seefud.cli.proving import register_proving
from seefud.cli.recommending import register_recommending
from seefud.cli.simulating import register_simulating
from seefud.version import __version__

__all__ = ["app", "main"]

app = typer.Typer(
    name="seefud",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Trains, measures and ships a recommender that fits in one TFLite file, and ranks with it.\n\n"
    "Exit code 0: good; 1: refused by a gate; 2: wrong use or bad input.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"seefud {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Options before the command."""


register_ingesting(app)
register_building(app)
register_proving(app)
register_recommending(app)
register_delivering(app)
register_differing(app)
register_feedback(app)
register_simulating(app)


def main(arguments: list[str] | None = None) -> None:
    """Runs the program on `arguments` (those of the process by default) and exits with its code.

    Known mistakes are one message on standard error; anything else is a bug and shows its traceback.
    """
    # TensorFlow's notes about the processor are no news to a user; its errors still come through.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from seefud.errors import SeefudError
    from seefud_converter.errors import ConverterError

    try:
        app(arguments, standalone_mode=True)
    except (SeefudError, ConverterError) as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        # A full disk, or a folder that became read-only while the program ran.
        if error.strerror is None:
            raise
        typer.echo(f"error: {error.filename or 'a file'}: {error.strerror}; check the path and the disk", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("stopped; the same seefud build goes on where it stopped, other commands begin anew", err=True)
        sys.exit(130)
