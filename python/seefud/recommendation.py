"""What a recommender is asked and what it answers: profiles, products, recommendations and their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seefud.errors import InputError

__all__ = ["Product", "Profile", "Reason", "Recommendation"]


@dataclass(frozen=True)
class Product:
    """A product by its text, known to the model or not; from the command line as ``"title | ingredients"``."""

    title: str
    ingredients: str = ""

    @classmethod
    def parse(cls, text: str) -> Product:
        """Splits ``"title | ingredients"`` at the first bar."""
        title, _, ingredients = text.partition("|")
        if not title.strip():
            raise InputError(f'product {text!r}: the title is empty; write "title | ingredients"')
        return cls(title.strip(), ingredients.strip())


@dataclass(frozen=True)
class Profile:
    """What is known of a person.

    Attributes:
        liked: titles, or products by their text; each with weight 1 unless `weights` says otherwise.
        searched: texts.
        weights: of `liked`, same length; None for 1 each. A negative one pushes away; whatever its weight, what is
            listed here is not recommended.
        search_weight: of every search, unless `search_weights` says otherwise.
        search_weights: of `searched`, same length; None for `search_weight` each.
    """

    liked: Sequence[str | Product] = ()
    searched: Sequence[str] = ()
    weights: Sequence[float] | None = None
    search_weight: float = 1.0
    search_weights: Sequence[float] | None = None


@dataclass(frozen=True)
class Reason:
    """One history item's, search's or the prior's share of a score; the shares sum to the score."""

    kind: str
    text: str
    share: float


@dataclass(frozen=True)
class Recommendation:
    """One ranked product.

    Attributes:
        title: display title.
        row: its row in the file; None for a product that the model never saw.
        score: cosine with the profile plus the prior.
        probability: calibrated probability of an interaction.
        known: False if neither a row nor a known token says anything about it.
        reasons: shares of the score, largest first; empty unless they were asked for.
    """

    title: str
    row: int | None
    score: float
    probability: float
    known: bool = True
    reasons: tuple[Reason, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A value for ``json.dumps``."""
        entry: dict[str, Any] = {
            "title": self.title,
            "row": self.row,
            "score": self.score,
            "probability": self.probability,
            "known": self.known,
        }
        if self.reasons:
            entry["reasons"] = [vars(reason) for reason in self.reasons]
        return entry
