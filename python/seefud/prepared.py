"""Prepared data: everything that training and evaluation need, as one value that can be saved."""

from __future__ import annotations

import hashlib
import io
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from seefud.catalogue import Catalogue
from seefud.errors import InputError
from seefud.interactions import Interactions
from seefud.text import TokenVocabulary

__all__ = ["Prepared", "prepare"]

_SCHEMA = 1
_TEXTS = "prepared.json"
_MATRICES = "prepared.npz"


@dataclass(frozen=True, eq=False)
class Prepared:
    """Vocabularies, the users x products matrix, and token bags.

    Attributes:
        products: display titles in row order: by falling number of users, ties by key; products that nobody
            touched come last.
        keys: canonical titles, same order.
        ingredients: same order, blank where unknown.
        users: who has at least one positive interaction, in code point order.
        interactions: csr float32 [U, N], positive weights, sorted indices.
        timestamps: csr float64 [U, N] with the same stored places, seconds since 1970, NaN where unknown; or
            None if all are. A stored 0 is a time: do not eliminate zeros.
        tokens: the token vocabulary.
        bigrams: whether it holds pairs of neighbouring title words.
        product_tokens: csr float32 [N, V] of ones.
        searches: (row of the user, token ids int32 [n]) of each search in which a token is known.
    """

    products: tuple[str, ...]
    keys: tuple[str, ...]
    ingredients: tuple[str, ...]
    users: tuple[str, ...]
    interactions: sp.csr_matrix
    timestamps: sp.csr_matrix | None
    tokens: tuple[str, ...]
    bigrams: bool
    product_tokens: sp.csr_matrix
    searches: tuple[tuple[int, NDArray[np.int32]], ...] = ()

    @property
    def counts(self) -> NDArray[np.int64]:
        """Users per product, int64 [N], falling."""
        return np.bincount(self.interactions.indices, minlength=len(self.products)).astype(np.int64)

    @property
    def vocabulary(self) -> TokenVocabulary:
        """The tokens, with look-up."""
        return TokenVocabulary(self.tokens, self.bigrams)

    def summary(self) -> dict[str, int | float | bool]:
        """Sizes, for a person or a report."""
        users, products = self.interactions.shape
        return {
            "products": products,
            "products_without_interactions": int((self.counts == 0).sum()),
            "products_without_tokens": int((np.diff(self.product_tokens.indptr) == 0).sum()),
            "users": users,
            "interactions": int(self.interactions.nnz),
            "density": self.interactions.nnz / (users * products),
            "tokens": len(self.tokens),
            "bigrams": self.bigrams,
            "searches": len(self.searches),
            "timestamps": self.timestamps is not None,
        }

    def same_as(self, other: Prepared) -> bool:
        """Whether all parts are equal, stored places and NaN included."""
        return self._texts() == other._texts() and _same(self._matrices(), other._matrices())

    def save(self, folder: Path | str) -> None:
        """Write `prepared.json` and `prepared.npz`; the same value gives the same bytes.

        The JSON is written last and holds the digest of the matrices, so a save cut short is noticed.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **self._matrices())
        texts = {**self._texts(), "matrices_sha256": hashlib.sha256(buffer.getvalue()).hexdigest()}
        _replace(folder / _MATRICES, buffer.getvalue())
        _replace(folder / _TEXTS, (json.dumps(texts, ensure_ascii=False, indent=1) + "\n").encode())

    @classmethod
    def load(cls, folder: Path | str) -> Prepared:
        """Read what `save` wrote.

        Raises:
            InputError: if a file is missing, damaged, of another schema, or not of this pair.
        """
        folder = Path(folder)
        remedy = "prepare the data again"
        try:
            texts = json.loads((folder / _TEXTS).read_text(encoding="utf-8"))
            raw = (folder / _MATRICES).read_bytes()
            if texts.get("schema") != _SCHEMA:
                raise InputError(f"{folder / _TEXTS}: schema is {texts.get('schema')}, expected {_SCHEMA}; {remedy}")
            if texts["matrices_sha256"] != hashlib.sha256(raw).hexdigest():
                raise InputError(f"{folder / _MATRICES}: is not the file that {_TEXTS} was saved with; {remedy}")
            with np.load(io.BytesIO(raw), allow_pickle=False) as stored:
                parts = dict(stored)
            return cls._from(texts, parts)
        except FileNotFoundError as error:
            raise InputError(f"{error.filename}: no such file; {remedy}") from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{folder}: holds no readable prepared data ({error}); {remedy}") from error

    def _texts(self) -> dict[str, Any]:
        return {
            "schema": _SCHEMA,
            **{"bigrams": self.bigrams, "products": list(self.products), "keys": list(self.keys)},
            **{"ingredients": list(self.ingredients), "users": list(self.users), "tokens": list(self.tokens)},
        }

    def _matrices(self) -> dict[str, NDArray[Any]]:
        parts = {f"interactions_{name}": array for name, array in _parts(self.interactions).items()}
        if self.timestamps is not None:
            parts["timestamps_data"] = self.timestamps.data
        parts |= {f"tokens_{name}": array for name, array in _parts(self.product_tokens).items()}
        parts["searches_users"] = np.array([user for user, _ in self.searches], dtype=np.int64)
        parts["searches_sizes"] = np.array([len(ids) for _, ids in self.searches], dtype=np.int64)
        parts["searches_ids"] = np.concatenate([np.zeros(0, np.int32), *(ids for _, ids in self.searches)])
        return parts

    @classmethod
    def _from(cls, texts: dict[str, Any], parts: dict[str, NDArray[Any]]) -> Prepared:
        names = {part: tuple(texts[part]) for part in ("products", "keys", "ingredients", "users", "tokens")}
        shape = (len(names["users"]), len(names["products"]))
        interactions = _matrix(parts, "interactions", shape)
        timestamps = None
        if "timestamps_data" in parts:
            timestamps = _with_data(interactions, parts["timestamps_data"])
        bounds = np.cumsum(parts["searches_sizes"])[:-1]
        bags = np.split(parts["searches_ids"], bounds) if len(parts["searches_sizes"]) else []
        return cls(
            **names,
            interactions=interactions,
            timestamps=timestamps,
            bigrams=bool(texts["bigrams"]),
            product_tokens=_matrix(parts, "tokens", (shape[1], len(names["tokens"]))),
            searches=tuple((int(user), ids) for user, ids in zip(parts["searches_users"], bags, strict=True)),
        )


def prepare(
    catalogue: Catalogue,
    interactions: Interactions,
    *,
    min_document_frequency: int = 2,
    bigrams: bool = True,
    max_tokens: int = 50_000,
) -> Prepared:
    """Bring a catalogue and its interactions into rows, columns and tokens.

    Args:
        catalogue: all its products get a row, also those that nobody touched.
        interactions: read with this catalogue.
        min_document_frequency: see `TokenVocabulary.fit`; likewise the next two.
        bigrams: take pairs of neighbouring title words as tokens too.
        max_tokens: keep at most so many.
    """
    frame = interactions.frame
    user_codes, user_index = pd.factorize(frame["user"], sort=False)
    users: list[str] = user_index.tolist()  # a list answers a million look-ups much faster than an index
    user_order = np.array(sorted(range(len(users)), key=users.__getitem__), dtype=np.int64)
    row = _inverse(user_order)[user_codes]
    key_codes, keys = pd.factorize(frame["key"], sort=False)
    place = np.array([catalogue.index[key] for key in keys.tolist()], dtype=np.int64)[key_codes]
    counts = np.bincount(place, minlength=len(catalogue))
    order = np.array(
        sorted(range(len(catalogue)), key=lambda product: (-counts[product], catalogue.keys[product])),
        dtype=np.int64,
    )
    column = _inverse(order)[place]

    shape = (len(users), len(catalogue))
    by_place = np.lexsort((column, row))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=shape[0]))]).astype(np.int32)
    weight = frame["weight"].to_numpy(dtype=np.float32)[by_place]
    matrix = sp.csr_matrix((weight, column[by_place].astype(np.int32), indptr), shape=shape)
    times = frame["timestamp"].to_numpy(dtype=np.float64)[by_place]

    titles = tuple(catalogue.titles[product] for product in order)
    texts = tuple(catalogue.ingredients[product] for product in order)
    vocabulary = TokenVocabulary.fit(
        titles, texts, min_document_frequency=min_document_frequency, bigrams=bigrams, max_tokens=max_tokens
    )
    starts, ids = vocabulary.ids_of_many(titles, texts)
    product_tokens = sp.csr_matrix(
        (np.ones(len(ids), np.float32), ids, starts.astype(np.int32)), shape=(len(titles), len(vocabulary))
    )
    user_row = {users[code]: position for position, code in enumerate(user_order)}
    bags = [
        (user_row[user], vocabulary.ids(text))
        for user, text in zip(interactions.searches["user"], interactions.searches["text"], strict=True)
        if user in user_row
    ]
    return Prepared(
        products=titles,
        keys=tuple(catalogue.keys[product] for product in order),
        ingredients=texts,
        users=tuple(users[code] for code in user_order),
        interactions=matrix,
        timestamps=None if np.isnan(times).all() else _with_data(matrix, times),
        tokens=vocabulary.tokens,
        bigrams=bigrams,
        product_tokens=product_tokens,
        searches=tuple((user, bag) for user, bag in bags if len(bag)),
    )


def _inverse(order: NDArray[np.int64]) -> NDArray[np.int64]:
    inverse = np.empty(len(order), dtype=np.int64)
    inverse[order] = np.arange(len(order))
    return inverse


def _with_data(matrix: sp.csr_matrix, data: NDArray[np.float64]) -> sp.csr_matrix:
    return sp.csr_matrix((data, matrix.indices.copy(), matrix.indptr.copy()), shape=matrix.shape)


def _parts(matrix: sp.csr_matrix) -> dict[str, NDArray[Any]]:
    return {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr}


def _matrix(parts: dict[str, NDArray[Any]], name: str, shape: tuple[int, int]) -> sp.csr_matrix:
    data, indices, indptr = (parts[f"{name}_{part}"] for part in ("data", "indices", "indptr"))
    matrix = sp.csr_matrix((data, indices, indptr), shape=shape)
    matrix.check_format(full_check=True)
    return matrix


def _same(a: dict[str, NDArray[Any]], b: dict[str, NDArray[Any]]) -> bool:
    return a.keys() == b.keys() and all(
        a[name].dtype == b[name].dtype and np.array_equal(a[name], b[name], equal_nan=a[name].dtype.kind == "f")
        for name in a
    )


def _replace(path: Path, content: bytes) -> None:
    """Write beside the target and rename, so that a reader never sees half a file."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(content)
    os.replace(temporary, path)
