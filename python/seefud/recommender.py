"""Ranks products with the shipped file itself: what the phone does, in Python. Does not import TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from seefud.arrays import Array
from seefud.errors import InputError
from seefud.recommendation import Product, Profile, Reason, Recommendation
from seefud.text import TokenVocabulary, canonical_title
from seefud.titles import TitleIndex
from seefud_converter.bundle import Bundle, read_bundle
from seefud_converter.new_products import NewProducts
from seefud_converter.ranking import top_k
from seefud_converter.runtime import Runtime

__all__ = ["Product", "Profile", "Reason", "Recommendation", "Recommender"]


@dataclass(frozen=True)
class _Source:
    kind: str
    text: str
    row: int
    vector: Array  # weighted


@dataclass
class Recommender:
    """A loaded file, ready to rank.

    Attributes:
        runtime: the interpreter of the file.
        bundle: the file's vocabularies and metadata.
        warnings: what a person should know about the last profile, such as an unknown title.
    """

    runtime: Runtime
    bundle: Bundle
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path | str, threads: int = 1) -> Recommender:
        """Reads and checks the file.

        Raises:
            seefud_converter.errors.BundleError: the file cannot be trusted; the message says why.
        """
        bundle = read_bundle(Path(path))
        return cls(Runtime.open(bundle, threads=threads), bundle)

    @cached_property
    def index(self) -> dict[str, int]:
        """Canonical title to row."""
        return {canonical_title(title): row for row, title in enumerate(self.bundle.products)}

    @cached_property
    def vocabulary(self) -> TokenVocabulary:
        """The file's tokens."""
        return TokenVocabulary(tuple(self.bundle.tokens), bool(self.bundle.document["text"]["bigrams"]))

    @cached_property
    def _titles(self) -> TitleIndex:
        return TitleIndex(self.bundle.products)

    def row(self, title: str) -> int | None:
        """The row of a title, whatever its letter case and spacing."""
        return self.index.get(canonical_title(title))

    def known_row(self, title: str) -> int:
        """The row of a title that must be known.

        Raises:
            InputError: it is not; the message names the nearest titles.
        """
        row = self.row(title)
        if row is None:
            raise InputError(self._unknown(title))
        return row

    def text_vector(self, title: str, ingredients: str = "") -> Array:
        """Unit vector float32 [D] of a text; zeros if no word is known.

        The tokens are in vocabulary order, so that of a text with more than T known tokens the most common ones
        are kept, and the warnings say so.
        """
        return self._embedded(title, ingredients)[0]

    def _embedded(self, title: str, ingredients: str) -> tuple[Array, int]:
        """The vector of a text, and how many known tokens it was made of."""
        ids = self.vocabulary.ids(title, ingredients)
        limit = self.runtime.sizes.text_length
        if len(ids) > limit:
            self.warnings.append(f"{title!r}: {len(ids)} known words, of which the {limit} most common are used")
        return np.asarray(self.runtime.embed_text(ids[:limit])), len(ids[:limit])

    def recommend(
        self,
        profile: Profile,
        k: int = 20,
        *,
        candidates: Sequence[Product] = (),
        exclude: Sequence[str] = (),
        only: Sequence[str] | None = None,
        explain: bool = False,
    ) -> list[Recommendation]:
        """The k best products; what the profile likes is left out.

        Args:
            profile: likings and searches; an empty one ranks by the prior.
            k: list length.
            candidates: products to rank along with the file's own; one that the file knows keeps its row, and one
                that is liked is left out. Those without a row find their places by the file's rule for mixing, so
                that the list need not be sorted by score.
            exclude: titles to leave out, of the file or of `candidates`.
            only: if given, nothing but these titles is ranked (and `candidates`).
            explain: whether to give reasons.

        Raises:
            InputError: k is below 1, weights of another length, or a title in `exclude` or `only` that neither the file
                nor `candidates` hold.
        """
        if k < 1:
            raise InputError(f"k is {k}; ask for at least 1 product")
        sources = self._sources(profile)
        vector = self._sum(sources)
        scores = self.runtime.score(vector)
        left_out = {source.row for source in sources if source.row >= 0}
        offered = {canonical_title(product.title) for product in candidates}
        left_out |= self._known_rows(exclude, offered)
        if only is not None:
            allowed = self._known_rows([*only, *(product.title for product in candidates)], offered)
            left_out.update(set(range(self.runtime.sizes.products)) - allowed)
        ranking = top_k(scores, k, np.array(sorted(left_out), np.int32))
        found = [
            self._recommendation(self.bundle.products[row], int(row), float(score))
            for row, score in zip(ranking.rows, ranking.scores, strict=True)
        ]
        gone = {canonical_title(title) for title in exclude}
        gone |= {canonical_title(source.text) for source in sources if source.kind == "liked"}
        new = [product for product in candidates if canonical_title(product.title) not in gone]
        known, unseen = self._both(found, new, sources, vector, explain)
        scores_of_known, scores_of_unseen = ([each.score for each in part] for part in (known, unseen))
        rule = NewProducts.of(self.bundle.document)
        order = rule.mixed(scores_of_known, scores_of_unseen, k, lifted=bool(vector.any()))
        return [known[place] if place >= 0 else unseen[-1 - place] for place in order]

    def rank(self, profile: Profile, products: Sequence[Product], *, explain: bool = False) -> list[Recommendation]:
        """Ranks exactly these products, known or not; ties keep rows first, then the given order."""
        sources = self._sources(profile)
        vector = self._sum(sources)
        scores = self.runtime.score(vector)
        rows = {self.row(product.title) for product in products}
        known = [
            self._recommendation(self.bundle.products[row], row, float(scores[row]))
            for row in sorted(row for row in rows if row is not None)
        ]
        both = self._both(known, products, sources, vector, explain)
        return sorted([*both[0], *both[1]], key=_by_score)  # stable: a tie goes to the product with a row

    def search(self, text: str, k: int = 20) -> list[Recommendation]:
        """Products by a text, such as what a person typed.

        Raises:
            InputError: no word of the text is known.
        """
        vector = self.text_vector(text)
        if not vector.any():
            raise InputError(f"search {text!r}: no word of it is in the model's vocabulary; try other words")
        return self.recommend(Profile(searched=[text]), k)

    def similar(self, title: str, k: int = 20) -> list[Recommendation]:
        """Products like a product of the catalogue, or like a product by its text (``"title | ingredients"``)."""
        row = self.row(title)
        if row is None and "|" not in title:
            raise InputError(self._unknown(title))
        return self.recommend(Profile(liked=[title if row is not None else Product.parse(title)]), k)

    def probability(self, score: float) -> float:
        """Calibrated probability of an interaction: ``ceiling / (1 + exp(-(slope * score + intercept)))``."""
        calibration = self.bundle.document["calibration"]
        line = calibration["slope"] * score + calibration["intercept"]
        return float(calibration["ceiling"] / (1.0 + np.exp(-line)))

    def _unknown(self, title: str) -> str:
        near = self._titles.suggest(title)
        hint = f"did you mean {', '.join(repr(each) for each in near)}?" if near else "see seefud search for titles"
        return f"title {title!r} is not in the model; {hint}"

    def _sources(self, profile: Profile) -> list[_Source]:
        self.warnings.clear()
        weights = [1.0] * len(profile.liked) if profile.weights is None else list(profile.weights)
        if len(weights) != len(profile.liked):
            raise InputError(f"weights: expected {len(profile.liked)}, one per liked product, found {len(weights)}")
        given = profile.search_weights
        of_searches = [profile.search_weight] * len(profile.searched) if given is None else list(given)
        if len(of_searches) != len(profile.searched):
            found = len(of_searches)
            raise InputError(f"search_weights: expected {len(profile.searched)}, one per search, found {found}")
        sources: list[_Source] = []
        rows = [self.row(each if isinstance(each, str) else each.title) for each in profile.liked]
        stored = iter(self.runtime.embed_products([row for row in rows if row is not None]))
        for liked, row, weight in zip(profile.liked, rows, weights, strict=True):
            title, ingredients = (liked, "") if isinstance(liked, str) else (liked.title, liked.ingredients)
            if row is not None:
                sources.append(_Source("liked", self.bundle.products[row], row, next(stored) * np.float32(weight)))
                continue
            vector = self.text_vector(title, ingredients)
            if not vector.any():
                self.warnings.append(f"{self._unknown(title)} (it is ignored: no word of it is known)")
            elif isinstance(liked, str):
                self.warnings.append(f"{self._unknown(title)} (its words are used)")
            sources.append(_Source("liked", title, -1, vector * np.float32(weight)))
        for text, weight in zip(profile.searched, of_searches, strict=True):
            vector = self.text_vector(text)
            if not vector.any():
                self.warnings.append(f"search {text!r}: no word of it is known, so it is ignored")
            sources.append(_Source("search", text, -1, vector * np.float32(weight)))
        return sources

    def _sum(self, sources: Sequence[_Source]) -> Array:
        total = np.zeros(self.runtime.sizes.dimension, np.float32)
        for source in sources:
            total += source.vector
        return total

    def _known_rows(self, titles: Sequence[str], offered: set[str]) -> set[int]:
        """The rows of titles; those of candidates may have none, any other must."""
        rows = {self.row(title) if canonical_title(title) in offered else self.known_row(title) for title in titles}
        return {row for row in rows if row is not None}

    def _both(
        self,
        known: Sequence[Recommendation],
        products: Sequence[Product],
        sources: Sequence[_Source],
        profile: Array,
        explain: bool,
    ) -> tuple[list[Recommendation], list[Recommendation]]:
        """Known products as they came, and those of `products` that have no row, best first."""
        new = [product for product in products if self.row(product.title) is None]
        texts = [self._embedded(product.title, product.ingredients) for product in new]
        vectors = [vector for vector, _ in texts]
        unseen = np.array(vectors, np.float32).reshape(-1, self.runtime.sizes.dimension)
        scores = self.runtime.score_cold(profile, unseen, [count for _, count in texts])
        cold = [
            self._recommendation(product.title, None, float(score), known=bool(vector.any()))
            for product, vector, score in zip(new, vectors, scores, strict=True)
        ]
        if explain and known:
            stored = self.runtime.embed_products([entry.row for entry in known if entry.row is not None])
            known = [self._explained(*pair, sources, profile) for pair in zip(known, stored, strict=True)]
        if explain:
            cold = [self._explained(*pair, sources, profile) for pair in zip(cold, vectors, strict=True)]
        return list(known), sorted(cold, key=_by_score)  # stable: a tie goes to the one given first

    def _recommendation(self, title: str, row: int | None, score: float, known: bool = True) -> Recommendation:
        return Recommendation(title, row, score, self.probability(score), known)

    def _explained(
        self,
        entry: Recommendation,
        vector: Array,
        sources: Sequence[_Source],
        profile: Array,
    ) -> Recommendation:
        length = float(np.linalg.norm(profile)) or 1.0
        reasons = [Reason(source.kind, source.text, float(source.vector @ vector) / length) for source in sources]
        # The rest is the prior, and the last digits of the int8 arithmetic.
        rest = entry.score - sum(reason.share for reason in reasons)
        kind = "prior" if entry.row is not None else "cold prior"
        reasons.append(Reason(kind, "popularity" if entry.row is not None else "a new product", rest))
        reasons.sort(key=lambda reason: -reason.share)
        return Recommendation(entry.title, entry.row, entry.score, entry.probability, entry.known, tuple(reasons))


def _by_score(entry: Recommendation) -> float:
    return -entry.score
