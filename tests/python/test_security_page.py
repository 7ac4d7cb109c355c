"""The limits on docs/security.md are those of the code, in Python and in Kotlin."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from seefud import delimited, signature, signing_keys, tables
from seefud.store import events, ingest
from seefud_converter import archive, bundle, graph, probe_form

ROOT = Path(__file__).resolve().parents[2]
CORE = "core/src/main/kotlin/com/seefud/recommender"
RIM = "recommender/src/main/kotlin/com/seefud/recommender"
NONE = "-"
OWN = "Python's own"


def kotlin(path: str, name: str) -> int:
    """The value of a constant or default in a Kotlin source."""
    text = (ROOT / "android" / path).read_text(encoding="utf-8")
    found = re.search(rf"va[lr] {name}\b[^=\n]*= ([^,\n]+)", text)
    assert found is not None, f"{name} in {path}"
    words = found[1].replace("Int.MAX_VALUE.toLong()", "2147483647").replace("shl", "<<")
    words = words.replace("MOST_ENTRIES", "16")
    assert re.fullmatch(r"[\d_L* <]+", words), words
    return int(eval(words.replace("L", "")))


def release_digits() -> int:
    text = (ROOT / "android" / CORE / "core/ReleaseSignature.kt").read_text(encoding="utf-8")
    assert '"release":([1-9][0-9]{0,14}),' in text
    return 10**15 - 1


LIMITS: dict[tuple[str, str], tuple[int | str, Callable[[], int] | str]] = {
    ("signature file", "bytes"): (
        signature.MOST_SIGNATURE_BYTES,
        lambda: kotlin(f"{CORE}/core/ReleaseSignature.kt", "MOST_BYTES"),
    ),
    ("release number", "at most"): (signature.MOST_RELEASE, release_digits),
    ("bundle", "bytes"): (bundle.MOST_FILE_BYTES, lambda: kotlin(f"{RIM}/ModelFiles.kt", "MOST_BYTES")),
    ("its archive", "entries"): (archive.MOST_ENTRIES, lambda: kotlin(f"{CORE}/core/Archive.kt", "MOST_ENTRIES")),
    ("its archive", "bytes of the directory"): (
        archive._MOST_DIRECTORY,
        lambda: kotlin(f"{CORE}/core/Archive.kt", "MOST_DIRECTORY"),
    ),
    ("its archive", "bytes, unpacked"): (archive.MOST_BYTES, lambda: kotlin(f"{CORE}/core/Archive.kt", "MOST_BYTES")),
    ("its archive", "unpacked bytes per packed one"): (
        archive.MOST_RATIO,
        lambda: kotlin(f"{CORE}/core/Archive.kt", "MOST_RATIO"),
    ),
    ("bundle.json", "bytes"): (archive.MOST_BYTES, lambda: kotlin(f"{CORE}/core/DocumentReader.kt", "MOST_BYTES")),
    ("bundle.json", "levels"): (OWN, lambda: kotlin(f"{CORE}/core/Json.kt", "MOST_DEPTH")),
    ("probes", "number"): (probe_form.MOST_PROBES, lambda: kotlin(f"{CORE}/core/ProbeReader.kt", "MOST_PROBES")),
    ("probes", "products in an answer"): (
        probe_form.MOST_ITEMS,
        lambda: kotlin(f"{CORE}/core/ProbeReader.kt", "MOST_ITEMS"),
    ),
    ("flatbuffer", "parts of one kind"): (
        graph._MOST_PARTS,
        lambda: kotlin(f"{CORE}/core/Flatbuffer.kt", "MOST_PARTS"),
    ),
    ("flatbuffer", "numbers in all its lists"): (NONE, lambda: kotlin(f"{CORE}/core/Flatbuffer.kt", "MOST_NUMBERS")),
    ("public key file", "bytes"): (signing_keys._MOST_KEY_BYTES, NONE),
    ("exported event", "characters of a text"): (NONE, lambda: kotlin(f"{CORE}/Interaction.kt", "MOST_CHARACTERS")),
    ("exported event", "levels"): (OWN, lambda: kotlin(f"{CORE}/core/Json.kt", "MOST_DEPTH")),
    ("line of an export or CSV", "bytes"): (delimited.MAX_LINE_BYTES, NONE),
    ("CSV, Parquet file of build", "bytes, also unpacked"): (tables.MAX_FILE_BYTES, NONE),
    ("source of ingest", "bytes, unpacked"): (ingest.MAX_UNPACKED_BYTES, NONE),
    ("DuckDB in ingest", "memory"): (events.MEMORY_LIMIT, NONE),
    ("log on the phone", "events, by default"): (NONE, lambda: kotlin(f"{RIM}/InteractionLog.kt", "maxEvents")),
    ("log on the phone", "bytes in use, by default"): (NONE, lambda: kotlin(f"{RIM}/InteractionLog.kt", "maxBytes")),
    ("store's state", "bytes"): (NONE, lambda: kotlin(f"{RIM}/StoreState.kt", "MOST_BYTES")),
}


def rows() -> dict[tuple[str, str], tuple[str, str]]:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    lines = page.split("| what is read | limit | Python | Kotlin |\n|---|---|---|---|\n")[1].split("\n\n")[0]
    cells = [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines.splitlines()]
    return {(what, limit): (python, kotlin) for what, limit, python, kotlin in cells}


def test_the_page_lists_these_limits_and_no_others() -> None:
    assert list(rows()) == list(LIMITS)


@pytest.mark.parametrize("limit", LIMITS, ids=" ".join)
def test_a_limit_on_the_page_is_that_of_the_code(limit: tuple[str, str]) -> None:
    of_python, of_kotlin = LIMITS[limit]
    numbers = (of_python, of_kotlin() if callable(of_kotlin) else of_kotlin)
    assert rows()[limit] == tuple(f"{number:,}" if isinstance(number, int) else number for number in numbers)
