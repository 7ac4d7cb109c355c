"""The lists that people were shown, from an interaction store: which product at which rank, and what came of it.

A list is the impressions of one user, list number and model. An impression is clicked if the store holds a `click` of
the same user, list and product, and converted if it holds a `purchase`, a `favorite` or a `rating` of at least 3. An
event that names a model belongs only to a list of that model. Doubled clicks and impressions count once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa

from seefud.arrays import Array
from seefud.errors import InputError
from seefud.feedback.reading import reading
from seefud.store.folder import InteractionStore
from seefud.text import canonical_title

__all__ = ["GOOD_RATING", "UNKNOWN_MODEL", "LoggedLists", "read_logged_lists"]

GOOD_RATING = 3.0
"""The lowest rating, of 5, that counts as a conversion."""

UNKNOWN_MODEL = ""
"""The model of impressions that name none."""


@dataclass(frozen=True)
class LoggedLists:
    """Lists in the order of user, list number and model; their impressions in the order of their ranks.

    Attributes:
        users: names; a user is its place here, as are a model and a product.
        models: model ids, `UNKNOWN_MODEL` where a list names none.
        products: canonical titles, or the app's ids where events have no title.
        list_user: int64 [lists].
        list_model: int64 [lists].
        list_time: float64 [lists], seconds since 1970 of the first impression, NaN where unknown.
        list_of: int64 [impressions], rising.
        product: int64 [impressions].
        rank: int64 [impressions], from 1.
        score: float64 [impressions], by the model that made the list; NaN where unknown.
        clicked: bool [impressions].
        converted: bool [impressions].
        counts: of events in the store: impressions, those without a list or rank, repeated ones, clicks and
            conversions, and how many of these belong to no list that was shown.
    """

    users: tuple[str, ...]
    models: tuple[str, ...]
    products: tuple[str, ...]
    list_user: Array
    list_model: Array
    list_time: Array
    list_of: Array
    product: Array
    rank: Array
    score: Array
    clicked: Array
    converted: Array
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def lists(self) -> int:
        """How many lists there are."""
        return int(self.list_user.size)

    @property
    def user(self) -> Array:
        """int64 [impressions], who saw it."""
        return np.asarray(self.list_user[self.list_of])

    @property
    def starts(self) -> Array:
        """int64 [lists + 1]: the impressions of list i are `starts[i]:starts[i + 1]`."""
        return np.searchsorted(self.list_of, np.arange(self.lists + 1))


def read_logged_lists(
    store: InteractionStore, since: date | None = None, titles: Mapping[str, str] | None = None
) -> LoggedLists:
    """Reads the lists and what came of them.

    Args:
        store: with impressions.
        since: only lists first shown on this day (UTC) or later; a list without a time is then left out.
        titles: by the app's id, for events that name no title.

    Raises:
        InputError: the store holds no list, or none since that day, or cannot be read.
    """
    with reading(store) as connection:
        connection.execute(_EVENTS, [store.pattern, GOOD_RATING])
        names = connection.execute("SELECT DISTINCT name, by_id FROM events").fetchall()
        shown = [(titles or {}).get(name, name) if by_id else name for name, by_id in names]
        keys = [canonical_title(name) or name for name in shown]
        products = tuple(sorted(set(keys)))
        place = {key: number for number, key in enumerate(products)}
        connection.execute("CREATE TEMP TABLE names (name VARCHAR, by_id BOOLEAN, product BIGINT)")
        if names:
            columns = {
                "name": [name for name, _ in names],
                "by_id": [by_id for _, by_id in names],
                "product": [place[key] for key in keys],
            }
            connection.register("canonical", pa.table(columns))
            connection.execute("INSERT INTO names SELECT name, by_id, product FROM canonical")
        connection.execute(_EVERY)
        connection.execute(_LISTS, [None if since is None else since.isoformat()] * 2)
        connection.execute(_RESULTS)
        connection.execute(_MET)
        lists = connection.execute(
            'SELECT "user", model, epoch_us("time") AS "time" FROM lists ORDER BY number'
        ).fetchall()
        if not lists:
            raise InputError(_nothing(store, since, connection.execute(_IMPRESSIONS).fetchall()[0]))
        found = connection.execute(_OUTCOMES).fetchnumpy()
        counts = dict(connection.execute(_COUNTS).fetchall())
    users = {user: number for number, user in enumerate(dict.fromkeys(user for user, _, _ in lists))}
    models = {model: number for number, model in enumerate(sorted({model for _, model, _ in lists}))}
    times = [np.nan if time is None else time / 1e6 for _, _, time in lists]
    return LoggedLists(
        users=tuple(users),
        models=tuple(models),
        products=products,
        list_user=np.array([users[user] for user, _, _ in lists], np.int64),
        list_model=np.array([models[model] for _, model, _ in lists], np.int64),
        list_time=np.array(times, np.float64),
        list_of=np.asarray(found["number"], np.int64),
        product=np.asarray(found["product"], np.int64),
        rank=np.asarray(found["rank"], np.int64),
        score=np.asarray(found["score"], np.float64),
        clicked=np.asarray(found["clicked"], np.bool_),
        converted=np.asarray(found["converted"], np.bool_),
        counts={name: int(count) for name, count in counts.items()},
    )


def _nothing(store: InteractionStore, since: date | None, found: tuple[int, int]) -> str:
    impressions, usable = found
    if not impressions:
        what = "found none among its events; let the app record what it shows"
    elif not usable:
        what = f"found {impressions:,} without them; let the app record both"
    else:
        what = f"found none since {since}; give an earlier day with --since"
    return f"{store.folder}: expected impressions with a list and a rank, {what}"


_EVENTS = """
    CREATE TEMP TABLE events AS
    SELECT "user", CASE WHEN type IN ('impression', 'click') THEN type ELSE 'conversion' END AS type,
        coalesce(title, product) AS name, title IS NULL AS by_id, "time", model, "rank", score, "list"
    FROM read_parquet(?, hive_partitioning = false)
    WHERE coalesce(title, product) IS NOT NULL AND "user" IS NOT NULL
        AND (type IN ('impression', 'click', 'purchase', 'favorite') OR (type = 'rating' AND "value" >= ?))
"""
_USABLE = 'type = \'impression\' AND "list" IS NOT NULL AND coalesce("rank", 0) >= 1'
_EVERY = f"""
    CREATE TEMP TABLE every AS
    SELECT "user", "list", coalesce(model, '{UNKNOWN_MODEL}') AS model, product,
        min("rank") AS "rank", arg_min(score, "rank") AS score, min("time") AS "time", count(*) AS times
    FROM events JOIN names USING (name, by_id) WHERE {_USABLE} GROUP BY ALL
"""
_LISTS = """
    CREATE TEMP TABLE lists AS
    SELECT *, row_number() OVER (ORDER BY "user", "list", model) - 1 AS number FROM (
        SELECT "user", "list", model, min("time") AS "time" FROM every GROUP BY ALL
        HAVING ?::VARCHAR IS NULL OR min("time") >= ?::TIMESTAMP
    )
"""
_RESULTS = """
    CREATE TEMP TABLE outcomes AS
    SELECT row_number() OVER () AS id, "user", "list", model, product, type
    FROM events JOIN names USING (name, by_id) WHERE type <> 'impression'
"""
_MET = f"""
    CREATE TEMP TABLE met AS
    SELECT DISTINCT o.id, o.type, s.model, s."user", s."list", s.product
    FROM outcomes o JOIN every s
        ON o."user" = s."user" AND o."list" = s."list" AND o.product = s.product
        AND (o.model IS NULL OR o.model = s.model OR s.model = '{UNKNOWN_MODEL}')
"""
_OUTCOMES = """
    SELECT l.number, s.product, s."rank", coalesce(s.score, 'nan'::DOUBLE) AS score,
        coalesce(bool_or(m.type = 'click'), false) AS clicked,
        coalesce(bool_or(m.type = 'conversion'), false) AS converted
    FROM every s JOIN lists l USING ("user", "list", model) LEFT JOIN met m USING ("user", "list", model, product)
    GROUP BY l.number, s.product, s."rank", s.score ORDER BY l.number, s."rank", s.product
"""
_IMPRESSIONS = f"SELECT count(*), count(*) FILTER (WHERE {_USABLE}) FROM events WHERE type = 'impression'"
_COUNTS = f"""
    SELECT 'impressions', count(*) FROM events WHERE type = 'impression'
    UNION ALL
    SELECT 'impressions_without_list_or_rank', count(*) FROM events WHERE type = 'impression' AND NOT ({_USABLE})
    UNION ALL SELECT 'impressions_repeated', coalesce(sum(times - 1), 0) FROM every
    UNION ALL SELECT 'clicks', count(*) FROM outcomes WHERE type = 'click'
    UNION ALL SELECT 'clicks_of_no_list', count(*) FROM outcomes o ANTI JOIN met USING (id) WHERE o.type = 'click'
    UNION ALL SELECT 'conversions', count(*) FROM outcomes WHERE type = 'conversion'
    UNION ALL
    SELECT 'conversions_of_no_list', count(*) FROM outcomes o ANTI JOIN met USING (id) WHERE o.type = 'conversion'
"""
