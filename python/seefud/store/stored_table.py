"""A store, or a table of a database, as the table that the reader of interactions takes in place of a file."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from seefud.delimited import column_names
from seefud.errors import InputError
from seefud.sources import SqlSource
from seefud.sql_rows import sql_rows
from seefud.store.events import connect, quoted
from seefud.store.folder import InteractionStore
from seefud.tables import Table, text_column

__all__ = ["sql_table", "store_table"]

_PARTS = {
    **{"user": "user", "type": "type", "title": "title", "product_id": "product"},
    **{"timestamp": "time", "value": "value"},
}
_COLUMNS = """
    "user", "type", CASE WHEN "type" = 'search' THEN "text" ELSE title END AS title, product, "time", "value"
"""


def store_table(store: InteractionStore) -> Table:
    """All events, in the order in which they were ingested; the title of a search is its text.

    Raises:
        InputError: the store is empty, or a file of it is damaged.
    """
    import duckdb

    if not store.files():
        raise InputError(f"{store.folder}: the store holds no event yet; seefud ingest SOURCE --into {store.folder}")
    order = r"regexp_extract(filename, 'load-(\d+)-', 1), line, event_id"
    query = f"SELECT {_COLUMNS} FROM read_parquet({quoted(store.pattern)}, filename = true) ORDER BY {order}"
    try:
        with connect() as connection:
            found = connection.sql(query).to_arrow_table()
    except duckdb.Error as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{store.folder}: cannot be read ({reason}); restore it from a backup") from error
    frame = pd.DataFrame({name: text_column(found.column(name)) for name in found.column_names})
    lines = np.arange(1, len(frame) + 1, dtype=np.int64)
    return Table(store.folder.name, tuple(frame.columns), frame, lines, "row", _digest(frame), _PARTS)


def sql_table(source: SqlSource) -> Table:
    """All rows of a table or query.

    Raises:
        InputError: see `seefud.sql_rows.sql_rows`; or there are no rows, or two columns have the same name.
    """
    batches = sql_rows(source)
    names = column_names(source.name, next(batches)[0], 1)
    frames = []
    for rows in batches:
        columns = zip(names, zip(*rows, strict=True), strict=False)
        frames.append(pd.DataFrame({name: pd.array(values, dtype="str") for name, values in columns if name}))
    if not frames:
        raise InputError(f"{source.name}: has columns but no rows; expected at least one")
    frame = pd.concat(frames, ignore_index=True)
    lines = np.arange(1, len(frame) + 1, dtype=np.int64)
    return Table(source.name, tuple(frame.columns), frame, lines, "row", _digest(frame))


def _digest(frame: pd.DataFrame) -> str:
    """SHA-256 of the content, whatever the order of the rows: a database may give them in another one."""
    rows = np.sort(np.asarray(pd.util.hash_pandas_object(frame, index=False), dtype=np.uint64))
    digest = hashlib.sha256("\x1f".join(frame.columns).encode())
    digest.update(rows.astype("<u8").tobytes())
    return digest.hexdigest()
