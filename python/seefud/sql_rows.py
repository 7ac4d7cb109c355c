"""Rows of a database as text, streamed: the server keeps what was not read yet, and nothing is written."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from seefud.errors import InputError
from seefud.sources import PASSWORD_VARIABLE, USER_VARIABLE, SqlSource

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Connection, Engine

__all__ = ["ROWS_AT_ONCE", "masked", "sql_rows"]

ROWS_AT_ONCE = 10_000
"""Rows held in memory at a time."""

_EXTRAS = {"psycopg": "postgresql", "pymysql": "mysql"}


def sql_rows(source: SqlSource) -> Iterator[list[list[str]]]:
    """The rows of a table or query; the first list holds one row, the names of the columns.

    Values become text: no value is blank, true is 1, times are ISO 8601 in UTC if they have a zone, numbers have no
    exponent.

    Raises:
        InputError: the source names neither table nor query, its driver is not installed, the file of an SQLite
            database is missing, or the database refuses; credentials are masked in the text.
    """
    url, secrets = source.resolved()
    if not (source.table or source.query):
        raise InputError(f"{source.name}: names no table; write ?table=NAME or ?query=NAME at the end of the URL")
    with _complaints(source, secrets), _engine(source, url).connect() as opened:
        _read_only(opened)  # before the options, with which every statement would be a cursor's
        connection = opened.execution_options(stream_results=True, yield_per=ROWS_AT_ONCE, no_parameters=True)
        result = connection.exec_driver_sql(source.query or _select(source.table, connection))
        if not result.returns_rows:
            raise InputError(f"{source.name}: returns no rows; expected a SELECT")
        yield [[str(name).strip() for name in tuple(result.keys())]]
        for rows in result.partitions(ROWS_AT_ONCE):
            yield [[_text(value) for value in row] for row in rows]


def masked(text: str, secrets: tuple[str, ...]) -> str:
    """A text in which every secret, as it is or percent-encoded, is ``***``."""
    for secret in sorted({form for each in secrets for form in (each, quote(each, safe=""))}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


@contextmanager
def _complaints(source: SqlSource, secrets: tuple[str, ...]) -> Iterator[None]:
    """Errors of a driver as one line without credentials; its own error is not chained, for it may hold them."""
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    message = ""
    try:
        yield
    except InputError:
        raise
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        message = f"{source.name}: the driver {error.name} is not installed; pip install 'seefud[{extra}]'"
    except DBAPIError as error:
        message = f"{source.name}: the database refused ({_first_line(error.orig)}); {_remedy(source)}"
    except SQLAlchemyError as error:
        message = f"{source.name}: cannot be read ({_first_line(error)}); {_remedy(source)}"
    except (UnicodeDecodeError, OSError, ValueError, OverflowError) as error:
        message = f"{source.name}: a value cannot be read ({_first_line(error)}); cast it to text in a query"
    if message:
        raise InputError(masked(message, secrets)) from None


def _first_line(error: object) -> str:
    arguments: Any = getattr(error, "args", ())
    if (
        isinstance(arguments, tuple) and len(arguments) > 1 and isinstance(arguments[1], str)
    ):  # the MySQL drivers: (code, text)
        return " ".join(f"{arguments[0]}: {arguments[1]}".split())
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _remedy(source: SqlSource) -> str:
    if source.url.startswith("sqlite"):
        return "check the table or the query"
    return f"check URL, table or query, and {USER_VARIABLE} and {PASSWORD_VARIABLE}"


def _engine(source: SqlSource, url: URL) -> Engine:
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    if url.get_backend_name() != "sqlite":
        return create_engine(url, poolclass=NullPool, hide_parameters=True)
    import sqlite3

    path = Path(url.database or "")
    if not path.is_file():  # sqlite3 would make an empty one
        raise InputError(f"{path}: no such SQLite database; three slashes begin a relative path, four an absolute one")
    location = f"file:{quote(str(path.resolve()))}?mode=ro"
    return create_engine("sqlite://", creator=lambda: sqlite3.connect(location, uri=True), poolclass=NullPool)


def _read_only(connection: Connection) -> None:
    """A query that would change something is refused by the server."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    elif connection.dialect.name in ("mysql", "mariadb"):
        connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
        connection.commit()  # the setting is for the transactions that follow


def _select(name: str, connection: Connection) -> str:
    from sqlalchemy import select, table, text

    schema, _, bare = name.rpartition(".")
    chosen = table(bare, schema=schema or None)
    return str(select(text("*")).select_from(chosen).compile(dialect=connection.dialect))


def _text(value: Any) -> str:  # noqa: PLR0911 - one line for each type
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return (value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value).isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8")
    if isinstance(value, list | tuple):
        return ", ".join(_text(each) for each in value)
    return str(value)
