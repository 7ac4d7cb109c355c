"""Damaged signatures and damaged signed files: how many are accepted, and which errors refuse the others.

usage: python benchmarks/signature_mutations.py [--count N] [--model FILE] [--json]

A made bundle (or FILE) is signed with a key that lives as long as the program. Ten thousand damaged copies of its
signature file, and as many of the file itself, are checked as a phone would. Wanted: 0 accepted, no error but
`SignatureError`s. The files are also read without their signature: what `read_bundle` alone refuses, by which errors.
And lines of an export are damaged, which end in a sum: 0 accepted of them too. A copy that differs from its line in
nothing but the end of the line is that line for every reader, so it is no damaged one; these are counted apart.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "converter"), str(ROOT / "tests")]

from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402

from mutations import mutations  # noqa: E402
from program import Report, Table, note, run_program  # noqa: E402
from seefud.signature import Signature, check_content, sign  # noqa: E402
from seefud.signature_errors import SignatureError  # noqa: E402
from seefud.signing_keys import key_id  # noqa: E402
from seefud.store.json_event import RejectedLine, json_event  # noqa: E402
from seefud_converter.bundle import parse_bundle  # noqa: E402
from seefud_converter.errors import BundleError  # noqa: E402


def main() -> int:
    """Damages, checks, prints."""
    return run_program(__doc__, measure, _arguments)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--model", type=Path, help="a bundle; a made one by default")


def measure(options: argparse.Namespace) -> Report:
    """Counts what became of every damaged copy."""
    content = options.model.read_bytes() if options.model else _made_bundle()
    model_id = parse_bundle(content, Path("x")).document["model_id"]
    private = ec.generate_private_key(ec.SECP256R1())
    keys = {key_id(private.public_key()): private.public_key()}
    signature = sign(content, model_id, 7, private)

    def of_signature(damaged: bytes) -> None:
        check_content(Signature.parse(damaged, "x").check(keys, "x"), content, "x")

    def of_file(damaged: bytes) -> None:
        check_content(signature.check(keys, "x"), damaged, "x")

    def unsigned(damaged: bytes) -> None:
        parse_bundle(damaged, Path("x"))

    trials = {
        "signature file": (signature.to_bytes(), of_signature, SignatureError),
        "signed file": (content, of_file, SignatureError),
        "file without signature": (content, unsigned, BundleError),
    }
    lines = (ROOT / "tests" / "golden" / "export.jsonl").read_bytes().splitlines()
    rows, figures, broken = [], {}, False
    for name, (whole, check, expected) in trials.items():
        note(f"{name}: {options.count:,} damaged copies")
        found = _outcomes(whole, options.count, check, expected)
        figures[name] = dict(found.most_common())
        broken |= any(kind.startswith(("accepted", "not named")) for kind in found)
        rows += [[name, kind, f"{count:,}"] for kind, count in found.most_common()]
    note(f"lines of an export: {options.count:,} damaged copies")
    found = _line_outcomes(lines, options.count)
    figures["line of an export"] = dict(found.most_common())
    broken |= any(kind.startswith(("accepted", "not named")) for kind in found)
    rows += [["line of an export", kind, f"{count:,}"] for kind, count in found.most_common()]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Report(
        [Table(f"{options.count:,} damaged copies each", ("of", "outcome", "copies"), rows)],
        {"count": options.count, "outcomes": figures, "peak_memory_mb": memory},
        [f"Peak memory of the process: {memory} MB."],
        broken,
    )


def _outcomes(whole: bytes, count: int, check: Callable[[bytes], None], expected: type[Exception]) -> Counter[str]:
    found: Counter[str] = Counter()
    for kind, damaged in mutations(whole, count):
        try:
            check(damaged)
        except expected as error:
            found[type(error).__name__] += 1
        except Exception as error:  # what must not happen is counted, not raised
            found[f"not named: {type(error).__name__} ({kind})"] += 1
        else:
            found[f"accepted ({kind})"] += 1
    return found


def _line_outcomes(lines: list[bytes], count: int) -> Counter[str]:
    """As `_outcomes`, by the kind of the reason; every line of the file in turn."""
    found: Counter[str] = Counter()
    copies = -(-count // len(lines))
    every = [(line, *made) for seed, line in enumerate(lines) for made in mutations(line, copies, seed)]
    for line, kind, damaged in every[:count]:
        # As ingest strips the end of a line.
        text = damaged.rstrip(b"\r\n")
        if text == line:
            found["the line itself, with another end"] += 1
            continue
        try:
            json_event(text.decode("utf-8", "surrogateescape"))
        except RejectedLine as why:
            found[f"put away: {why.kind}"] += 1
        except Exception as error:  # what must not happen is counted, not raised
            found[f"not named: {type(error).__name__} ({kind})"] += 1
        else:
            found[f"accepted ({kind})"] += 1
    return found


def _made_bundle() -> bytes:
    from converter.made_model import make_saved_model
    from seefud_converter.convert import convert_bundle

    sizes: dict[str, Any] = {"products": 60, "dimension": 16, "tokens": 40, "history_length": 8, "text_length": 8}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "seefud.tflite"
        vocabulary = make_saved_model(Path(folder) / "saved_model", **sizes, top_k=10, ingredients=False)
        convert_bundle(Path(folder) / "saved_model", vocabulary, out, "dynamic_wi8")
        return out.read_bytes()


if __name__ == "__main__":
    sys.exit(main())
