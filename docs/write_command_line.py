"""Writes docs/command-line.md from the program itself, so that the page cannot say anything else.

python docs/write_command_line.py            # writes the page
python docs/write_command_line.py --check    # exit code 1 if the committed page differs
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer.main

from seefud.cli import app

__all__ = ["PAGE", "command_line_page", "commands", "parameters"]

PAGE = Path(__file__).resolve().with_name("command-line.md")

_HEAD = """\
# Command line

<!-- Written by docs/write_command_line.py from the program's own help. Change the help, then run it again. -->

One program, `seefud`. The [README](../README.md) shows the commands by task; this page lists every option.

Exit codes: **0** good; **1** refused by a gate (quality, parity, size, operators); **2** wrong use or bad input;
130 stopped with Ctrl-C. Messages and progress go to standard error, results to standard output. Nothing ever asks
a question.
"""


def commands() -> dict[str, Any]:
    """The commands by name, in the order of the help; each has `params`, `help` and `make_context`."""
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def parameters(command: Any) -> list[tuple[str, str, str, str]]:
    """What a command takes: (name, value, default, help), arguments first."""
    rows = []
    for parameter in sorted(command.params, key=lambda each: each.param_type_name != "argument"):
        if parameter.param_type_name == "argument":
            names, value = [parameter.metavar or parameter.name.upper()], ""
        else:
            names = [*parameter.opts, *parameter.secondary_opts]
            value = "" if parameter.is_flag else _value(parameter)
        rows.append((", ".join(names), value, _default(parameter), parameter.help or ""))
    return rows


def _value(parameter: Any) -> str:
    annotation = parameter.type_descriptor.annotation
    if get_origin(annotation) is Literal:
        return " or ".join(str(choice) for choice in get_args(annotation))
    kind = get_args(annotation)[0] if get_origin(annotation) is list else annotation
    words = {int: "whole number", float: "number", str: "text", Path: "path"}[kind]
    limits = [f"{word} {edge:g}" for word, edge in (("from", parameter.min), ("to", parameter.max)) if edge is not None]
    return " ".join([words, *limits]) + (", may be repeated" if parameter.multiple else "")


def _default(parameter: Any) -> str:
    if parameter.required:
        return "needed"
    if parameter.is_flag and parameter.secondary_opts:
        return str((parameter.opts if parameter.default else parameter.secondary_opts)[0])
    return "" if parameter.default is None or parameter.default is False else str(parameter.default)


def _table(rows: list[tuple[str, str, str, str]]) -> list[str]:
    lines = ["| name | value | default | meaning |", "|---|---|---|---|"]
    for name, value, default, text in rows:
        shown = default if default in ("needed", "") else f"`{default}`"
        meaning = text.replace("|", "\\|")
        lines.append(f"| `{name}` | {value} | {shown} | {meaning} |")
    return lines


def command_line_page() -> str:
    """The whole page."""
    group: Any = typer.main.get_command(app)
    parts = [_HEAD, "## seefud", "", *_table(parameters(group)), ""]
    for name, command in commands().items():
        arguments = [each[0] for each in parameters(command) if not each[0].startswith("-")]
        usage = " ".join(["seefud", name, *arguments, "[OPTIONS]"])
        parts += [f"## seefud {name}", "", str(command.help), "", f"    {usage}", "", *_table(parameters(command)), ""]
    return "\n".join(parts).rstrip() + "\n"


def main() -> int:
    """Writes or checks the page."""
    parser = argparse.ArgumentParser(description="Write docs/command-line.md from the program.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if the page is stale")
    page = command_line_page()
    if parser.parse_args().check:
        fresh = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page
        if not fresh:
            print(f"{PAGE.name} is stale; run python docs/write_command_line.py", file=sys.stderr)
        return 0 if fresh else 1
    PAGE.write_text(page, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
