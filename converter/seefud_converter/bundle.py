"""The bundle: a TFLite flatbuffer, then an archive of vocabularies and `bundle.json`.

Writing adds to the draft document what only the finished bytes can tell: recipe, minimum runtime, model id
and digests. Reading distrusts every part and needs neither TensorFlow nor an interpreter.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .archive import read_archive, with_archive
from .contract import check_graph
from .document import check_document, document_bytes, parse_document
from .errors import (
    DigestMismatchError,
    ForeignModelError,
    MissingFileError,
    NotAModelError,
    OversizedError,
    TruncatedError,
    UnexpectedFileError,
    VocabularyError,
    VocabularySizeError,
)
from .graph import IDENTIFIER, METADATA_NAME, Graph, read_graph
from .operators import minimum_runtime
from .probe_form import check_probes

__all__ = [
    "DOCUMENT",
    "MOST_FILE_BYTES",
    "OPTIONAL",
    "VOCABULARIES",
    "Bundle",
    "check_vocabularies",
    "parse_bundle",
    "read_bundle",
    "write_bundle",
]

DOCUMENT = "bundle.json"
VOCABULARIES = {"products.txt": "products", "tokens.txt": "tokens", "ingredients.txt": "products"}
"""Vocabulary files, and the field of the document that counts their lines."""
OPTIONAL = frozenset({"ingredients.txt"})
"""Vocabulary files that a bundle may lack."""

MOST_FILE_BYTES = 2**31 - 1
"""Flatbuffers address two gigabytes; a larger file cannot be a bundle."""

_REBUILD = "build the bundle again or copy it again"


@dataclass(frozen=True)
class Bundle:
    """A bundle whose every part was checked.

    Attributes:
        products: Display titles; line n is row n.
        tokens: Tokens; line n is row n of the token table.
        ingredients: One line per product, or None where the bundle has none.
        document: The parsed bundle.json.
        flatbuffer: The model's bytes, a view into the file's.
        path: Where it was read from.
        graph: The model's signatures, tensors and operators.
        files: Every file of the archive.
    """

    products: tuple[str, ...]
    tokens: tuple[str, ...]
    ingredients: tuple[str, ...] | None
    document: dict[str, Any]
    flatbuffer: memoryview
    path: Path
    graph: Graph = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)

    @property
    def content(self) -> bytes:
        """The whole file."""
        return self.flatbuffer.obj  # type: ignore[return-value]

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return len(self.content)


def _digest(content: bytes | memoryview) -> str:
    return hashlib.sha256(content).hexdigest()


def make_bundle(
    flatbuffer: bytes,
    vocabularies: Mapping[str, bytes],
    document: Mapping[str, Any],
    recipe: str,
    path: Path = Path("the new bundle"),
) -> Bundle:
    """Put a bundle together and read it back; the same inputs give the same bytes, which are its `content`.

    Args:
        flatbuffer: The converted model, metadata already inside.
        vocabularies: products.txt, tokens.txt and, optionally, ingredients.txt as UTF-8 bytes.
        document: The draft of bundle.json.
        recipe: Name of the recipe that made the flatbuffer.
        path: Where it is meant for; named in errors.

    Raises:
        BundleError: What was put together does not pass the reader.
    """
    digest = _digest(flatbuffer)
    final = dict(document) | {
        "recipe": recipe,
        "minimum_runtime": minimum_runtime(read_graph(flatbuffer)),
        "model_id": digest[:12],
        "digests": {"flatbuffer": digest} | {name: _digest(vocabularies[name]) for name in sorted(vocabularies)},
    }
    return parse_bundle(with_archive(flatbuffer, {**vocabularies, DOCUMENT: document_bytes(final)}), path)


def write_bundle(
    flatbuffer: bytes, vocabularies: Mapping[str, bytes], document: Mapping[str, Any], recipe: str
) -> bytes:
    """The bytes of `make_bundle`."""
    return make_bundle(flatbuffer, vocabularies, document, recipe).content


def _lines(name: str, content: bytes, count: int, where: str) -> tuple[str, ...]:
    found = content.count(b"\n")
    if found != count or (content and not content.endswith(b"\n")):
        unfinished = "" if content.endswith(b"\n") or not content else " and a last line without its end"
        raise VocabularySizeError(
            f"{where}: {name}", f"{count} lines, one per row of the model", f"{found}{unfinished}", _REBUILD
        )
    try:
        lines = content.decode("utf-8").split("\n")[:-1]
    except UnicodeDecodeError as problem:
        raise VocabularyError(f"{where}: {name}", "UTF-8", str(problem), _REBUILD) from problem
    if name == "ingredients.txt":
        return tuple(lines)
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            raise VocabularyError(f"{where}: {name} line {number}", "text", "an empty line", _REBUILD)
        if line in seen:
            found_text = f"{line!r}, which is also line {seen[line]}"
            raise VocabularyError(f"{where}: {name} line {number}", "a line of its own", found_text, _REBUILD)
        seen[line] = number
    return tuple(lines)


def check_vocabularies(
    document: Mapping[str, Any], files: Mapping[str, bytes], where: str
) -> dict[str, tuple[str, ...]]:
    """The lines of each vocabulary, checked against the document's counts.

    Raises:
        VocabularySizeError: There are more or fewer lines than the document says.
        VocabularyError: A line is not UTF-8, or a title or token is empty or repeated.
    """
    return {
        name: _lines(name, files[name], int(document[count]), where)
        for name, count in VOCABULARIES.items()
        if name in files
    }


def _check_files(document: Mapping[str, Any], files: Mapping[str, bytes], where: str) -> None:
    for name in VOCABULARIES:
        if name not in files and (name not in OPTIONAL or name in document["digests"]):
            raise MissingFileError(f"{where}: {name}", "this file in the archive", "nothing", _REBUILD)
    for name in sorted(files):
        if name != DOCUMENT and (name not in VOCABULARIES or name not in document["digests"]):
            raise UnexpectedFileError(f"{where}: {name}", "only files that bundle.json lists", "one more", _REBUILD)


def _check_digest(part: str, content: bytes | memoryview, expected: str, where: str) -> None:
    found = _digest(content)
    if found != expected:
        raise DigestMismatchError(
            f"{where}: {part}",
            f"SHA-256 {expected[:12]}...",
            f"{found[:12]}...: the bytes were changed",
            _REBUILD,
        )


def _refuse_cut_model(content: bytes, where: str) -> None:
    """Without an archive: was the file cut, or is it a model that never had one?"""
    metadata = read_graph(content, where).metadata.get(METADATA_NAME, b"")
    if DOCUMENT.encode() in metadata:
        raise TruncatedError(where, f"{DOCUMENT} after the model, as its metadata says", "nothing", _REBUILD)


def parse_bundle(content: bytes, path: Path) -> Bundle:
    """Check a bundle's bytes; see `read_bundle`. `path` is named in errors and kept."""
    where = path.name
    if content[4:8] != IDENTIFIER:
        found = f"{content[4:8]!r} in {len(content)} bytes"
        raise NotAModelError(where, f"the identifier {IDENTIFIER!r} at byte 4", found, "give a .tflite file")
    try:
        length, files = read_archive(content, where)
    except MissingFileError:
        _refuse_cut_model(content, where)
        raise
    if DOCUMENT not in files:
        found = ", ".join(sorted(files)) or "an empty archive"
        raise ForeignModelError(where, f"{DOCUMENT} in the archive", found, "give a file that seefud_converter wrote")
    document = parse_document(files[DOCUMENT], f"{where}: {DOCUMENT}")
    check_document(document, f"{where}: {DOCUMENT}")
    check_probes(document, f"{where}: {DOCUMENT}")
    _check_files(document, files, where)
    texts = check_vocabularies(document, files, where)
    for name in texts:
        _check_digest(name, files[name], document["digests"][name], where)
    flatbuffer = memoryview(content)[:length]
    _check_digest("the model", flatbuffer, document["digests"]["flatbuffer"], where)
    if document["model_id"] != document["digests"]["flatbuffer"][:12]:
        expected = f"the digest's first digits {document['digests']['flatbuffer'][:12]}"
        raise DigestMismatchError(f"{where}: model_id", expected, document["model_id"], _REBUILD)
    graph = read_graph(flatbuffer, where)
    check_graph(graph, document, where)
    return Bundle(
        texts["products.txt"],
        texts["tokens.txt"],
        texts.get("ingredients.txt"),
        document,
        flatbuffer,
        path,
        graph,
        files,
    )


def read_bundle(path: str | os.PathLike[str]) -> Bundle:
    """Read and check a bundle, in this order: identifier, archive, document, files, lines, digests, graph.

    Args:
        path: The `.tflite` file.

    Raises:
        BundleError: The file is absent, or a part of it breaks the contract; each case has its own class.
    """
    place = Path(path)
    if not place.is_file():
        found = "a directory" if place.is_dir() else "no such file"
        raise MissingFileError(str(path), "a .tflite file", found, "check the path")
    size = place.stat().st_size
    if size > MOST_FILE_BYTES:
        raise OversizedError(place.name, f"at most {MOST_FILE_BYTES} bytes", f"{size}", "give a .tflite file")
    try:
        content = place.read_bytes()
    except OSError as problem:
        raise MissingFileError(
            str(path), "a readable file", str(problem.strerror), "check its permissions"
        ) from problem
    return parse_bundle(content, place)
