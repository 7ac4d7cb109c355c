"""The rules of the profile on data with stars and times: does recency help, and how much is a dislike worth?

usage: python benchmarks/profile_rules.py [--ratings u.data] [--json]

MovieLens 100K has what the copy of it beside the project lacks: stars and times, in its file `u.data`. Each user's
ratings are cut in time: the first 70 % train the model and are the log; what was liked (4 or 5 stars) in the next 15 %
chooses the rules (validation); the last 15 %, with the first 85 % as the log, is looked at once (holdout). The lists
are those of the built file, the profile is `seefud.event_profile`'s, and what the user rated before is in no list.

A rule is taken over the plain one (no recency, dislikes count 0) if its paired gain in NDCG@20 on validation is above
one standard error. The weights of the types are a choice: these data know ratings only.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from builds import build_with_cli
from data_sets import SHARED, DataSet, data_set
from program import Report, SkippedError, Table, note, run_program

if TYPE_CHECKING:
    from seefud.event_profile import Event, ProfileRules
    from seefud.recommender import Recommender

TRAIN, VALIDATION = 0.70, 0.85
DISLIKES = (0.0, 0.25, 0.5, 1.0)
LENGTH = 20
LIKED, DISLIKED = 4, 2
SECOND = 1000


def main() -> int:
    """Builds from the first part of the ratings, and prints."""
    return run_program(__doc__, measure, _arguments)


def _arguments(parser: argparse.ArgumentParser) -> None:
    default = SHARED / "ml-100k" / "u.data"
    parser.add_argument("--ratings", type=Path, default=default, help="u.data of MovieLens 100K (user item stars time)")


@dataclass(frozen=True)
class Case:
    """One user: the log, and what came after it.

    Attributes:
        log: ratings as events, in time order.
        liked: titles with 4 or 5 stars.
        disliked: titles with 1 or 2 stars.
    """

    log: Sequence[Event]
    liked: frozenset[str]
    disliked: frozenset[str]


@dataclass(frozen=True)
class Figures:
    """Per user: recall and NDCG of what was liked later, and the share of the list that was disliked later."""

    recall: Sequence[float]
    ndcg: Sequence[float]
    disliked: Sequence[float]

    def to_json(self) -> dict[str, float]:
        """Means over the users."""
        return {name: _mean(values) for name, values in vars(self).items()}

    def gain(self, plain: Figures) -> tuple[float, float]:
        """Paired difference in NDCG to another rule, and its standard error."""
        differences = [a - b for a, b in zip(self.ndcg, plain.ndcg, strict=True)]
        mean = _mean(differences)
        spread = sum((each - mean) ** 2 for each in differences) / (len(differences) - 1)
        return mean, math.sqrt(spread / len(differences))


def measure(options: argparse.Namespace) -> Report:
    """All rules on validation, the chosen and the plain one on the holdout.

    Raises:
        SkippedError: the ratings are not here.
    """
    if not options.ratings.is_file():
        raise SkippedError(
            f"{options.ratings.name} of MovieLens 100K not found; get it from grouplens.org/datasets/movielens/100k "
            "and put it beside user3.csv of ml-100k, or name it with --ratings"
        )
    data = data_set("ml-100k")
    ratings = read_ratings(options.ratings, titles(data.products))
    with tempfile.TemporaryDirectory() as folder:
        train = Path(folder) / "train.csv"
        write_training(ratings, train)
        note("building from the first 70 % of each user's ratings")
        out = Path(folder) / "model"
        build_with_cli(DataSet("ml-100k ratings", data.products, train, None), out)
        from seefud.event_profile import ProfileRules
        from seefud.recommender import Recommender

        recommender = Recommender.open(out / "seefud.tflite")
        plain = ProfileRules(dislike=0.0, recency=False)
        rules = [replace(plain, dislike=d, recency=r) for r, d in itertools.product((False, True), DISLIKES)]
        validation = cases(ratings, TRAIN, VALIDATION)
        found = [figures(recommender, validation, each) for each in rules]
        gains = [each.gain(found[0]) for each in found]
        best = max(range(len(rules)), key=lambda place: gains[place][0])
        chosen = rules[best] if gains[best][0] > gains[best][1] else plain
        holdout = cases(ratings, VALIDATION, 1.0)
        last = [(each, figures(recommender, holdout, each)) for each in (plain, chosen)]
    default = ProfileRules()
    notes = [
        f"chosen: {_name(chosen)}; the defaults are {_name(default)}",
        f"{len(validation)} users on validation, {len(holdout)} on the holdout",
    ]
    return Report(
        [
            _table("validation", list(zip(rules, found, strict=True)), found[0]),
            _table("holdout, looked at once", last, last[0][1]),
        ],
        {
            "validation": {_name(rule): each.to_json() for rule, each in zip(rules, found, strict=True)},
            "holdout": {_name(rule): each.to_json() for rule, each in last},
            "chosen": _name(chosen),
        },
        notes,
    )


def titles(products: Path) -> list[str]:
    """Of the catalogue, in its order, which is that of MovieLens' item numbers."""
    with products.open(encoding="utf-8", newline="") as file:
        return [row["Title"] for row in csv.DictReader(file)]


def read_ratings(path: Path, names: Sequence[str]) -> dict[str, list[Event]]:
    """Events by user, in time order (ties as in the file).

    Raises:
        SkippedError: an item is not in the catalogue, so this is another data set.
    """
    from seefud.event_profile import Event

    users: dict[str, list[Event]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        user, item, stars, time = line.split()
        if not 1 <= int(item) <= len(names):
            raise SkippedError(f"{path.name}: item {item} is not among the {len(names)} of product3.csv")
        if user != "0":  # some courses add themselves
            event = Event("rating", int(time) * SECOND, names[int(item) - 1], value=int(stars))
            users.setdefault(user, []).append(event)
    for events in users.values():
        events.sort(key=lambda event: event.time)
    return users


def write_training(ratings: dict[str, list[Event]], path: Path) -> None:
    """The first part of each user's ratings, for `seefud build`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("UserID", "Title", "InteractionType", "Timestamp", "Value"))
        for user, events in ratings.items():
            for event in events[: int(TRAIN * len(events))]:
                table.writerow((user, event.title, event.type, event.time // SECOND, event.value))


def cases(ratings: dict[str, list[Event]], start: float, end: float) -> list[Case]:
    """Users who liked something in the part of their time between two shares."""
    found = []
    for events in ratings.values():
        log, later = events[: int(start * len(events))], events[int(start * len(events)) : int(end * len(events))]
        known = {event.title for event in log}
        new = [event for event in later if event.title not in known and event.value is not None]
        liked = frozenset(str(event.title) for event in new if (event.value or 0) >= LIKED)
        disliked = frozenset(str(event.title) for event in new if (event.value or 0) <= DISLIKED)
        if liked:
            found.append(Case(log, liked, disliked))
    return found


def figures(recommender: Recommender, users: Sequence[Case], rules: ProfileRules) -> Figures:
    """Ranks for every user."""
    from seefud.event_profile import profile_of

    recall, ndcg, disliked = [], [], []
    for case in users:
        top = [each.title for each in recommender.recommend(profile_of(case.log, rules), LENGTH)]
        hits = [1 / math.log2(place + 2) for place, title in enumerate(top) if title in case.liked]
        perfect = sum(1 / math.log2(place + 2) for place in range(min(LENGTH, len(case.liked))))
        recall.append(len(hits) / len(case.liked))
        ndcg.append(sum(hits) / perfect)
        disliked.append(sum(title in case.disliked for title in top) / LENGTH)
    note(f"{_name(rules)}: NDCG@{LENGTH} {_mean(ndcg):.4f}")
    return Figures(recall, ndcg, disliked)


def _table(title: str, rows: Sequence[tuple[ProfileRules, Figures]], plain: Figures) -> Table:
    header = ("rules", f"recall@{LENGTH}", f"NDCG@{LENGTH}", "gain", "standard error", "disliked later")
    cells = []
    for rule, each in rows:
        gain, error = each.gain(plain)
        means = each.to_json()
        cells.append(
            (
                _name(rule),
                f"{means['recall']:.4f}",
                f"{means['ndcg']:.4f}",
                f"{gain:.4f}",
                f"{error:.4f}",
                f"{means['disliked']:.4f}",
            )
        )
    return Table(title, header, cells)


def _name(rules: ProfileRules) -> str:
    return f"{'recency' if rules.recency else 'no recency'}, dislike {rules.dislike:g}"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    sys.exit(main())
