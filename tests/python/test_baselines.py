"""Each baseline on data with a known answer, and against a second implementation."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import scipy.sparse as sp

from seefud.baselines import BASELINES, BaselineUnavailableError, make_baseline
from seefud.baselines import ease as ease_module
from seefud.errors import InputError
from seefud.evaluation import evaluate
from seefud.ranking import ranked_lists

LEARNERS = [name for name in BASELINES if name not in ("random", "popularity")]
EXTRAS = {"ials": "implicit"}


def needs_extra(name: str) -> None:
    if name in EXTRAS:
        pytest.importorskip(EXTRAS[name], reason=f"{EXTRAS[name]} is not installed; pip install 'seefud[peers]'")


def blocks(users: int = 60, products: int = 30, groups: int = 3) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Users of a group have most products of their group and none of another's; one product each is held."""
    generator = np.random.default_rng(0)
    dense = (np.arange(users)[:, None] % groups == np.arange(products) % groups) & (
        generator.random((users, products)) < 0.8
    )
    held = np.zeros_like(dense)
    for user in range(users):
        held[user, generator.choice(np.flatnonzero(dense[user]))] = True
    return sp.csr_matrix((dense & ~held).astype(np.float32)), sp.csr_matrix(held.astype(np.float32))


def block_tokens(products: int = 30, groups: int = 3) -> sp.csr_matrix:
    """A token per group, and one that all products have and that must therefore weigh nothing."""
    tokens = np.arange(products)[:, None] % groups == np.arange(groups)
    return sp.csr_matrix(np.hstack([tokens, np.ones((products, 1))]).astype(np.float32))


def random_matrix(seed: int = 1, shape: tuple[int, int] = (80, 50), weighted: bool = False) -> sp.csr_matrix:
    generator = np.random.default_rng(seed)
    dense = (generator.random(shape) < 0.15).astype(np.float32)
    return sp.csr_matrix(dense * generator.uniform(0.5, 2.0, shape).astype(np.float32) if weighted else dense)


def small(name: str) -> dict[str, object]:
    """Options that fit thirty products."""
    return {
        "ease": {"regularization": 10.0},
        "ials": {"factors": 8, "regularization": 1.0, "alpha": 10.0},
        "ncf": {"dimension": 8, "epochs": 30, "batch": 256, "learning_rate": 0.02},
    }.get(name, {})


@pytest.mark.parametrize("name", LEARNERS)
def test_recommends_the_users_own_block(name: str) -> None:
    needs_extra(name)
    train, held = blocks()
    baseline = make_baseline(name, **small(name))
    assert baseline.name == name
    baseline.fit(train, block_tokens(), 7)
    users = np.arange(train.shape[0])
    scores = baseline.score(users)
    assert scores.shape == train.shape
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    # At most 10 products per block: whatever is left of the block must lead the list.
    for user, ranked in enumerate(ranked_lists(baseline.score, train, users, 2)):
        left = [row for row in range(user % 3, 30, 3) if train[user, row] == 0]
        assert all(row % 3 == user % 3 for row in ranked[: len(left)])
    assert evaluate(baseline.score, train, held, ks=(10,), bootstrap=0)["recall@10"] == 1.0


@pytest.mark.parametrize("name", [n for n in BASELINES if n != "ncf"])
def test_seeded_and_independent_of_the_batch(name: str) -> None:
    needs_extra(name)
    train, _ = blocks()
    one, two = make_baseline(name, **small(name)), make_baseline(name, **small(name))
    one.fit(train, block_tokens(), 3)
    two.fit(train, block_tokens(), 3)
    users = np.array([5, 2, 40])
    assert np.array_equal(one.score(users), two.score(users))
    alone = np.concatenate([one.score(users[i : i + 1]) for i in range(3)])
    assert one.score(users) == pytest.approx(alone, abs=1e-5)


@pytest.mark.parametrize("name", BASELINES)
def test_scoring_before_fitting_is_named(name: str) -> None:
    with pytest.raises(RuntimeError, match=f"baseline '{name}' is not fitted; call fit"):
        make_baseline(name).score(np.array([0]))


def test_random_depends_on_the_seed_and_the_user_only() -> None:
    train, _ = blocks()
    first, second = make_baseline("random"), make_baseline("random")
    first.fit(train, None, 1)
    second.fit(train, None, 2)
    users = np.array([4, 9])
    assert not np.array_equal(first.score(users), second.score(users))
    assert np.array_equal(first.score(users)[1], first.score(np.array([9]))[0])
    assert first.score(np.arange(60)).mean() == pytest.approx(0.5, abs=0.05)


def test_popularity_counts_users_and_not_weights() -> None:
    train = sp.csr_matrix(np.array([[9, 1, 0], [0, 1, 0], [0, 1, 1]], dtype=np.float32))
    baseline = make_baseline("popularity")
    baseline.fit(train, None, 0)
    assert baseline.score(np.array([0, 2])).tolist() == [[1, 3, 1], [1, 3, 1]]
    assert ranked_lists(baseline.score, train, np.array([1]), 3)[0].tolist() == [0, 2, -1]  # a tie: lower row


def test_itemknn_equals_implicit() -> None:
    neighbours = pytest.importorskip(
        "implicit.nearest_neighbours", reason="implicit is not installed; pip install 'seefud[peers]'"
    )
    train = random_matrix(weighted=True)
    peer = neighbours.CosineRecommender(K=7)
    peer.fit(train, show_progress=False)  # warns that it converts its own normalised matrix
    baseline = make_baseline("itemknn", neighbours=7)
    baseline.fit(train, None, 0)
    users = np.arange(train.shape[0])
    assert baseline.score(users) == pytest.approx((train @ peer.similarity).toarray(), abs=1e-5)


def test_itemknn_by_hand() -> None:
    """Products 0 and 1 share one of two users each: cosine 1/2. Product 2 is nobody's neighbour."""
    train = sp.csr_matrix(np.array([[1, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32))
    baseline = make_baseline("itemknn")
    baseline.fit(train, None, 0)
    assert baseline.score(np.array([1]))[0] == pytest.approx([1.0, 0.5, 0.0])


@pytest.mark.parametrize("block", [16, 1024])
def test_ease_equals_the_dense_closed_form(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ease_module, "_BLOCK", block)  # 50 products: several blocks, the last one short
    train = random_matrix()
    x = train.toarray().astype(np.float64)
    inverse = np.linalg.inv(x.T @ x + 20.0 * np.eye(x.shape[1]))
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    baseline = make_baseline("ease", regularization=20.0)
    baseline.fit(train, None, 0)
    users = np.array([3, 0, 79])
    assert baseline.score(users) == pytest.approx(x[users] @ weights, abs=1e-5)


def test_ease_refuses_what_does_not_fit() -> None:
    huge = sp.csr_matrix((3, 20_001), dtype=np.float32)
    with pytest.raises(
        BaselineUnavailableError,
        match=r"'ease': expected at most 20,000 products, found 20,001; its dense matrix would take 1\.6 GB",
    ):
        make_baseline("ease").fit(huge, None, 0)


def test_ease_names_a_matrix_that_cannot_be_factorised() -> None:
    with pytest.raises(BaselineUnavailableError, match="cannot factorise it with regularization 0; give it more"):
        make_baseline("ease", regularization=0.0).fit(sp.csr_matrix((3, 4), dtype=np.float32), None, 0)


def test_content_equals_plain_tf_idf() -> None:
    generator = np.random.default_rng(2)
    tokens = (generator.random((50, 25)) < 0.2).astype(np.float32)
    tokens[7] = 0  # a product without known words
    train = random_matrix()
    baseline = make_baseline("content")
    baseline.fit(train, sp.csr_matrix(tokens), 0)
    known = np.flatnonzero(train.toarray().any(axis=0))
    vectors = tokens * np.log(known.size / np.maximum(tokens[known].sum(axis=0), 1))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    wanted = train.toarray() @ (vectors @ vectors.T)
    assert baseline.score(np.arange(80)) == pytest.approx(wanted, abs=1e-5)
    assert not baseline.score(np.arange(80))[:, 7].any()


@pytest.mark.parametrize("tokens", [None, sp.csr_matrix((30, 4), dtype=np.float32)])
def test_content_needs_text(tokens: sp.csr_matrix | None) -> None:
    with pytest.raises(BaselineUnavailableError, match="'content': expected product tokens, found none"):
        make_baseline("content").fit(blocks()[0], tokens, 0)


def test_content_scores_a_product_that_nobody_has() -> None:
    train, _ = blocks()
    unseen = train.tolil()
    unseen[:, 0] = 0
    cold = unseen.tocsr()
    cold.eliminate_zeros()
    baseline = make_baseline("content")
    baseline.fit(cold, block_tokens(), 0)
    scores = baseline.score(np.array([0, 1]))
    assert scores[0, 0] > 0  # its own group's user
    assert scores[1, 0] == pytest.approx(0.0, abs=1e-6)


def test_ials_names_the_extra_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "implicit.als", None)
    with pytest.raises(
        BaselineUnavailableError,
        match=r"'ials': expected the package implicit, .*pip install 'seefud\[peers\]'",
    ):
        make_baseline("ials").fit(blocks()[0], None, 0)


@pytest.mark.slow
def test_ncf_scores_what_its_keras_model_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """`score` rewrites the network in NumPy; the Keras model is the oracle."""
    train, _ = blocks()
    baseline = make_baseline("ncf", dimension=4, epochs=2, batch=64)
    kept: list[object] = []
    build = type(baseline)._build  # type: ignore[attr-defined]
    monkeypatch.setattr(
        type(baseline), "_build", lambda self, *arguments: kept.append(build(self, *arguments)) or kept[-1]
    )
    baseline.fit(train, None, 0)
    users, products = np.divmod(np.arange(train.shape[0] * train.shape[1]), train.shape[1])
    wanted: npt.NDArray[np.float32] = kept[0].predict([users, products], verbose=0)  # type: ignore[attr-defined]
    assert baseline.score(np.arange(train.shape[0])) == pytest.approx(wanted.reshape(train.shape), abs=1e-4)
    other = make_baseline("ncf", dimension=4, epochs=2, batch=64)
    other.fit(train, None, 0)
    assert other.score(np.array([1])) == pytest.approx(baseline.score(np.array([1])), abs=1e-4)


def test_registry_names_what_it_does_not_know() -> None:
    with pytest.raises(InputError, match="found 'popularty'; did you mean 'popularity'"):
        make_baseline("popularty")
    with pytest.raises(InputError, match=r"baseline 'ease': .*'lambda_'; leave that option out"):
        make_baseline("ease", lambda_=3)


def test_registry_order() -> None:
    assert list(BASELINES) == ["random", "popularity", "itemknn", "content", "ease", "ials", "ncf"]


def test_ml_100k_gives_the_known_figures(shared_data: Path) -> None:
    """Recall@20 / NDCG@20 of popularity and ItemKNN on the holdout, as measured with other code."""
    frames = [
        pd.read_csv(shared_data / "ml-100k" / name, dtype=str).drop_duplicates(["UserID", "Title"])
        for name in ("user3.csv", "holdout.csv")
    ]
    products = frames[0].Title.value_counts().index
    users = pd.Index(frames[0].UserID.unique())
    train, held = (
        sp.csr_matrix(
            (
                np.ones(len(frame), np.float32),
                (users.get_indexer(frame.UserID), products.get_indexer(frame.Title)),
            ),
            shape=(users.size, products.size),
        )
        for frame in (frames[0], frames[1][frames[1].Title.isin(products)])
    )
    for name, recall, ndcg in (("popularity", 0.171, 0.214), ("itemknn", 0.280, 0.338)):
        baseline = make_baseline(name)
        baseline.fit(train, None, 0)
        found = evaluate(baseline.score, train, held, bootstrap=0)
        assert found["recall@20"] == pytest.approx(recall, abs=0.001)
        assert found["ndcg@20"] == pytest.approx(ndcg, abs=0.001)
