"""The catalogue: one product per canonical title, from `product3.csv` or a file like it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from seefud.columns import ColumnNames
from seefud.errors import InputError
from seefud.problems import Problems
from seefud.sources import Source
from seefud.tables import Table, read_table
from seefud.text import canonical_title, collapse
from seefud.titles import TitleIndex

__all__ = ["OPTIONAL_COLUMNS", "Catalogue", "read_catalogue"]

OPTIONAL_COLUMNS = ("product_id", "price", "category", "vendor", "description")


@dataclass(frozen=True)
class Catalogue:
    """Products in the order of the file, each once.

    Attributes:
        titles: as first written, white space collapsed; never empty.
        keys: the titles' canonical forms; distinct.
        ingredients: words about each product, white space collapsed; blank where unknown.
        optional: further columns that the file has (see `OPTIONAL_COLUMNS`), each as long as `titles`.
        problems: rows that were left out or merged, and why.
        rows: rows read.
        digest: of what was read, see `seefud.tables.Table`.
    """

    titles: tuple[str, ...]
    keys: tuple[str, ...]
    ingredients: tuple[str, ...]
    optional: dict[str, tuple[str, ...]] = field(default_factory=dict)
    problems: Problems = field(default_factory=Problems)
    rows: int = 0
    digest: str = ""

    def __len__(self) -> int:
        return len(self.titles)

    @cached_property
    def index(self) -> dict[str, int]:
        """Canonical title -> place."""
        return {key: place for place, key in enumerate(self.keys)}

    @cached_property
    def titles_by_id(self) -> dict[str, str]:
        """The app's product id -> title, where the file has ids; of an id given twice the first counts."""
        pairs = zip(self.optional.get("product_id", ()), self.titles, strict=False)
        return {key: title for key, title in reversed(list(pairs)) if key}

    def find(self, title: str) -> int | None:
        """The place of a product by any spelling that has the same canonical form, or None."""
        return self.index.get(canonical_title(title))

    def suggest(self, title: str, limit: int = 3) -> list[str]:
        """Titles that `title` may have meant, best first."""
        return self._titles.suggest(title, limit)

    @cached_property
    def _titles(self) -> TitleIndex:
        return TitleIndex(self.titles)


def read_catalogue(path: Source | str, columns: ColumnNames | None = None, drop_invalid: bool = False) -> Catalogue:
    """Read the products.

    Rows whose titles have the same canonical form are one product: the first title is shown, and for each
    other column the first that is not blank is kept. (Joining the ingredients of duplicates was decided
    against: it makes one dish out of several recipes, and the text that is shown would be nobody's.)
    Where the ingredients are blank, Combined is used, less the title it starts with.

    Args:
        path: CSV, gzipped CSV, Parquet, or a table of a database.
        columns: names of the columns; the title is needed, the others are optional.
        drop_invalid: leave out, and list, rows without a title or with too many fields.

    Raises:
        InputError: if the file cannot be read, has no title column, has such a row and `drop_invalid` is
            False, or has no product.
    """
    columns = columns or ColumnNames()
    problems = Problems()
    table = read_table(path, problems if drop_invalid else None)
    if table.parts:
        raise InputError(f"{table.file}: is an interaction store; expected products; give their file or table")
    column = table.column(columns, "title", required=True)
    assert column is not None
    titles = [collapse(title) for title in column]
    _check_titles(table, columns.title, titles, drop_invalid, problems)

    texts = {"ingredients": _ingredients(table, columns, titles)}
    for part in OPTIONAL_COLUMNS:
        if (values := table.column(columns, part)) is not None:
            texts[part] = [collapse(value) for value in values]

    place_of: dict[str, int] = {}
    first_row: list[int] = []
    kept: dict[str, list[str]] = {part: [] for part in texts}
    for row, title in enumerate(titles):
        if not title:
            continue
        key = canonical_title(title)
        place = place_of.setdefault(key, len(place_of))
        if place == len(first_row):
            first_row.append(row)
            for part, column_texts in texts.items():
                kept[part].append(column_texts[row])
            continue
        differ = []
        for part, column_texts in texts.items():
            text = column_texts[row]
            if not kept[part][place]:
                kept[part][place] = text
            elif text and text != kept[part][place]:
                differ.append(part)
        what = f"its {' and '.join(differ)} differ and were not used" if differ else "nothing differs"
        problems.add(
            table.problem(
                "duplicate_product",
                np.array([row]),
                columns.title,
                title,
                f"is the product of {table.unit} {table.lines[first_row[place]]}; merged, {what}",
            )
        )
    return Catalogue(
        titles=tuple(titles[row] for row in first_row),
        keys=tuple(place_of),
        ingredients=tuple(kept.pop("ingredients")),
        optional={part: tuple(values) for part, values in kept.items()},
        problems=problems,
        rows=len(table),
        digest=table.digest,
    )


def _check_titles(table: Table, name: str, titles: list[str], drop_invalid: bool, problems: Problems) -> None:
    empty = np.array([row for row, title in enumerate(titles) if not title], dtype=np.int64)
    if len(empty):
        reason = "is empty; " + (
            "row left out" if drop_invalid else "give every product a title or pass --drop-invalid"
        )
        problem = table.problem("empty_title", empty, name, "", reason)
        if not drop_invalid:
            raise InputError(str(problem))
        problems.add(problem)
    if len(empty) == len(titles):
        raise InputError(f"{table.file}: no row has a title; expected at least one product in column {name}")


def _ingredients(table: Table, columns: ColumnNames, titles: list[str]) -> list[str]:
    own = _texts(table.column(columns, "ingredients"), len(table))
    combined = _texts(table.column(columns, "combined"), len(table))
    return [text or _rest(both, title) for text, both, title in zip(own, combined, titles, strict=True)]


def _texts(column: Iterable[str] | None, rows: int) -> list[str]:
    return [""] * rows if column is None else [collapse(text) for text in column]


def _rest(combined: str, title: str) -> str:
    """Combined less the title that it starts with; both are collapsed."""
    start, rest = combined[: len(title)], combined[len(title) :]
    if title and start.casefold() == title.casefold() and (not rest or not rest[0].isalnum()):
        return rest.lstrip(" ,;:|-")
    return combined
