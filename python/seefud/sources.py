"""Where a table comes from: a file, an interaction store, or a database.

A database is named by a SQLAlchemy URL with one parameter of ours: ``sqlite:///shop.db?table=orders`` or
``postgresql://db.example/shop?query=likings``, where ``likings`` is a query of the settings file. User and password
are never part of the text: they stand in the environment, and no message shows them.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seefud.errors import InputError

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

__all__ = ["PASSWORD_VARIABLE", "USER_VARIABLE", "Source", "SqlSource", "as_source"]

USER_VARIABLE = "SEEFUD_SQL_USER"
PASSWORD_VARIABLE = "SEEFUD_SQL_PASSWORD"
"""Used where the URL names neither user nor password."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+]*://")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_DRIVERS |= dict.fromkeys(("mysql", "mariadb"), "mysql+pymysql")
_SQLITE_FORM = "sqlite:///shop.db?table=interactions"


@dataclass(frozen=True)
class SqlSource:
    """One table or query of a database.

    Attributes:
        url: a SQLAlchemy URL; user and password may be ``${VARIABLE}``, and otherwise come from the environment.
        table: name of a table or view, also ``schema.table``; or blank.
        query: a SELECT; or blank. Exactly one of both is needed when rows are read.
        query_name: the query's name in the settings file; for messages, and until it is looked up.
    """

    url: str = field(repr=False)
    table: str = ""
    query: str = ""
    query_name: str = ""

    @classmethod
    def parse(cls, text: str) -> SqlSource:
        """A source from its text.

        Raises:
            InputError: it is no URL, is of an unknown database, holds a password, or names both table and query.
        """
        url = _made(text)
        scheme = url.drivername.partition("+")[0]
        if scheme not in _DRIVERS:
            raise InputError(
                f"{scheme}: is no database that can be read; known are sqlite, postgresql, mysql and mariadb"
            )
        if url.password and not _VARIABLE.fullmatch(str(url.password)):
            raise InputError(
                f"{_described(url)}: the URL holds a password, which other users of the machine can see; put it into "
                f"the environment as {PASSWORD_VARIABLE}, or write ${{VARIABLE}} in its place (in single quotes)"
            )
        chosen = {}
        for part in ("table", "query"):
            value = url.query.get(part, "")
            if not isinstance(value, str):
                raise InputError(f"{_described(url)}: {part} is given {len(value)} times; expected one")
            chosen[part] = value
        if chosen["table"] and chosen["query"]:
            raise InputError(f"{_described(url)}: names a table and a query; expected one of them")
        bare = url.difference_update_query(["table", "query"])
        return cls(bare.render_as_string(hide_password=False), chosen["table"], "", chosen["query"])

    @property
    def name(self) -> str:
        """What messages call it: kind, database and table or query; neither host, user nor password."""
        what = self.table or (f"query {self.query_name}" if self.query_name else "query" if self.query else "")
        return f"{_described(_made(self.url))} {what}".rstrip()

    def __str__(self) -> str:
        return self.name

    def resolved(self) -> tuple[URL, tuple[str, ...]]:
        """The URL with driver, user and password, and the texts that no message may show.

        Raises:
            InputError: a variable that the URL names is not set.
        """
        url = _made(self.url)
        scheme = url.drivername.partition("+")[0]
        changes: dict[str, Any] = {"drivername": _DRIVERS[scheme] if scheme == url.drivername else url.drivername}
        secrets: list[str] = []
        if scheme != "sqlite":
            for part, usual in (("username", USER_VARIABLE), ("password", PASSWORD_VARIABLE)):
                value = getattr(url, part)
                if value is None:
                    value = os.environ.get(usual)
                elif match := _VARIABLE.fullmatch(str(value)):
                    value = os.environ.get(match[1])
                    if value is None:
                        raise InputError(f"{self.name}: the environment has no {match[1]}, which the URL names; set it")
                changes[part] = value
                secrets += [value] if value else []
        return url.set(**changes), tuple(secrets)


Source = Path | SqlSource
"""A file or folder, or a table of a database; both have a `name` for messages."""


def as_source(text: Source | str, toml: Path | None = None) -> Source:
    """A path or a database from text; a source is given back as it is.

    Args:
        text: a path, or a URL.
        toml: the settings file, whose table ``[queries]`` holds the queries that URLs name.

    Raises:
        InputError: see `SqlSource.parse`; or the query is not in the settings file.
    """
    if isinstance(text, Path | SqlSource):
        return text
    return _with_query(SqlSource.parse(text), toml) if _URL.match(text) else Path(text)


def _with_query(source: SqlSource, toml: Path | None) -> SqlSource:
    if not source.query_name:
        return source
    name = source.query_name
    if toml is None:
        raise InputError(
            f"{source.name}: is a query of the settings file; give it with --settings FILE.toml, or name "
            "a table or view with ?table=NAME"
        )
    try:
        queries = tomllib.loads(toml.read_text(encoding="utf-8")).get("queries", {})
    except (OSError, ValueError) as error:
        raise InputError(
            f"{toml}: cannot be read as TOML ({error}); write [queries] and {name} = 'SELECT …'"
        ) from error
    query = queries.get(name) if isinstance(queries, dict) else None
    if not isinstance(query, str) or not query.strip():
        known = ", ".join(queries) if isinstance(queries, dict) and queries else "none"
        raise InputError(f"{toml.name}: has no query {name}, found {known}; write [queries] and {name} = 'SELECT …'")
    return replace(source, query=query)


def _made(text: str) -> URL:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        # The text itself is not repeated: it may hold a password.
        scheme = text.partition(":")[0]
        raise InputError(f"{scheme}: the URL does not read; expected one like {_SQLITE_FORM}") from None


def _described(url: URL) -> str:
    scheme = url.drivername.partition("+")[0]
    return f"{scheme} {Path(url.database).name if url.database else '(memory)'}"
