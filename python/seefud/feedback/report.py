"""Everything that `seefud feedback` says of a store, and the gate on a new model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np

from seefud.columns import ColumnNames
from seefud.errors import InputError
from seefud.feedback.logged_lists import read_logged_lists
from seefud.feedback.position_bias import PositionBias, position_bias
from seefud.feedback.rates import ModelRates, rates_of_lists, rates_of_models
from seefud.feedback.replay import Replay, replay
from seefud.sources import Source
from seefud.store.folder import InteractionStore

__all__ = ["LIMITS_OF_RATES", "LIMITS_OF_REPLAY", "Feedback", "Refuse", "read_feedback", "refusal"]

Refuse = Literal["worse", "undecided"]
"""What a new model is refused for: being worse, or not being better."""

LIMITS_OF_RATES = (
    "Rates of two models differ by their people and days too, unless the app gave models to people at random.",
)
LIMITS_OF_REPLAY = (
    "It compares the order of products that old and new lists both hold; of those that only the new list holds, the "
    "log says nothing.",
    "It holds if clicks follow the position-based model: a look by rank, then a liking that no neighbour changes.",
    "The new model must not have learnt from the clicks it is tried on: keep to lists shown after its training by "
    "--since.",
)


@dataclass(frozen=True)
class Feedback:
    """What came of the lists in a store.

    Attributes:
        store: its folder.
        since: the first day of the lists, where one was asked for.
        counts: see `LoggedLists.counts`.
        people: who were shown a list.
        overall: rates of all lists.
        models: rates of each model.
        bias: examination by rank.
        new_model: id of the model that was tried.
        replay: of the new model.
    """

    store: str
    since: date | None
    counts: dict[str, int]
    people: int
    overall: ModelRates
    models: tuple[ModelRates, ...]
    bias: PositionBias
    new_model: str | None
    replay: Replay | None

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out, and what the figures do not say."""
        found = []
        for name, text in (
            ("impressions_without_list_or_rank", "impressions without a list or a rank were left out"),
            ("clicks_of_no_list", "clicks belong to no shown list and count nowhere here"),
            ("conversions_of_no_list", "purchases, favorites and good ratings belong to no shown list"),
        ):
            if count := self.counts.get(name, 0):
                found.append(f"{count:,} {text}.")
        if len(self.models) > 1:
            found += LIMITS_OF_RATES
        if self.bias.unit == "product":
            found.append(
                "Examination rests on products shown to different people at different ranks, which mixes taste with "
                "position: the fall is likely less steep than this."
            )
        if self.replay is not None:
            found += LIMITS_OF_REPLAY
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``."""
        return {
            "store": self.store,
            "since": None if self.since is None else self.since.isoformat(),
            "counts": self.counts,
            "people": self.people,
            "overall": self.overall.to_json(),
            "models": [each.to_json() for each in self.models],
            "position_bias": self.bias.to_json(),
            "new_model": self.new_model,
            "replay": None if self.replay is None else self.replay.to_json(),
            "notes": list(self.notes),
        }


def read_feedback(
    folder: Path,
    *,
    model: Path | None = None,
    k: int = 10,
    since: date | None = None,
    against: str | None = None,
    products: Source | None = None,
    columns: ColumnNames | None = None,
) -> Feedback:
    """Reads a store and, if a model is given, tries it on the lists.

    Args:
        folder: an interaction store.
        model: a new `.tflite`.
        k: ranks that count in the replay.
        since: only lists shown on this day (UTC) or later; what people did before still makes their profiles.
        against: replay only the lists of this model.
        products: a catalogue that says which title an app's product id has, for events that name the id only.
        columns: names of its columns.

    Raises:
        InputError: the folder is no store, it holds no list, or none of model `against`.
        BundleError: the model file cannot be trusted.
    """
    store = InteractionStore.open(folder)
    recommender = None
    if model is not None:
        from seefud.recommender import Recommender

        recommender = Recommender.open(model)
    titles: Mapping[str, str] = {}
    if products is not None:
        from seefud.catalogue import read_catalogue

        titles = read_catalogue(products, columns).titles_by_id
    lists = read_logged_lists(store, since, titles)
    bias = position_bias(lists)
    tried = None
    if recommender is not None:
        from seefud.feedback.reranking import lists_to_replay, rank_anew

        new = rank_anew(recommender, store, lists, lists_to_replay(lists, against), titles)
        tried = replay(lists, new, bias, k)
    return Feedback(
        str(folder),
        since,
        lists.counts,
        len(lists.users),
        rates_of_lists(lists, np.ones(lists.lists, np.bool_)),
        rates_of_models(lists),
        bias,
        None if recommender is None else str(recommender.bundle.document["model_id"]),
        tried,
    )


def refusal(feedback: Feedback, refuse: Refuse) -> str | None:
    """Why the new model is refused, or None if it is not.

    Args:
        feedback: with a replay.
        refuse: `worse`, or `undecided` to let only a better one pass.

    Raises:
        InputError: no model was tried.
    """
    found = feedback.replay
    if found is None:
        raise InputError("--refuse: expected a new model to judge, found none; give it with --model")
    if found.verdict == "better" or (found.verdict == "not decided" and refuse == "worse"):
        return None
    expected = "a model that is surely better" if refuse == "undecided" else "a model that is not surely worse"
    change = found.difference
    figures = ""
    if change.value is not None and change.low is not None and change.high is not None:
        figures = f" ({change.value:+.4f} clicks@{found.k} per list, {change.low:+.4f} to {change.high:+.4f})"
    return (
        f"model {feedback.new_model}: --refuse {refuse}: expected {expected}, found: {found.verdict}{figures}, "
        f"{found.reason}; keep the old model, or collect more"
    )
