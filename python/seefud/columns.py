"""Which column of a file plays which part: by option (`title=Name`) or from a small TOML file."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from seefud.errors import InputError

__all__ = ["ColumnNames", "closest"]


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one is nearest to, or None. Letter case does not count."""
    by_fold = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), list(by_fold), n=1, cutoff=0.6)
    return by_fold[near[0]] if near else None


@dataclass(frozen=True)
class ColumnNames:
    """Names of the columns, by the part they play. An empty name means: there is no such column.

    Where no column has exactly the name, one that differs only in letter case, spaces and punctuation is
    taken: `user_id` serves as UserID.
    A part whose name was changed must be there; a part that kept its usual name may be missing unless it
    is needed (`title`, and for interactions `user` and `type`).

    Attributes:
        title: both files: the product's title; in a search row, what was searched for.
        ingredients: products: words about the product.
        combined: products: title and ingredients in one; read where the ingredients are blank.
        product_id: products, optional.
        price: products, optional.
        category: products, optional.
        vendor: products, optional.
        description: products, optional.
        user: interactions: who.
        type: interactions: what happened; with an empty name every row is a plain interaction.
        timestamp: interactions, optional: ISO 8601 (UTC if it names no zone) or seconds since 1970.
        value: interactions, optional: a rating.
    """

    title: str = "Title"
    ingredients: str = "Ingredients"
    combined: str = "Combined"
    product_id: str = "ProductID"
    price: str = "Price"
    category: str = "Category"
    vendor: str = "Vendor"
    description: str = "Description"
    user: str = "UserID"
    type: str = "InteractionType"
    timestamp: str = "Timestamp"
    value: str = "Value"

    @classmethod
    def parts(cls) -> tuple[str, ...]:
        """The keys that can be mapped."""
        return tuple(field.name for field in fields(cls))

    def is_explicit(self, part: str) -> bool:
        """Whether the part has another name than the usual one, so that its absence is a mistake."""
        return bool(getattr(self, part) != getattr(ColumnNames, part))

    def with_options(self, options: Iterable[str]) -> ColumnNames:
        """Changed by options of the form `part=Column`.

        Raises:
            InputError: for an option without `=` or with an unknown part.
        """
        changes: dict[str, object] = {}
        for option in options:
            part, equals, name = option.partition("=")
            if not equals:
                raise InputError(f"--column {option}: expected PART=NAME, for example title=Name")
            changes[part.strip()] = name.strip()
        return self.with_mapping(changes, "--column")

    def with_mapping(self, changes: Mapping[str, object], where: str) -> ColumnNames:
        """Changed by a mapping part -> column name.

        Args:
            changes: what to change.
            where: named in errors, for example a file.

        Raises:
            InputError: for an unknown part or a name that is not text.
        """
        parts = self.parts()
        for part, name in changes.items():
            if part not in parts:
                near = closest(part, parts)
                hint = f"did you mean {near}? " if near else ""
                raise InputError(f"{where}: unknown key {part!r}; {hint}known are {', '.join(parts)}")
            if not isinstance(name, str):
                raise InputError(f"{where}: {part} is {name!r}; expected the name of a column in quotes")
        return replace(self, **{part: str(name) for part, name in changes.items()})

    def with_toml(self, path: Path) -> ColumnNames:
        """Changed by a TOML file: lines `title = "Name"`, at the top or under `[columns]`.

        Raises:
            InputError: if the file is missing, is not TOML, or holds an unknown key.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}); give a TOML file of column names") from error
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: is not UTF-8 text; give a TOML file of column names") from error
        try:
            content = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise InputError(f'{path}: is not TOML ({error}); write lines like title = "Name"') from error
        for other in ("weights", "queries"):  # the same file may hold them too
            content.pop(other, None)
        table = content.pop("columns", {})
        if not isinstance(table, dict):
            raise InputError(f'{path}: columns is {table!r}; expected a table: [columns] and lines like title = "Name"')
        return self.with_mapping({**content, **table}, path.name)
