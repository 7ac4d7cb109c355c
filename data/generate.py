"""Make the sample marketplace: composed dishes, users with hidden tastes, and the dirt that real files have.

Everything is drawn from one seeded generator, so the same arguments give the same bytes; the committed files
are the output of the defaults (numpy 2.1.3). Weights are turned into whole numbers before a draw, so that the
last bit of an ``exp`` on another machine does not change it.

    python data/generate.py            # writes beside this file
    python data/generate.py --check    # exit code 1 if the committed files differ from what it makes
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Dish", "count_dirt", "make_files"]

HERE = Path(__file__).resolve().parent
START = np.datetime64("2025-01-06T00:00:00")
DAYS = 182
SEED, USERS, PRODUCTS = 3, 600, 400
ARRIVALS, SILENT, DELISTED, DUPLICATES, BLANK = 12, 12, 15, 6, 10
UNKNOWN_ROWS, MISSPELT_ROWS = 40, 20
COUNTS = re.compile(r"(?<=<!-- counts -->\n).*(?=<!-- /counts -->)", re.DOTALL)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Dish:
    """A composed dish; the fields after ``ingredients`` stay out of the files, words only hint at them."""

    title: str
    ingredients: tuple[str, ...]
    base: str
    group: str
    technique: str
    style: str
    region: str
    spice: int
    price: int


def pick(rng: np.random.Generator, weights: Floats) -> int:
    """Index drawn with probability proportional to ``weights`` (float64 [n], not all zero)."""
    steps = np.cumsum(np.rint(weights * (1e9 / weights.sum())).astype(np.int64))
    return int(np.searchsorted(steps, rng.integers(steps[-1]), side="right"))


def some(rng: np.random.Generator, among: npt.ArrayLike, size: int) -> list[int]:
    """``size`` distinct entries of ``among`` in drawn order."""
    return [int(i) for i in rng.permutation(np.asarray(among, dtype=np.int64))[:size]]


# -------------------------------------------------------------------------------------------- products


def compose(rng: np.random.Generator, grammar: dict[str, Any], count: int) -> list[Dish]:
    """``count`` distinct dishes; styles are used evenly, then combinations within a style at random."""
    waiting: dict[str, list[tuple[str, str]]] = {}
    for style, (region, _, techniques, _) in grammar["styles"].items():
        waiting[style] = [
            (base, technique)
            for base, (group, _, _) in grammar["bases"].items()
            for technique in techniques
            if (group in grammar["techniques"][technique][1] or base in grammar["techniques"][technique][1])
            and (group == "manis") == (region == "manis")
        ]
        rng.shuffle(waiting[style])
    available = sum(len(pairs) for pairs in waiting.values())
    if count > available:
        raise SystemExit(f"grammar.toml makes {available} dishes, asked for {count}; ask for fewer products")
    dishes: list[Dish] = []
    while len(dishes) < count:
        for style in [style for style, pairs in waiting.items() if pairs]:
            dishes.append(dish(rng, grammar, *waiting[style].pop(), style))
    return [dishes[i] for i in rng.permutation(count)]


def dish(rng: np.random.Generator, grammar: dict[str, Any], base: str, technique: str, style: str) -> Dish:
    """One dish; ingredients: the base's, the technique's, most of the style's, then two from the pantry."""
    group, price, of_base = grammar["bases"][base]
    before, _, of_technique = grammar["techniques"][technique]
    region, spice, _, of_style = grammar["styles"][style]
    words = [technique, base, style] if before else [base, technique, style]
    if rng.random() < 0.2:
        words.append(grammar["flourishes"][rng.integers(len(grammar["flourishes"]))])
    kept = [item for item in of_style if rng.random() < 0.85] or of_style[:1]
    pantry = grammar["sweet_pantry" if group == "manis" else "pantry"]
    plain = [pantry[i] for i in some(rng, range(len(pantry)), 2)]
    items = []
    for item in dict.fromkeys(of_base + of_technique + kept + plain):
        amounts = grammar["pantry_amounts" if item in plain else "amounts"]
        items.append(f"{amounts[rng.integers(len(amounts))]} {item}" if rng.random() < 0.5 else item)
    cost = 1000 * int(price * (1 + 0.1 * spice / 3) + rng.integers(0, 8))
    return Dish(" ".join(words), tuple(items), base, group, technique, style, region, spice, cost)


def product_table(rng: np.random.Generator, grammar: dict[str, Any], dishes: list[Dish]) -> pd.DataFrame:
    """The clean product table, one row per dish, with the optional columns."""
    rows = []
    for number, made in enumerate(dishes, start=1):
        vendors = grammar["vendors"][made.region]
        text = ", ".join(made.ingredients)
        category, vendor = grammar["categories"][made.group], vendors[rng.integers(len(vendors))]
        rows.append((made.title, text, f"{made.title} {text}", f"P{number:03d}", made.price, category, vendor))
    return pd.DataFrame(rows, columns=["Title", "Ingredients", "Combined", "ProductID", "Price", "Category", "Vendor"])


def soil_products(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """Blank ingredients, duplicate products under new ids, odd spacing and letter case in titles."""
    order = some(rng, range(len(table)), BLANK + DUPLICATES)
    ingredients, combined = list(table["Ingredients"]), list(table["Combined"])
    for row in order[:BLANK]:
        ingredients[row], combined[row] = "  " if row % 2 else "", table["Title"].iloc[row]
    table = table.assign(Ingredients=ingredients, Combined=combined)
    copies = table.iloc[order[BLANK:]].copy()
    copies["Title"] = [title.title() if n % 2 else f" {title} " for n, title in enumerate(copies["Title"])]
    copies["ProductID"] = [f"P{len(table) + n:03d}" for n in range(1, DUPLICATES + 1)]
    copies["Price"] += 1000
    table["Title"] = [spoil(rng, title, 0.03, 0.03) for title in table["Title"]]
    return pd.concat([table, copies], ignore_index=True)


# ---------------------------------------------------------------------------------------- interactions


def taste_table(rng: np.random.Generator, grammar: dict[str, Any], dishes: list[Dish]) -> tuple[Floats, Floats]:
    """(float64 [tastes, dishes] choice probabilities, float64 [dishes] popularity); rows sum to one."""
    appeal = np.exp(0.9 * rng.standard_normal(len(dishes)))
    appeal[some(rng, range(len(dishes)), SILENT)] = 0.0  # nobody ever meets these
    scores = np.array(
        [
            [
                2.4 * (made.group in taste["groups"])
                + 1.8 * (made.technique in taste["techniques"])
                + 2.8 * (made.region in taste["regions"])
                - 0.6 * abs(made.spice - taste["spice"])
                for made in dishes
            ]
            for taste in grammar["tastes"].values()
        ]
    )
    # What the words cannot tell: some fitting dishes are loved by a taste and some are not.
    loved = np.exp(scores + 0.6 * rng.standard_normal(scores.shape)) * appeal**0.6
    # A dish that suits several tastes would be everybody's dish; even that out, but not fully.
    loved /= np.maximum(loved.sum(axis=0), 1e-12) ** 0.5
    wanted: Floats = loved / loved.sum(axis=1, keepdims=True)
    return wanted, appeal / appeal.sum()


def user_mixes(rng: np.random.Generator, tastes: int) -> tuple[Floats, Floats]:
    """(mixture at the start, at the end), float64 [tastes]; two users in five swap one taste for another."""
    held = some(rng, range(tastes), 1 + pick(rng, np.array([0.4, 0.4, 0.2])))
    shares = rng.integers(2, 10, size=len(held)).astype(np.float64)
    start, end = np.zeros(tastes), np.zeros(tastes)
    start[held] = shares / shares.sum()
    if rng.random() < 0.4:
        held[int(rng.integers(len(held)))] = some(rng, [t for t in range(tastes) if t not in held], 1)[0]
    end[held] = shares / shares.sum()
    return start, end


def search_text(rng: np.random.Generator, made: Dish) -> str:
    """What somebody types who then finds ``made``: one to three of its words, an ingredient or "pedas"."""
    words = [made.base, made.technique, made.style, made.region if made.region != "manis" else "jajanan"]
    last_of_style = made.ingredients[-3]  # two from the pantry follow it; its amount or "daun" is not typed
    words += ["pedas" if made.spice >= 2 else "tidak pedas", re.sub(r"^\d+ \w+ |^\w+ ", "", last_of_style)]
    return " ".join(words[i] for i in some(rng, range(len(words)), 1 + pick(rng, np.array([0.3, 0.5, 0.2]))))


def user_rows(
    rng: np.random.Generator, user: int, dishes: list[Dish], wanted: Floats, popular: Floats
) -> list[tuple[int, str, str, int, str]]:
    """(user, title, type, second, value) of one user's visits, dishes chosen by a drifting taste."""
    start, end = user_mixes(rng, len(wanted))
    joined = int(rng.integers(0, DAYS // 3))
    visits = np.sort(rng.integers(joined, DAYS - 1, size=5 + pick(rng, np.array([2.0, 3, 3, 2, 1, 1]))))
    rows: list[tuple[int, str, str, int, str]] = []
    liked_before: list[int] = []
    met: set[int] = set()
    for day in visits:
        # Lunch or dinner, in UTC (noon in Jakarta is 05:00).
        second = 86400 * int(day) + 3600 * int(rng.choice([5, 11])) + int(rng.integers(-3600, 7200))
        share = (day - joined) / (DAYS - joined)
        profile = ((1 - share) * start + share * end) @ wanted
        for _ in range(1 + pick(rng, np.array([0.35, 0.4, 0.25]))):
            if liked_before and rng.random() < 0.08:  # the usual, please
                chosen = liked_before[int(rng.integers(len(liked_before)))]
                rows.append((user, dishes[chosen].title, "purchase", second, ""))
                second += int(rng.integers(20, 200))
                continue
            by_taste = rng.random() > 0.12
            weights = (profile if by_taste else popular).copy()
            weights[list(met)] = 0.0
            chosen = pick(rng, weights)
            met.add(chosen)
            good = rng.random() < (0.8 if by_taste else 0.45)
            if good:
                liked_before.append(chosen)
            for kind, value in funnel(rng, good):
                title = search_text(rng, dishes[chosen]) if kind == "search" else dishes[chosen].title
                late = int(rng.integers(7200, 30000)) if kind == "rating" else 0
                rows.append((user, title, kind, second + late, value))
                second += int(rng.integers(5, 200))
    return rows


def funnel(rng: np.random.Generator, good: bool) -> list[tuple[str, str]]:
    """(type, value) rows for one chosen dish: perhaps a search, a look, perhaps an order and a verdict."""
    chance = rng.random(6)
    steps = [("search", "")] if chance[0] < 0.14 else []
    steps.append(("click" if chance[1] < 0.45 else "view", ""))
    if good and chance[2] < 0.16:
        steps.append(("favorite", ""))
    if chance[3] < (0.5 if good else 0.25):
        steps.append(("purchase", ""))
        if chance[4] < 0.5:
            shares = [0.0, 0.03, 0.17, 0.4, 0.4] if good else [0.3, 0.35, 0.25, 0.1, 0.0]
            steps.append(("rating", str(1 + pick(rng, np.array(shares)))))
    return steps


def spoil(rng: np.random.Generator, title: str, spaces: float, case: float) -> str:
    """``title`` with stray white space or odd letter case, each with the given probability, never both."""
    chance, shape = rng.random(), int(rng.integers(3))
    if chance < spaces:
        return [f" {title}", f"{title}  ", title.replace(" ", "  ", 1) + " "][shape]
    return [title.upper(), title.title(), title.capitalize()][shape] if chance < spaces + case else title


def soil_interactions(
    rng: np.random.Generator, table: pd.DataFrame, known: set[str], delisted: list[Dish]
) -> pd.DataFrame:
    """Unknown and misspelt titles, odd spacing and letter case, and exact repeats of 1 % of the rows."""
    titles = list(table["Title"])
    rows = some(rng, np.flatnonzero(table["InteractionType"] != "search"), UNKNOWN_ROWS + MISSPELT_ROWS)
    for row in rows[:UNKNOWN_ROWS]:
        titles[row] = delisted[int(rng.integers(len(delisted)))].title
    for row in rows[UNKNOWN_ROWS:]:
        swaps = [t[:i] + t[i + 1] + t[i] + t[i + 2 :] for t in [titles[row]] for i in range(1, len(t) - 2)]
        swaps = [title for title in swaps if title not in known and "  " not in title and title == title.strip()]
        titles[row] = swaps[int(rng.integers(len(swaps)))]
    soiled = table.assign(Title=[spoil(rng, title, 0.015, 0.02) for title in titles])
    again = some(rng, range(len(table)), len(table) // 100)
    return pd.concat([soiled, soiled.iloc[again]]).sort_values("second", kind="stable", ignore_index=True)


# ----------------------------------------------------------------------------------------------- files


def canonical(title: str) -> str:
    """The form in which titles meet; all words here are ASCII, so that this is enough."""
    return " ".join(title.lower().split())


def count_dirt(products: pd.DataFrame, interactions: pd.DataFrame) -> dict[str, int]:
    """What the data card states, counted on the finished tables (text as ``str``, blanks as ``""``)."""
    keys, search = products["Title"].map(canonical), interactions["InteractionType"] == "search"
    titles = interactions["Title"]
    met = titles[~search].map(canonical)
    counts = {
        "product rows": len(products),
        "distinct products": keys.nunique(),
        "duplicate product rows": int(keys.duplicated().sum()),
        "product rows with blank ingredients": int((products["Ingredients"].str.strip() == "").sum()),
        "product titles with stray spaces": int(
            (products["Title"] != products["Title"].str.split().str.join(" ")).sum()
        ),
        "product titles with capitals": int((products["Title"] != products["Title"].str.lower()).sum()),
        "products without an interaction": len(set(keys) - set(met)),
        "interaction rows": len(interactions),
        "users": interactions["UserID"].nunique(),
    }
    for kind in ("view", "click", "search", "favorite", "purchase", "rating"):
        counts[f"{kind} rows"] = int((interactions["InteractionType"] == kind).sum())
    counts["ratings of 1 or 2"] = int(interactions["Value"].isin(["1", "2"]).sum())
    counts["interaction titles with stray spaces"] = int((titles != titles.str.split().str.join(" ")).sum())
    counts["interaction titles with capitals"] = int((titles != titles.str.lower()).sum())
    counts["exactly repeated rows"] = int(interactions.duplicated().sum())
    counts["rows with an unknown title"] = int((~met.isin(set(keys))).sum())
    counts["rows without a title"] = int((titles.str.strip() == "").sum() + (products["Title"].str.strip() == "").sum())
    return counts


def make_files(seed: int = SEED, users: int = USERS, products: int = PRODUCTS) -> dict[str, bytes]:
    """File name -> bytes of the sample; with the defaults also the data card: its prose with new counts.

    Raises:
        SystemExit: the grammar cannot make that many products.
    """
    grammar = tomllib.loads((HERE / "grammar.toml").read_text("utf-8"))
    rng = np.random.default_rng(seed)
    made = compose(rng, grammar, products + ARRIVALS + DELISTED)
    dishes, arriving, delisted = (
        made[:products],
        made[products : products + ARRIVALS],
        made[products + ARRIVALS :],
    )
    clean = product_table(rng, grammar, dishes)
    wanted, popular = taste_table(rng, grammar, dishes)
    rows = [row for user in range(1, users + 1) for row in user_rows(rng, user, dishes, wanted, popular)]
    log = pd.DataFrame(rows, columns=["UserID", "Title", "InteractionType", "second", "Value"])
    log = soil_interactions(rng, log, {canonical(made.title) for made in dishes}, delisted)
    stamps = np.datetime_as_string(START + log["second"].to_numpy().astype("timedelta64[s]"), unit="s")
    log.insert(3, "Timestamp", [f"{stamp}Z" for stamp in stamps])
    tables = {
        "product3.csv": soil_products(rng, clean),
        "user3.csv": log.drop(columns="second"),
        "arrivals.csv": product_table(rng, grammar, arriving)[["Title", "Ingredients", "Combined"]],
    }
    files = {name: table.to_csv(index=False, lineterminator="\n").encode() for name, table in tables.items()}
    if (seed, users, products) == (SEED, USERS, PRODUCTS):  # the card describes no other sample
        counts = count_dirt(tables["product3.csv"], tables["user3.csv"])
        lines = "| what | count |\n|---|---:|\n" + "".join(f"| {what} | {n:,} |\n" for what, n in counts.items())
        files["README.md"] = COUNTS.sub(lambda _: lines, (HERE / "README.md").read_text("utf-8")).encode()
    return files


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or with ``--check`` compare them; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE, help="directory to write to or to check")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--users", type=int, default=USERS)
    parser.add_argument("--products", type=int, default=PRODUCTS, help="distinct products, before duplicate rows")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    options = parser.parse_args(arguments)
    files = make_files(options.seed, options.users, options.products)
    if options.check:
        stale = [
            n for n, text in files.items() if not (options.out / n).exists() or (options.out / n).read_bytes() != text
        ]
        for name in stale:
            print(f"{options.out / name}: differs from what generate.py makes; run it again without --check")
        return 1 if stale else 0
    options.out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (options.out / name).write_bytes(text)
        print(f"{name}: {len(text):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
