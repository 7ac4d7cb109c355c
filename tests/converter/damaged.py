"""Bundles that were damaged on purpose, each with the one error that must name it.

Two kinds: bytes that got lost or changed on the way, and files that were put together wrongly, whose digests
and checksums all fit, so that only the check under test can notice.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from converter.made_conversion import PRODUCTS, bundle_bytes
from converter.tampering import (
    cut_to,
    declares_much,
    edited_model,
    flip_in_table,
    flipped,
    foreign_bundle,
    half_not_a_number,
    in_document,
    in_file,
    in_model,
    last_line_gone,
    many_entries,
    not_a_number_in_table,
    rebuilt,
    renamed_output,
    renamed_signature,
    reshaped_output,
    retyped_output,
    scale_of,
    split,
    table_twice,
    third_line,
    two_scales,
    with_raw_document,
    without,
    zip_bomb,
    zipped,
)
from seefud_converter import errors
from seefud_converter.archive import with_archive

__all__ = ["DAMAGES", "Damage"]

PROBE = {"history": [1], "weights": [0.5], "tokens": [0], "items": [2, 0], "scores": [0.25, 0]}


@dataclass(frozen=True)
class Damage:
    """A damage, and what reading it must say.

    Attributes:
        make: Makes the damaged file from a good one.
        error: The exact class of the error.
        says: A part of its message.
        recipe: Recipe of the good file.
    """

    make: Callable[[bytes], bytes]
    error: type[errors.BundleError]
    says: str
    recipe: str = "dynamic_wi8"

    def content(self) -> bytes:
        """The damaged file."""
        return self.make(bundle_bytes(self.recipe))


E = errors
DAMAGES: dict[str, Damage] = {
    # Bytes that got lost or changed.
    "empty file": Damage(lambda content: b"", E.NotAModelError, "found b'' in 0 bytes"),
    "not a model": Damage(lambda content: b"Title,Ingredients\n" * 9, E.NotAModelError, "identifier b'TFL3'"),
    "cut in the model": Damage(cut_to(lambda n: n // 2), E.TruncatedError, "parts lead outside"),
    "cut after the model": Damage(cut_to(lambda n: n), E.TruncatedError, "as its metadata says"),
    "cut in the archive": Damage(cut_to(lambda n: n + 300), E.TruncatedError, "archive that is cut"),
    "last byte gone": Damage(lambda content: content[:-1], E.TruncatedError, "end record closes the file"),
    "a byte too many": Damage(lambda content: content + b"\0", E.TruncatedError, "followed by other bytes"),
    "bytes lost inside": Damage(
        lambda content: content[:2000] + content[2100:], E.TruncatedError, "as long as its archive says"
    ),
    "bit flipped in a table": Damage(flip_in_table, E.DigestMismatchError, "the model: expected SHA-256"),
    "bit flipped in a title": Damage(flipped("Crème".encode()), E.ArchiveError, "Bad CRC-32"),
    "bit flipped in a date": Damage(flipped(b"PK\x03\x04", 12), E.ArchiveError, "a changed byte"),
    # The archive.
    "no zip": Damage(
        lambda content: edited_model(lambda tree: setattr(tree, "metadata", []))(split(content)[0]),
        E.MissingFileError,
        "found no zip",
    ),
    "empty zip": Damage(lambda content: with_archive(split(content)[0], {}), E.ForeignModelError, "empty archive"),
    "foreign model": Damage(
        foreign_bundle, E.ForeignModelError, "expected bundle.json in the archive, found labels.txt"
    ),
    "compressed": Damage(
        lambda content: zipped(content, split(content)[1], zipfile.ZIP_DEFLATED),
        E.ArchiveError,
        "entries stored",
    ),
    "zip bomb": Damage(zip_bomb, E.OversizedError, "ingredients.txt: expected at most 20 x its packed bytes"),
    "declares two gigabytes": Damage(declares_much, E.OversizedError, "unpacked bytes"),
    "too many files": Damage(many_entries, E.OversizedError, "at most 16 files"),
    "file missing": Damage(without("tokens.txt"), E.DocumentError, "digests.tokens.txt: expected a SHA-256"),
    "listed file missing": Damage(
        lambda content: rebuilt(content, change_files=lambda files: files.pop("products.txt"), fix_digests=False),
        E.MissingFileError,
        "products.txt: expected this file in the archive",
    ),
    "unexpected file": Damage(
        lambda content: rebuilt(content, change_files=lambda files: files.update({"notes.txt": b"?"})),
        E.UnexpectedFileError,
        "notes.txt: expected only files that bundle.json lists",
    ),
    # The document.
    "not JSON": Damage(with_raw_document(b"{"), E.DocumentError, "expected JSON in UTF-8"),
    "JSON of endless depth": Damage(with_raw_document(b"[" * 100_000), E.DocumentError, "expected JSON in UTF-8"),
    "JSON but a list": Damage(with_raw_document(b"[]"), E.DocumentError, "expected a JSON object, found list"),
    "JSON with NaN": Damage(with_raw_document(b'{"schema": NaN}'), E.DocumentError, "the number NaN"),
    "no schema": Damage(in_document(lambda d: d.pop("schema")), E.ForeignModelError, "expected a schema version"),
    "newer schema": Damage(
        in_document(lambda d: d.update(schema=2)),
        E.NewerSchemaError,
        "found schema 2; update seefud_converter",
    ),
    "probes that are no list": Damage(
        in_document(lambda d: d.update(probes="many")), E.DocumentError, "probes: expected a list of at most 16"
    ),
    "probe of a larger model": Damage(
        in_document(lambda d: d.update(probes=[PROBE | {"history": [PRODUCTS]}])),
        E.DocumentError,
        "probes[0]: expected history, weights, tokens, items and scores that fit the model",
    ),
    "probe without an answer": Damage(
        in_document(lambda d: d.update(probes=[PROBE, PROBE | {"items": []}])), E.DocumentError, "probes[1]: expected"
    ),
    "schema in words": Damage(in_document(lambda d: d.update(schema="1")), E.DocumentError, "schema: expected 1"),
    "field missing": Damage(in_document(lambda d: d.pop("calibration")), E.DocumentError, "calibration: expected an"),
    "gain of three tenths": Damage(
        in_document(lambda d: d["prior"].update(gain=0.3)), E.DocumentError, "a multiple of 1/64 above 0"
    ),
    "crowding below zero": Damage(
        in_document(lambda d: d["mixing"].update(crowding=-0.5)),
        E.DocumentError,
        "mixing.crowding: expected a finite number of at least 0, found -0.5",
    ),
    "lift missing": Damage(
        in_document(lambda d: d["mixing"].pop("lift")), E.DocumentError, "mixing.lift: expected a finite number, found"
    ),
    "words in words": Damage(
        in_document(lambda d: d["prior"].update(words="few")), E.DocumentError, "prior.words: expected a finite number"
    ),
    "number beyond a float": Damage(
        in_document(lambda d: d["prior"].update(beta=10**400)), E.DocumentError, "prior.beta: expected a finite number"
    ),
    "unknown recipe": Damage(in_document(lambda d: d.update(recipe="int3")), E.DocumentError, "recipe: expected one"),
    "model id of another": Damage(
        in_document(lambda d: d.update(model_id="0" * 12)),
        E.DigestMismatchError,
        "model_id: expected the digest",
    ),
    "digest of another": Damage(
        in_document(lambda d: d["digests"].update({"tokens.txt": "0" * 64})),
        E.DigestMismatchError,
        "tokens.txt",
    ),
    # Counts and lines.
    "count too high": Damage(
        in_document(lambda d: d.update(products=PRODUCTS + 1)),
        E.VocabularySizeError,
        f"products.txt: expected {PRODUCTS + 1} lines, one per row of the model, found {PRODUCTS}",
    ),
    "line missing": Damage(
        in_file("products.txt", last_line_gone), E.VocabularySizeError, f"{PRODUCTS} lines, one per row"
    ),
    "line too many": Damage(in_file("tokens.txt", lambda data: data + b"more\n"), E.VocabularySizeError, "tokens.txt"),
    "ingredients line missing": Damage(
        in_file("ingredients.txt", last_line_gone), E.VocabularySizeError, "ingredients.txt"
    ),
    "last line without end": Damage(
        in_file("products.txt", lambda data: data[:-1]), E.VocabularySizeError, "a last line without its end"
    ),
    "line empty": Damage(in_file("products.txt", third_line(b" ")), E.VocabularyError, "line 3: expected text"),
    "line repeated": Damage(
        in_file("tokens.txt", third_line(b"kata1")), E.VocabularyError, "'kata1', which is also line 2"
    ),
    "line not UTF-8": Damage(in_file("products.txt", third_line(b"\xff")), E.VocabularyError, "expected UTF-8"),
    # The graph.
    "model overwritten": Damage(
        lambda content: rebuilt(content, change_model=lambda model: model[:8] + b"\x7f" * (len(model) - 8)),
        E.TruncatedError,
        "parts lead outside",
    ),
    "signature missing": Damage(
        in_model(renamed_signature), E.MissingSignatureError, "found embed_products, embed_text"
    ),
    "output renamed": Damage(in_model(renamed_output), E.WrongTensorError, "outputs of score: expected scores"),
    "output of another type": Damage(in_model(retyped_output), E.WrongTensorError, "scores: expected float32"),
    "output of another shape": Damage(
        in_model(reshaped_output),
        E.WrongTensorError,
        f"expected float32 [1, {PRODUCTS}], found float32 [1, {PRODUCTS - 1}]",
    ),
    "another dimension": Damage(
        in_document(lambda d: d.update(dimension=9)),
        E.WrongTensorError,
        "vectors: expected float32 [1, 8, 9]",
    ),
    "recipe of another": Damage(
        in_document(lambda d: d.update(recipe="float16")),
        E.WrongTensorError,
        "expected float16 for recipe float16",
    ),
    "table stored twice": Damage(in_model(table_twice), E.WrongTensorError, "table of products: expected one constant"),
    "two scales": Damage(in_model(two_scales), E.WrongTensorError, "expected one scale and zero point 0"),
    "scale not a number": Damage(
        in_model(scale_of(float("nan"))), E.NonFiniteError, "finite, positive scales, found nan"
    ),
    "scale infinite": Damage(in_model(scale_of(float("inf"))), E.NonFiniteError, "found inf"),
    "scale of zero": Damage(in_model(scale_of(0.0)), E.NonFiniteError, "found 0.0"),
    "weight not a number": Damage(in_model(not_a_number_in_table), E.NonFiniteError, "in row 0", "float32"),
    "half weight not a number": Damage(
        lambda content: rebuilt(content, change_model=edited_model(half_not_a_number)),
        E.NonFiniteError,
        "a NaN or an infinity in row",
        "float16",
    ),
}
