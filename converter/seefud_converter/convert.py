"""The whole conversion: SavedModel and vocabulary in, a bundle out that has passed its gates."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .archive import MOST_BYTES
from .bundle import DOCUMENT, OPTIONAL, VOCABULARIES, check_vocabularies, make_bundle
from .document import check_document, parse_document
from .errors import InputError
from .gates import DEFAULT_GATES, Gates, apply_gates
from .metadata import embed_metadata
from .probes import make_probes
from .quantize import Conversion
from .recipes import DEFAULT_RECIPE, recipe_named
from .runtime import Runtime

__all__ = ["ConversionSummary", "convert_bundle", "read_vocabulary", "replace_file"]


@dataclass(frozen=True)
class ConversionSummary:
    """What was written.

    Attributes:
        path: The bundle.
        recipe: Its recipe.
        model_id: The first twelve digits of the model's digest.
        bytes: Its size.
        products: Rows of the product table.
        tokens: Lines of tokens.txt.
        dimension: Length of a row.
        minimum_runtime: The oldest TFLite release that runs it.
        gates: What each gate found; empty if they were not asked for.
    """

    path: str
    recipe: str
    model_id: str
    bytes: int
    products: int
    tokens: int
    dimension: int
    minimum_runtime: str
    gates: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return asdict(self)


def read_vocabulary(vocabulary: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Read and check a vocabulary directory before the long work starts.

    Args:
        vocabulary: Directory with products.txt, tokens.txt, bundle.json (a draft) and perhaps
            ingredients.txt.

    Returns:
        The draft document, and the vocabulary files by name.

    Raises:
        InputError: The directory or a file of it is missing.
        DocumentError: The draft lacks a field.
        VocabularySizeError: A file has another number of lines than the draft says.
        VocabularyError: A line is empty or repeated.
    """
    folder = Path(vocabulary)
    if not folder.is_dir():
        found = "a file" if folder.exists() else "no such directory"
        raise InputError(
            f"vocabulary {folder}", "a directory with products.txt and tokens.txt", found, "check the path"
        )
    files: dict[str, bytes] = {}
    for name in (*VOCABULARIES, DOCUMENT):
        place = folder / name
        if not place.is_file():
            if name in OPTIONAL:
                continue
            raise InputError(f"vocabulary {place}", "this file", "nothing", "export the SavedModel again")
        if place.stat().st_size > MOST_BYTES:
            found = f"{place.stat().st_size}"
            raise InputError(f"vocabulary {place}", f"at most {MOST_BYTES} bytes", found, "give the vocabulary file")
        files[name] = place.read_bytes()
    document = parse_document(files.pop(DOCUMENT), str(folder / DOCUMENT))
    check_document(document, str(folder / DOCUMENT), draft=True)
    check_vocabularies(document, files, str(folder))
    return document, files


def replace_file(path: Path, content: bytes, prove: Callable[[Path], None] | None = None) -> None:
    """Write `path` whole or not at all.

    Args:
        path: The file; its directory is made if need be.
        content: All of its bytes.
        prove: Called with the temporary file before it replaces `path`; if it raises, `path` stays as it was.

    Raises:
        InputError: The directory cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    except OSError as problem:
        raise InputError(str(path), "a place to write to", str(problem.strerror), "choose another OUT") from problem
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        temporary.chmod(0o644)
        if prove is not None:
            prove(temporary)
        temporary.replace(path)
    except OSError as problem:
        raise InputError(str(path), "a file to replace", str(problem.strerror), "choose another OUT") from problem
    finally:
        temporary.unlink(missing_ok=True)


def convert_bundle(
    saved_model: str | os.PathLike[str] | Conversion,
    vocabulary: str | os.PathLike[str],
    out: str | os.PathLike[str],
    recipe: str = DEFAULT_RECIPE,
    gates: Gates | None = DEFAULT_GATES,
    *,
    prove: Callable[[Path], None] | None = None,
) -> ConversionSummary:
    """Convert, describe, bundle, check and only then put the file in its place.

    Args:
        saved_model: Directory of the SavedModel with the four signatures, or its `Conversion` where more than this
            file is made from it.
        vocabulary: Directory with products.txt, tokens.txt, bundle.json and perhaps ingredients.txt.
        out: The bundle to write. If anything fails, a file that is there stays as it was.
        recipe: A name of `recipes.RECIPES`.
        gates: Limits, or None to write a file that is not meant to ship (the float32 reference, say).
        prove: A further check of the finished file, such as parity; it refuses by raising a GateError.

    Returns:
        A summary.

    Raises:
        InputError: An input is missing or unusable.
        BundleError: The vocabulary and the model do not fit together.
        GateError: The result must not ship.
    """
    recipe_named(recipe)
    target = Path(out)
    if target.is_dir():
        raise InputError(str(target), "a file name", "a directory", f"give {target / 'seefud.tflite'}")
    document, vocabularies = read_vocabulary(vocabulary)
    document.pop("probes", None)  # of another file, if there are any
    conversion = saved_model if isinstance(saved_model, Conversion) else Conversion(saved_model)
    flatbuffer = embed_metadata(conversion.flatbuffer(recipe), document, vocabularies)
    unprobed = make_bundle(flatbuffer, vocabularies, document, recipe, target)
    document["probes"] = make_probes(Runtime.open(unprobed))
    bundle = make_bundle(flatbuffer, vocabularies, document, recipe, target)
    found = apply_gates(bundle, gates) if gates is not None else {}
    replace_file(target, bundle.content, prove)
    return ConversionSummary(
        str(target),
        recipe,
        bundle.document["model_id"],
        bundle.size,
        len(bundle.products),
        len(bundle.tokens),
        bundle.document["dimension"],
        bundle.document["minimum_runtime"],
        found,
    )
