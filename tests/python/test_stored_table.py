"""A store in place of a file of interactions."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from python.made_events import DAY, EVENTS, event, write_lines
from python.made_market import make_market
from seefud.build_data import read_data
from seefud.build_options import BuildOptions
from seefud.catalogue import Catalogue, read_catalogue
from seefud.columns import ColumnNames
from seefud.errors import InputError
from seefud.interactions import read_interactions
from seefud.prepared import prepare
from seefud.store.ingest import ingest
from seefud.weights import TypeWeights


def test_a_store_gives_the_same_model_data_as_the_file_it_was_made_from(tmp_path: Path) -> None:
    files = make_market().write(tmp_path)
    catalogue = read_catalogue(files.products)
    of_file = read_interactions(files.interactions, catalogue)
    wanted = prepare(catalogue, of_file)
    pd.read_csv(files.interactions, dtype=str).to_parquet(tmp_path / "user3.parquet")
    for source in (files.interactions, tmp_path / "user3.parquet"):
        store = tmp_path / f"store of {source.name}"
        found = ingest([source], store)
        assert found.sources[0].quarantined == 0
        of_store = read_interactions(store, catalogue)
        assert prepare(catalogue, of_store).same_as(wanted)
        assert of_store.counts == of_file.counts
    digests = [
        read_data(files.products, tmp_path / f"store of user3.{end}", BuildOptions()).digests
        for end in ("csv", "parquet")
    ]
    assert digests[0] == digests[1], "the digest is of the content"
    assert digests[0]["products_sha256"] == hashlib.sha256(files.products.read_bytes()).hexdigest()


def test_what_a_store_says_of_its_events(tmp_path: Path) -> None:
    catalogue = Catalogue(
        ("Sate", "Soto", "Rawon"), ("sate", "soto", "rawon"), ("", "", ""), {"product_id": ("", "p2", "p3")}
    )
    events = [
        event(1, 1, "view", title="SATE"),
        event(1, 2, "purchase", title=None, product="p2"),
        event(1, 3, "click", title=None, product="Rawon"),
        event(1, 4, "impression", title="Sate", rank=1, list=1),
        event(1, 5, "impression", title="unknown", rank=2, list=1),
        event(1, 6, "search", title=None, text="pedas"),
        event(1, 7, "dismiss", title="Sate"),
        event(1, 8, "click", title=None, product="p9"),
        event(1, 9, "rating", title="Sate", value=5, time=event(1, 0)["time"] - DAY),
    ]
    store = tmp_path / "store"
    ingest([write_lines(tmp_path / "a.jsonl", events)], store)
    found = read_interactions(store, catalogue)
    assert found.frame[["key", "type", "weight"]].to_numpy().tolist() == [
        ["soto", "purchase", 1.0],
        ["rawon", "click", 0.5],
    ]
    assert found.searches["text"].tolist() == ["pedas"]
    assert (found.counts["impressions"], found.counts["not_positive"]) == (2, 1)
    assert [str(problem) for problem in found.problems] == [
        "store row 8, column title: 'p9' is not in the catalogue; row left out"
    ]
    # Whoever gives them a weight gets them.
    shown = read_interactions(store, catalogue, weights=TypeWeights().with_options(["impression=0.1"]))
    assert shown.frame["key"].tolist().count("sate") == 0, "the dismissal is newer"
    assert shown.counts["unknown_title"] == 2


def test_a_store_is_no_catalogue_and_a_mapping_of_columns_is_not_for_it(tmp_path: Path) -> None:
    store = tmp_path / "store"
    ingest([write_lines(tmp_path / "a.jsonl", EVENTS)], store)
    with pytest.raises(InputError, match="store: is an interaction store; expected products; give their file or table"):
        read_catalogue(store)
    catalogue = Catalogue(("Sate 1",), ("sate 1",), ("",))
    names = ColumnNames().with_options(["title=Name", "user=customer", "product_id=sku"])
    assert len(read_interactions(store, catalogue, names).frame) == 2
    empty = tmp_path / "empty"
    (tmp_path / "none.jsonl").write_bytes(b"")
    ingest([tmp_path / "none.jsonl"], empty)
    with pytest.raises(InputError, match="the store holds no event yet; seefud ingest SOURCE --into "):
        read_interactions(empty, catalogue)
