"""Tables of databases as sources: SQLite always, PostgreSQL and MariaDB where `.ci/databases` started them."""

from __future__ import annotations

import os
import sqlite3
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine, make_url

from python.conftest import Run
from python.made_events import stored, stored_ids
from python.made_market import make_market
from seefud import sources as sources_module
from seefud.catalogue import read_catalogue
from seefud.columns import ColumnNames
from seefud.errors import InputError
from seefud.interactions import read_interactions
from seefud.prepared import prepare
from seefud.sources import PASSWORD_VARIABLE, USER_VARIABLE, SqlSource, as_source
from seefud.sql_rows import masked, sql_rows
from seefud.store.ingest import ingest
from seefud.tables import read_table

SECRET = "s3cr3t/&t"
NAMES = ColumnNames().with_options(["user=customer", "title=dish", "type=what", "timestamp=at", "value=stars"])


@dataclass(frozen=True)
class Database:
    """A database that can be filled.

    Attributes:
        url: without credentials.
        engine: with them; it may write.
    """

    url: str
    engine: Engine

    def fill(self, name: str, frame: pd.DataFrame) -> str:
        """Writes a table; returns the source that reads it."""
        frame.to_sql(name, self.engine, if_exists="replace", index=False)
        return f"{self.url}?table={name}"


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'shop.db'}"
        engine = create_engine(url)
    else:
        variable = f"SEEFUD_TEST_{request.param.upper()}"
        url = os.environ.get(variable, "")
        if not url:
            reason = os.environ.get(f"{variable}_MISSING", f"{variable} is not set; .ci/databases COMMAND sets it")
            pytest.skip(f"no {request.param}: {reason}")
        for ours, given in ((USER_VARIABLE, "SEEFUD_TEST_SQL_USER"), (PASSWORD_VARIABLE, "SEEFUD_TEST_SQL_PASSWORD")):
            monkeypatch.setenv(ours, os.environ[given])
        engine = create_engine(SqlSource.parse(f"{url}?table=x").resolved()[0])
    yield Database(url, engine)
    engine.dispose()


@pytest.fixture
def likings() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer": ["007", "007", "ü2", None],
            "dish": ["Sate", "Sate", "Soto \U0001f372 'ayam' %s :x", "Sate"],
            "what": ["view", "view", "rating", "view"],
            "at": pd.to_datetime(["2026-01-01T10:00:00", "2026-01-01T10:00:00", "2026-01-02T03:04:05", None]),
            "stars": [None, None, 4.5, None],
        }
    )


# ---- in every database


def test_a_table_is_ingested_once(database: Database, likings: pd.DataFrame, tmp_path: Path) -> None:
    source = database.fill("likings", likings)
    first = ingest([source], tmp_path / "store", NAMES).sources[0]
    assert (first.error, first.read, first.new, first.quarantined) == ("", 4, 3, 1)
    assert [str(problem) for problem in first.problems] == [
        f"{first.source} row 4, column customer: is empty; every row needs a user; row left out"
    ]
    assert ingest([source], tmp_path / "store", NAMES).sources[0].new == 0
    rows = stored(tmp_path / "store")
    assert [(row["user"], row["value"], row["day"]) for row in rows if row["type"] == "rating"] == [
        ("ü2", 4.5, "2026-01-02")
    ]
    assert {row["title"] for row in rows} == {"Sate", "Soto \U0001f372 'ayam' %s :x"}
    # The same rows as a file have the same names.
    likings.to_csv(tmp_path / "likings.csv", index=False)
    assert ingest([tmp_path / "likings.csv"], tmp_path / "store", NAMES).sources[0].new == 0
    assert len(stored_ids(tmp_path / "store")) == 3


def test_a_query_of_the_settings_file_with_a_mapping(
    database: Database, likings: pd.DataFrame, tmp_path: Path, run: Run
) -> None:
    database.fill("likings", likings)
    toml = tmp_path / "shop.toml"
    toml.write_text(
        "[columns]\nuser = 'person'\ntitle = 'dish'\ntype = 'what'\n[queries]\n"
        "rated = \"SELECT customer AS person, dish, what, stars AS value FROM likings WHERE what LIKE 'rat%'\"\n",
        encoding="utf-8",
    )
    code, out, _ = run("ingest", f"{database.url}?query=rated", "--into", tmp_path / "store", "--settings", toml)
    assert code == 0, out
    assert [(row["user"], row["value"]) for row in stored(tmp_path / "store")] == [("ü2", 4.5)]
    assert "query rated" in out


def test_a_shop_in_a_database_is_the_shop_in_files(database: Database, tmp_path: Path) -> None:
    files = make_market().write(tmp_path)
    products = database.fill("products", pd.read_csv(files.products, dtype=str, keep_default_na=False))
    events = database.fill("events", pd.read_csv(files.interactions))
    wanted = read_catalogue(files.products)
    catalogue = read_catalogue(as_source(products))
    assert (catalogue.titles, catalogue.ingredients) == (wanted.titles, wanted.ingredients)
    found = read_interactions(as_source(events), catalogue)
    assert prepare(catalogue, found).same_as(prepare(wanted, read_interactions(files.interactions, wanted)))
    assert found.digest == read_interactions(events, catalogue).digest
    assert len(found.digest) == 64


def test_rows_are_streamed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seefud.sql_rows.ROWS_AT_ONCE", 1_000)
    source = database.fill("many", pd.DataFrame({"n": range(3_500)}))
    parsed = as_source(source)
    assert isinstance(parsed, SqlSource)
    batches = list(sql_rows(parsed))
    assert batches[0] == [["n"]]
    assert [len(rows) for rows in batches[1:]] == [1_000, 1_000, 1_000, 500]


def test_a_query_cannot_write(database: Database, likings: pd.DataFrame) -> None:
    database.fill("likings", likings)
    parsed = SqlSource(database.url, query="DELETE FROM likings", query_name="bad")
    with pytest.raises(InputError, match="query bad: "):
        list(sql_rows(parsed))
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM likings")).scalar() == 4


def test_a_table_that_is_not_there(database: Database, likings: pd.DataFrame) -> None:
    database.fill("likings", likings)
    with pytest.raises(InputError, match=r"absent: the database refused \(.*absent.*\); check "):
        read_table(f"{database.url}?table=absent")
    database.fill("empty", likings.iloc[:0])
    with pytest.raises(InputError, match="empty: has columns but no rows; expected at least one"):
        read_table(f"{database.url}?table=empty")


def test_a_wrong_password_is_not_shown(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    if database.url.startswith("sqlite"):
        pytest.skip("SQLite has no users")
    monkeypatch.setenv(PASSWORD_VARIABLE, SECRET)
    monkeypatch.setenv(USER_VARIABLE, "somebodyelse")
    code, out, error = run("ingest", f"{database.url}?table=likings", "--into", tmp_path / "store")
    assert code == 2
    assert "the database refused" in error or "cannot be read" in error
    assert f"check URL, table or query, and {USER_VARIABLE} and {PASSWORD_VARIABLE}" in error
    for secret in (SECRET, "somebodyelse", "s3cr3t%2F%26t"):
        assert secret not in out + error
    with pytest.raises(InputError) as found:
        read_table(f"{database.url}?table=likings")
    shown = "".join(traceback.format_exception(found.value))
    assert SECRET not in shown
    assert "somebodyelse" not in shown


# ---- SQLite alone


def test_numbers_times_and_bytes_become_text(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute("CREATE TABLE odd (a, b, c, d, e)")
    connection.execute("INSERT INTO odd VALUES (1, 1e22, 'é', ?, NULL)", ["ü".encode()])
    connection.commit()
    connection.close()
    table = read_table(f"sqlite:///{tmp_path / 'a.db'}?table=odd")
    assert table.frame.iloc[0].tolist() == ["1", "1e+22", "é", "ü", ""]
    assert (table.unit, table.file) == ("row", "sqlite a.db odd")


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="no such SQLite database; three slashes begin a relative path, four an absolute"
    ):
        read_table(f"sqlite:///{tmp_path / 'none.db'}?table=x")
    assert list(tmp_path.iterdir()) == []


# ---- URLs


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "oracle://h/d?table=x",
            "oracle: is no database that can be read; known are sqlite, postgresql, mysql and mariadb",
        ),
        ("sqlite:///a.db?table=x&query=y", "sqlite a.db: names a table and a query; expected one of them"),
        ("sqlite:///a.db?table=x&table=y", "sqlite a.db: table is given 2 times; expected one"),
        ("mysql://h:port/d", "mysql: the URL does not read; expected one like sqlite:///shop.db?table=interactions"),
        (
            "postgresql://h/shop?query=orders",
            "postgresql shop query orders: is a query of the settings file; give it with --settings FILE.toml, or name "
            "a table or view with ?table=NAME",
        ),
        (
            f"postgresql://me:{SECRET.replace('/', '%2F').replace('&', '%26')}@h/shop?table=x",
            "postgresql shop: the URL holds a password, which other users of the machine can see; put it into the "
            "environment as SEEFUD_SQL_PASSWORD, or write ${VARIABLE} in its place (in single quotes)",
        ),
    ],
)
def test_what_is_wrong_with_a_url(url: str, message: str) -> None:
    with pytest.raises(InputError) as found:
        as_source(url)
    assert str(found.value) == message


def test_credentials_come_from_the_environment_and_are_in_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_KEY", SECRET)
    monkeypatch.setenv(USER_VARIABLE, "somebodyelse")
    source = as_source("mysql://${SHOP_USER}:${SHOP_KEY}@db.example/shop?table=x")
    assert isinstance(source, SqlSource)
    with pytest.raises(InputError, match="mysql shop x: the environment has no SHOP_USER, which the URL names; set it"):
        source.resolved()
    monkeypatch.setenv("SHOP_USER", "somebody")
    url, secrets = source.resolved()
    assert (url.drivername, url.username, url.password, secrets) == (
        "mysql+pymysql",
        "somebody",
        SECRET,
        ("somebody", SECRET),
    )
    plain = as_source("postgresql://db.example/shop?table=x")
    assert isinstance(plain, SqlSource)
    monkeypatch.setenv(PASSWORD_VARIABLE, SECRET)
    assert plain.resolved()[0] == make_url("postgresql+psycopg://db.example/shop").set(
        username="somebodyelse", password=SECRET
    )
    for shown in (str(source), repr(source), source.name, repr(plain)):
        assert not {secret for secret in (SECRET, "somebody", "db.example") if secret in shown}


def test_masking_covers_the_encoded_form() -> None:
    assert masked(f"at {SECRET} or s3cr3t%2F%26t by me", (SECRET, "me")) == "at *** or *** by ***"


def test_a_query_that_the_settings_lack(tmp_path: Path) -> None:
    toml = tmp_path / "a.toml"
    toml.write_text("[queries]\nbuys = 'SELECT 1'\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.toml: has no query orders, found buys; write \[queries\] and orders = "):
        as_source("sqlite:///a.db?query=orders", toml)
    toml.write_text("[queries", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read as TOML"):
        as_source("sqlite:///a.db?query=orders", toml)


def test_a_driver_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pymysql", None)
    with pytest.raises(
        InputError, match=r"mysql shop x: the driver pymysql is not installed; pip install 'seefud\[mysql\]'"
    ):
        read_table("mysql://db.example/shop?table=x")


def test_paths_stay_paths() -> None:
    assert as_source("a/b.csv") == Path("a/b.csv")
    assert sources_module.__all__
