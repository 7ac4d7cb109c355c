"""Every command that takes a file of interactions takes a store and a database, and finds the same."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from python.conftest import Built, Fails, Run
from seefud.store.ingest import ingest


@pytest.fixture(scope="module")
def places(built: Built, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The market's interactions and holdout as stores, and everything in a database."""
    folder = tmp_path_factory.mktemp("sources")
    files = built.files
    ingest([files.interactions], folder / "store")
    ingest([files.holdout], folder / "later")
    with sqlite3.connect(folder / "market.db") as connection:
        for name in ("products", "interactions", "holdout"):
            pd.read_csv(getattr(files, name), dtype=str).to_sql(name, connection, index=False)
    url = f"sqlite:///{folder / 'market.db'}"
    return {
        **{"store": str(folder / "store"), "later": str(folder / "later")},
        **{name: f"{url}?table={name}" for name in ("products", "interactions", "holdout")},
    }


def test_recommendations_for_a_user(built: Built, places: dict[str, str], run: Run) -> None:
    def found(source: object) -> object:
        code, out, _ = run("recommend", built.model, "--user", "u03", "--interactions", source, "--json")
        assert code == 0
        return json.loads(out)

    wanted = found(built.files.interactions)
    assert found(places["store"]) == wanted
    assert found(places["interactions"]) == wanted


def test_a_comparison_of_two_files(built: Built, places: dict[str, str], run: Run) -> None:
    def found(source: object, holdout: object) -> object:
        arguments = ["--interactions", source, "--holdout", holdout, "--json"]
        code, out, _ = run("diff", built.model, built.model, *arguments)
        assert code == 0
        return json.loads(out)

    wanted = found(built.files.interactions, built.files.holdout)
    assert found(places["store"], places["later"]) == wanted
    assert found(places["interactions"], places["holdout"]) == wanted


def test_an_evaluation(built: Built, places: dict[str, str], run: Run) -> None:
    def found(products: object, source: object, holdout: object) -> object:
        arguments = [products, source, "--holdout", holdout, "--baseline", "popularity", "--json"]
        code, out, _ = run("evaluate", built.model, *arguments)
        assert code == 0
        return json.loads(out)["evaluations"]

    wanted = found(built.files.products, built.files.interactions, built.files.holdout)
    assert found(built.files.products, places["store"], places["later"]) == wanted
    assert found(places["products"], places["interactions"], places["holdout"]) == wanted


def test_mistakes_of_a_source(built: Built, places: dict[str, str], tmp_path: Path, fails: Fails) -> None:
    products, out = built.files.products, ["--out", tmp_path / "out"]
    secret = "hunter2"
    message = fails("build", products, f"postgresql://me:{secret}@h/d?table=x", *out)
    assert "the URL holds a password" in message
    assert secret not in message
    assert "names no table; write ?table=NAME or ?query=NAME" in fails(
        "train", products, places["products"][:-15], *out
    )
    assert "is an interaction store; expected products" in fails("build", places["store"], places["store"], *out)
    assert "give it with --settings FILE.toml, or name a table or view" in fails(
        "recommend", built.model, "--user", "u1", "--interactions", "sqlite:///a.db?query=x"
    )
