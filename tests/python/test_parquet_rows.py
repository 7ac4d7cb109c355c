"""Parquet in bulk, straight from the file, against row by row."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seefud.columns import ColumnNames
from seefud.store.events import STAGED_SCHEMA, connect
from seefud.store.parquet_rows import UNCERTAIN_STARTS, stage_parquet
from seefud.store.quarantine import Quarantine
from seefud.store.row_events import stage_rows
from seefud.store.text_rows import parquet_chunks


def dirty_table(rng: random.Random, rows: int) -> pa.Table:
    texts = ["u1", "007", " u2 ", "", None, "a\0b", "\u3000", "é", "x\u00a0", "İ", "two words", "\x1f", "\t"]
    kinds = ["view", "Search", "RATING", "rating", "search", " view", "", None, "İ", "1"]
    times = [0, 1_767_261_600_123_456, -1, None, 7_258_118_400_000_001, 250_000_000_000_000_000]
    return pa.table(
        {
            "UserID": [rng.choice(texts) for _ in range(rows)],
            "Title": [rng.choice(texts) for _ in range(rows)],
            "ProductID": pa.array([rng.choice([1, 2, None]) for _ in range(rows)], pa.int64()),
            "InteractionType": [rng.choice(kinds) for _ in range(rows)],
            "Timestamp": pa.array([rng.choice(times) for _ in range(rows)], pa.timestamp("us")),
            "Value": pa.array([rng.choice([None, 4.0, 0.1, float("nan"), float("inf"), -0.0]) for _ in range(rows)]),
        }
    )


@pytest.mark.parametrize("dropped", [[], ["Title"], ["ProductID"], ["Timestamp", "Value"], ["InteractionType"]])
def test_parquet_is_read_in_bulk_as_row_by_row(dropped: list[str], tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(dirty_table(random.Random(7), 6_000).drop_columns(dropped), path)
    names = ColumnNames(type="") if "InteractionType" in dropped else ColumnNames()

    def read(bulk: bool) -> tuple[list[dict[str, Any]], list[str], int]:
        folder = tmp_path / str(bulk)
        (folder / "work").mkdir(parents=True)
        (folder / "staged").mkdir()
        quarantine = Quarantine(folder / "quarantine", path.name, "row")
        rows: list[dict[str, Any]] = []
        if bulk:
            with connect() as connection:
                query, count = stage_parquet(path, names, connection, folder / "staged", quarantine)
                assert query is not None
                rows = connection.sql(query).to_arrow_table().cast(STAGED_SCHEMA).to_pylist()
                assert len(rows) > 100, "little was read in bulk"
        else:
            count = stage_rows(parquet_chunks(path), path.name, names, folder / "staged", quarantine)
        for file in (folder / "staged").glob("*.parquet"):
            rows += pq.read_table(file).cast(STAGED_SCHEMA).to_pylist()
        quarantine.finish(tmp_path)
        bad = [file.read_text(encoding="utf-8") for file in (folder / "quarantine").glob("*")]
        return sorted(rows, key=lambda row: row["line"]), sorted("".join(bad).splitlines()), count

    bulk, single = read(True), read(False)
    assert bulk == single
    assert bulk[2] == len(bulk[0])
    assert bulk[2] + len(bulk[1]) == 6_000


def test_no_space_begins_a_text_that_is_read_in_bulk() -> None:
    spaces = {code for code in range(sys.maxunicode + 1) if chr(code).isspace() and code > ord("!")}
    uncertain = {code for first, last in UNCERTAIN_STARTS for code in range(first, last + 1)}
    assert spaces <= uncertain
