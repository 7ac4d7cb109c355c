"""Warm start: an earlier file's rows, brought into the order of new data, for a training to begin with.

Products meet by their canonical titles, tokens by their text, so that row numbers, which follow popularity, may change.
What the new catalogue no longer holds retires. See docs/warm-start.md for what is kept and why nothing is measured on
rows that may have seen the answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seefud.arrays import Array
from seefud.cold_start import fit_token_rows
from seefud.errors import InputError
from seefud.model import Kind, unit_rows
from seefud.prepared import Prepared
from seefud.saved_model import load_tables
from seefud.ship import VOCABULARY
from seefud.shrinkage import unshrunk
from seefud.starting_rows import StartingRows
from seefud.text import canonical_title
from seefud.training_recipe import TrainingRecipe
from seefud_converter.bundle import read_bundle
from seefud_converter.convert import read_vocabulary
from seefud_converter.stored_tables import StoredTables

__all__ = ["EarlierModel", "WarmStart", "kept_recipes", "read_earlier_model"]

OPTION = "--from"
_EXPECTED = "expected a .tflite of seefud or its saved_model folder"
CONTENT_RIDGE = 0.1
"""Penalty where rows are made of tokens alone and the starting tokens must give the earlier rows back."""


@dataclass(frozen=True)
class WarmStart:
    """What a training takes over from an earlier model.

    Attributes:
        start: its rows and tokens in the order of the new data.
        recipe: name of the training recipe that the earlier file was made with; None where it does not say.
        origin: what bundle.json and the report say of it: the earlier model, products and tokens kept, new, retired.
    """

    start: StartingRows
    recipe: str | None
    origin: dict[str, Any]


@dataclass(frozen=True)
class EarlierModel:
    """A file or SavedModel that was read and checked.

    Attributes:
        name: of the file or folder.
        model_id: of the file; of a SavedModel, which has none, the first 12 digits of its tables' SHA-256.
        kind: what its rows are made of.
        products: N' titles.
        tokens: V' tokens.
        rows: float32 [N', D], unit rows or zeros; taste at full weight.
        token_rows: float32 [V', D].
        training: what the file says of its training; empty if it is older than that.
    """

    name: str
    model_id: str
    kind: str
    products: Sequence[str]
    tokens: Sequence[str]
    rows: Array
    token_rows: Array
    training: dict[str, Any]

    @property
    def dimension(self) -> int:
        """D, the length of every vector."""
        return int(self.rows.shape[1])

    def check(self, kind: Kind, dimension: int | None) -> None:
        """Refuses what a build of this kind and dimension cannot start from; None means the earlier model's.

        Raises:
            InputError: kind or dimension differs.
        """
        if self.kind != kind.value:
            raise InputError(
                f"{OPTION} {self.name}: expected a {kind.value} model, found a {self.kind} one; give --kind "
                f"{self.kind}, or leave {OPTION} out to train from scratch"
            )
        if dimension not in (None, self.dimension):
            raise InputError(
                f"{OPTION} {self.name}: expected vectors of length {dimension}, found {self.dimension}; leave "
                f"--dimension out to keep it, or leave {OPTION} out to train from scratch"
            )

    def matched(self, prepared: Prepared) -> WarmStart:
        """Its rows in the order of new data.

        Raises:
            InputError: no product has the title of one in the new catalogue.
        """
        by_title = {canonical_title(title): row for row, title in enumerate(self.products)}
        rows, products = _placed(self.rows, by_title, prepared.keys)
        if not products["kept"]:
            raise InputError(
                f"{OPTION} {self.name}: expected some of its products in the catalogue, found none of "
                f"{len(self.products):,} (the first is {self.products[0]!r}); give the file that was built for this "
                f"catalogue, or leave {OPTION} out"
            )
        by_token = {token: row for row, token in enumerate(self.tokens)}
        token_rows, tokens = _placed(self.token_rows, by_token, prepared.tokens)
        text_alone = self.kind == Kind.CONTENT.value
        if text_alone:
            known = np.abs(rows).max(axis=1) > 0
            token_rows = fit_token_rows(prepared.product_tokens[known], rows[known], ridge=CONTENT_RIDGE)
        origin = {"model_id": self.model_id, "products": products, "tokens": tokens}
        return WarmStart(StartingRows(rows, token_rows, text_alone), self.training.get("recipe"), origin)


def read_earlier_model(path: Path) -> EarlierModel:
    """Reads a `.tflite` of seefud, or the folder of its SavedModel, and trusts neither.

    Raises:
        InputError: there is nothing, or a folder of something else.
        seefud_converter.errors.ConverterError: a file that is damaged or foreign; each case has its own class.
    """
    if path.is_dir():
        return _from_saved_model(path)
    if not path.exists():
        raise InputError(f"{OPTION} {path}: {_EXPECTED}, found nothing; check the path")
    bundle = read_bundle(path)
    tables = StoredTables.read(bundle.flatbuffer)
    return _earlier(
        path.name,
        bundle.document["model_id"],
        bundle.document,
        bundle.products,
        bundle.tokens,
        tables.products.dequantized(),
        tables.tokens.dequantized(),
    )


def kept_recipes(
    recipes: Sequence[tuple[str, TrainingRecipe]], warm: WarmStart | None
) -> Sequence[tuple[str, TrainingRecipe]]:
    """The earlier model's recipe alone, in the sizes of the new data; all where it is not among the candidates."""
    kept = [(name, recipe) for name, recipe in recipes if warm and name == warm.recipe]
    return kept or recipes


def _from_saved_model(folder: Path) -> EarlierModel:
    if not (folder / "saved_model.pb").is_file():
        raise InputError(f"{OPTION} {folder}: {_EXPECTED}, found a folder without saved_model.pb; name the file in it")
    document, files = read_vocabulary(folder / VOCABULARY)
    products, tokens = load_tables(folder)
    wanted = (document["products"], document["dimension"] + 1), (max(document["tokens"], 1), document["dimension"])
    if (products.shape, tokens.shape) != wanted or not (np.isfinite(products).all() and np.isfinite(tokens).all()):
        raise InputError(
            f"{OPTION} {folder}: expected finite tables of {wanted[0]} and {wanted[1]} numbers, found "
            f"{products.shape} and {tokens.shape}; build it again"
        )
    digest = hashlib.sha256(products.tobytes() + tokens.tobytes()).hexdigest()[:12]
    titles, words = (files[name].decode("utf-8").split("\n")[:-1] for name in ("products.txt", "tokens.txt"))
    return _earlier(folder.name, digest, document, titles, words, products, tokens)


def _earlier(
    name: str,
    model_id: str,
    document: dict[str, Any],
    products: Sequence[str],
    tokens: Sequence[str],
    table: Array,
    token_table: Array,
) -> EarlierModel:
    said = document.get("training")
    training = said if isinstance(said, dict) else {}
    taste = training.get("taste")
    taste = float(taste) if isinstance(taste, int | float) and 0 < taste < 1 else 1.0
    rows, token_rows = unshrunk(unit_rows(table[:, :-1]), token_table[: len(tokens)], taste)
    return EarlierModel(name, model_id, document["kind"], products, tokens, rows, token_rows, training)


def _placed(table: Array, place: dict[str, int], keys: Sequence[str]) -> tuple[Array, dict[str, int]]:
    """The table's rows in the order of `keys`, zeros for those that it does not know; and the three counts."""
    found = np.array([place.get(key, -1) for key in keys], np.int64).reshape(-1)
    kept = found >= 0
    rows = np.zeros((len(keys), table.shape[1]), np.float32)
    rows[kept] = table[found[kept]]
    count = int(kept.sum())
    return rows, {"kept": count, "new": len(keys) - count, "retired": len(place) - count}
