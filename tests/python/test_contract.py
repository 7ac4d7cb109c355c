"""One contract, every implementation: the model in NumPy, the SavedModel, and the files, through both of their ways.

Each class below says how one implementation ranks; `RankingContract` says what must be true of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from python.conftest import Built
from seefud.model import Kind, Model, PopularityPrior
from seefud.ranking import ranked_lists
from seefud.saved_model import load_tables
from seefud_converter.convert import convert_bundle
from seefud_converter.runtime import Runtime
from seefud_converter.saved_model import open_saved_model

K = 10


class RankingContract:
    """What every implementation owes; a subclass overrides `rank`, `products` and perhaps `tolerance`."""

    products: int
    titles: Sequence[str]
    counts: Sequence[int]
    tolerance = 1e-5

    def rank(self, history: Sequence[int]) -> tuple[list[int], list[float]]:
        """The first `K` rows with their scores for a history, of which -1 is an unknown product."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def _facts(self, built: Built) -> None:
        runtime = Runtime.open(built.model)
        assert runtime.bundle is not None
        self.titles = runtime.bundle.products
        self.products = len(self.titles)
        liked = [built.market.titles[dish] for dishes in built.market.liked for dish in dishes]
        self.counts = [liked.count(title) for title in self.titles]
        self.kitchens = [built.market.kitchen_of(title) for title in self.titles]

    @pytest.mark.parametrize("history", [[], [0], [3, 17], list(range(12)), [5, 5, 5], [-1]])
    def test_gives_k_products_each_once(self, history: list[int]) -> None:
        rows, scores = self.rank(history)
        assert len(rows) == len(scores) == len(set(rows)) == K
        assert all(0 <= row < self.products for row in rows)

    @pytest.mark.parametrize("history", [[], [0], [3, 17], list(range(12))])
    def test_scores_fall_and_ties_go_to_the_lower_row(self, history: list[int]) -> None:
        rows, scores = self.rank(history)
        assert np.isfinite(scores).all()
        for (row, score), (after, less) in zip(
            zip(rows, scores, strict=True), list(zip(rows, scores, strict=True))[1:], strict=False
        ):
            assert (score, -row) > (less, -after)

    @pytest.mark.parametrize("history", [[0], [3, 17], list(range(40)), [5, 5, 5], [7, -1]])
    def test_nothing_that_is_liked_comes_back(self, history: list[int]) -> None:
        assert not set(self.rank(history)[0]) & set(history)

    def test_an_unknown_product_counts_for_nothing(self) -> None:
        rows, scores = self.rank([-1, 3, -1, 17])
        expected, values = self.rank([3, 17])
        assert rows == expected
        assert scores == pytest.approx(values, abs=1e-6)

    @pytest.mark.parametrize("history", [[], [-1], [-1, -1]])
    def test_nobody_gets_the_most_popular_products(self, history: list[int]) -> None:
        """Rows are ordered by falling count, and ties of the prior go to the lower row."""
        rows, _ = self.rank(history)
        assert rows == list(range(K))
        assert [self.counts[row] for row in rows] == sorted(self.counts, reverse=True)[:K]

    def test_a_repeated_product_weighs_more(self) -> None:
        """One dish of each of two kitchens: the list leans to the one that is repeated."""
        one = next(row for row, kitchen in enumerate(self.kitchens) if kitchen == "laut")
        other = next(row for row, kitchen in enumerate(self.kitchens) if kitchen == "manis")
        leaning = self.rank([one, one, one, other])[0]
        assert [self.kitchens[row] for row in leaning].count("laut") > K / 2

    @pytest.mark.parametrize("kitchen", ["laut", "kebun", "manis", "daging"])
    def test_the_dishes_of_a_kitchen_lead_to_each_other(self, kitchen: str) -> None:
        own = [row for row, of in enumerate(self.kitchens) if of == kitchen]
        rows, _ = self.rank(own[:3])
        assert [self.kitchens[row] for row in rows].count(kitchen) >= K - 1

    def test_agrees_with_the_definition(self, built: Built) -> None:
        """`(h / |h|) . e + prior`, written out in Python on the trained tables."""
        table, _ = load_tables(built.folder / "saved_model")
        gain = built.report["file"]["prior"]["gain"]
        for history in ([0], [3, 17], [1, 1, 2], []):
            profile = sum((table[row, :-1].astype(float) for row in history), np.zeros(table.shape[1] - 1))
            length = float(np.sqrt((profile**2).sum())) or 1.0
            rows, scores = self.rank(history)
            expected = [float(sum(profile / length * table[row, :-1]) + gain * float(table[row, -1])) for row in rows]
            assert scores == pytest.approx(expected, abs=self.tolerance)


class TestModelInNumpy(RankingContract):
    """`seefud.model.Model` under the ranking of the evaluation."""

    @pytest.fixture(autouse=True)
    def _open(self, built: Built) -> None:
        table, tokens = load_tables(built.folder / "saved_model")
        gain = built.report["file"]["prior"]["gain"]
        prior = table[:, -1] * np.float32(gain)
        self.model = Model(Kind.HYBRID, table[:, :-1], prior, tokens, PopularityPrior())

    def rank(self, history: Sequence[int]) -> tuple[list[int], list[float]]:
        known = [row for row in history if row >= 0]
        places = (np.zeros(len(known), np.int64), np.array(known, np.int64))
        matrix = sp.csr_matrix((np.ones(len(known), np.float32), places), shape=(1, len(self.model.rows)))
        scores = self.model.scores(matrix)
        rows = ranked_lists(lambda users: scores[users], matrix, np.array([0]), K)[0]
        return rows.tolist(), scores[0, rows].tolist()


class TestSavedModel(RankingContract):
    """The `recommend` signature of the SavedModel."""

    @pytest.fixture(autouse=True)
    def _open(self, saved_model_runtime: Runtime) -> None:
        self.runtime = saved_model_runtime

    def rank(self, history: Sequence[int]) -> tuple[list[int], list[float]]:
        found = self.runtime.recommend_in_graph(history)
        return found.rows[:K].tolist(), found.scores[:K].tolist()


class _File(RankingContract):
    """A file through `score` and the ranking beside it, as every app uses it."""

    runtime: Runtime

    def rank(self, history: Sequence[int]) -> tuple[list[int], list[float]]:
        found = self.runtime.recommend(history, k=K)
        return found.rows.tolist(), found.scores.tolist()


class _FileInGraph(RankingContract):
    """A file through its own `recommend` signature."""

    runtime: Runtime

    def rank(self, history: Sequence[int]) -> tuple[list[int], list[float]]:
        found = self.runtime.recommend_in_graph(history)
        return found.rows[:K].tolist(), found.scores[:K].tolist()


class TestFloat32File(_File):
    @pytest.fixture(autouse=True)
    def _open(self, float32_file: Path) -> None:
        self.runtime = Runtime.open(float32_file)


class TestFloat32FileInGraph(_FileInGraph):
    @pytest.fixture(autouse=True)
    def _open(self, float32_file: Path) -> None:
        self.runtime = Runtime.open(float32_file)


class TestInt8File(_File):
    tolerance = 0.02  # one scale for a table whose largest value is about .8, at dimension 16

    @pytest.fixture(autouse=True)
    def _open(self, built: Built) -> None:
        self.runtime = Runtime.open(built.model)


class TestInt8FileInGraph(_FileInGraph):
    tolerance = 0.02

    @pytest.fixture(autouse=True)
    def _open(self, built: Built) -> None:
        self.runtime = Runtime.open(built.model)


@pytest.fixture(scope="module")
def saved_model_runtime(built: Built) -> Runtime:
    """The SavedModel, loaded once."""
    return open_saved_model(built.folder / "saved_model").runtime


@pytest.fixture(scope="module")
def float32_file(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model without quantization."""
    out = tmp_path_factory.mktemp("float32") / "seefud.tflite"
    saved_model = built.folder / "saved_model"
    convert_bundle(saved_model, saved_model / "assets.extra", out, "float32")
    return out
