"""A connection to DuckDB for reading one store: bounded memory, a place to spill, and errors a person can act on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from seefud.errors import InputError
from seefud.store.events import connect
from seefud.store.folder import InteractionStore

if TYPE_CHECKING:
    import duckdb

__all__ = ["reading"]


@contextmanager
def reading(store: InteractionStore) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens a connection; what does not fit into memory goes to a temporary folder.

    Raises:
        InputError: the store has no event, or one of its files cannot be read.
    """
    import duckdb

    if not store.files():
        raise InputError(f"{store.folder}: expected impressions, found no event; ingest what phones export")
    with TemporaryDirectory(prefix="seefud-feedback-") as spill, connect(Path(spill)) as connection:
        try:
            yield connection
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise InputError(
                f"{store.folder}: cannot be read ({reason}); restore it from a backup, or ingest its sources into "
                "a new store"
            ) from error
