"""What two files say of themselves and where their tables differ: size, vocabulary, metrics, rows. Runs nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seefud.arrays import Floats
from seefud.metrics import top_rows
from seefud.rank_similarity import list_overlap
from seefud.text import canonical_title
from seefud_converter.bundle import Bundle
from seefud_converter.stored_tables import StoredTables

__all__ = [
    "FileFacts",
    "RowMoves",
    "VocabularyChange",
    "file_facts",
    "metric_changes",
    "row_moves",
    "vocabulary_change",
]

NEIGHBOURS = 10
_SAMPLE = 2_000  # products whose neighbours are looked up; all of them would take N x N
_SHOWN = 10


@dataclass(frozen=True)
class FileFacts:
    """One file in numbers."""

    path: str
    bytes: int
    model_id: str
    recipe: str
    kind: str
    dimension: int
    products: int
    tokens: int
    recency: str
    minimum_runtime: str
    users: int | None
    interactions: int | None
    interactions_sha256: str | None


@dataclass(frozen=True)
class VocabularyChange:
    """Lines that came and went; the new ones in the order of the new file, the others in that of the old one."""

    kept: int
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class RowMoves:
    """How the vectors of the products that both files hold have moved.

    A model can be rotated without changing a single score, so rows are compared after the rotation that brings them
    nearest (orthogonal Procrustes: Schönemann, Psychometrika 31, 1966), and by their neighbours, which need none.

    Attributes:
        compared: products with a vector in both files.
        renumbered: products whose row number changed, which follows popularity.
        cosines: float32 [compared], of old and new vector after the rotation; empty where there are fewer than two
            products per dimension, for then the rotation could hide any change.
        moved: how many of these are below 0.9.
        most_moved: (title, cosine), lowest first.
        neighbours_kept: mean share of a product's `NEIGHBOURS` nearest products that stayed the same, among the
            products of both files, of at most 2,000 drawn ones; None below `NEIGHBOURS` + 1 products.
    """

    compared: int
    renumbered: int
    cosines: Floats
    moved: int
    most_moved: tuple[tuple[str, float], ...]
    neighbours_kept: float | None

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``; the cosines as quantiles."""
        known = self.cosines.size > 0
        shares = (0.05, 0.25, 0.5, 0.75, 0.95)
        return {
            "compared": self.compared,
            "renumbered": self.renumbered,
            "cosine_quantiles": {f"{q:g}": float(np.quantile(self.cosines, q)) for q in shares} if known else None,
            "moved": self.moved if known else None,
            "most_moved": [{"title": title, "cosine": cosine} for title, cosine in self.most_moved],
            "neighbours_kept": self.neighbours_kept,
        }


def file_facts(bundle: Bundle) -> FileFacts:
    """What the file says about itself."""
    document = bundle.document
    data: Mapping[str, Any] = document.get("data", {})
    return FileFacts(
        path=str(bundle.path),
        bytes=bundle.size,
        model_id=str(document["model_id"]),
        recipe=str(document["recipe"]),
        kind=str(document["kind"]),
        dimension=int(document["dimension"]),
        products=int(document["products"]),
        tokens=int(document["tokens"]),
        recency=str(document["recency"]),
        minimum_runtime=str(document["minimum_runtime"]),
        users=data.get("users"),
        interactions=data.get("interactions"),
        interactions_sha256=data.get("interactions_sha256"),
    )


def vocabulary_change(old: Sequence[str], new: Sequence[str]) -> VocabularyChange:
    """Compares two lists of titles or tokens; titles meet whatever their letter case and spacing."""
    before = {canonical_title(line) for line in old}
    after = {canonical_title(line) for line in new}
    return VocabularyChange(
        len(before & after),
        tuple(line for line in new if canonical_title(line) not in before),
        tuple(line for line in old if canonical_title(line) not in after),
    )


def metric_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """The metrics of the holdout that both documents carry: name to old, new and difference."""
    before: Mapping[str, Any] = old.get("metrics", {}).get("holdout", {})
    after: Mapping[str, Any] = new.get("metrics", {}).get("holdout", {})
    found = {}
    for name in before:
        if name in after:
            was, now = float(before[name]["value"]), float(after[name]["value"])
            found[name] = {"old": was, "new": now, "difference": now - was}
    return found


def row_moves(old: Bundle, new: Bundle) -> RowMoves:
    """Compares the tables of products; see `RowMoves`."""
    before = {canonical_title(title): row for row, title in enumerate(old.products)}
    pairs = [(before[key], row) for row, title in enumerate(new.products) if (key := canonical_title(title)) in before]
    rows = np.array(pairs, np.int64).reshape(-1, 2)
    renumbered = int((rows[:, 0] != rows[:, 1]).sum())
    first, second = _unit_rows(old)[rows[:, 0]], _unit_rows(new)[rows[:, 1]]
    both = (np.abs(first).sum(1) > 0) & (np.abs(second).sum(1) > 0)
    rows, first, second = rows[both], first[both], second[both]
    cosines = np.empty(0, np.float32)
    most: list[tuple[str, float]] = []
    if len(rows) >= 2 * max(first.shape[1], second.shape[1]):
        cosines = _aligned_cosines(first, second)
        order = np.argsort(cosines, kind="stable")[:_SHOWN]
        most = [(new.products[rows[place, 1]], float(cosines[place])) for place in order]
    kept = _neighbours_kept(first, second) if len(rows) > NEIGHBOURS else None
    return RowMoves(len(rows), renumbered, cosines, int((cosines < 0.9).sum()), tuple(most), kept)


def _unit_rows(bundle: Bundle) -> Floats:
    rows = StoredTables.read(bundle.flatbuffer).products.dequantized()[:, :-1]
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)


def _aligned_cosines(first: Floats, second: Floats) -> Floats:
    """Cosines after the best rotation; of two dimensions the smaller is filled up with zeros."""
    u, _, v = np.linalg.svd(first.T.astype(np.float64) @ second, full_matrices=False)
    turned = first @ (u @ v)
    length = np.maximum(np.linalg.norm(turned, axis=1) * np.linalg.norm(second, axis=1), 1e-12)
    return np.asarray((turned * second).sum(1) / length, np.float32)


def _neighbours_kept(first: Floats, second: Floats) -> float:
    count = len(first)
    drawn = np.random.default_rng(0).permutation(count)[:_SAMPLE]
    shares = []
    for start in range(0, len(drawn), 256):
        part = drawn[start : start + 256]
        near = []
        for table in (first, second):
            scores = np.ascontiguousarray(table[part] @ table.T)
            scores[np.arange(len(part)), part] = -np.inf
            near.append(top_rows(scores, NEIGHBOURS))
        shares.append(list_overlap(*near))
    return float(np.concatenate(shares).mean())
