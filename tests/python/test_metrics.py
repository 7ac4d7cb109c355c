"""The vectorised metrics against a naive second implementation, and against ranx."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seefud.metrics import (
    Relevant,
    bootstrap_intervals,
    catalogue_coverage,
    hit_matrix,
    long_tail_mask,
    metric_names,
    per_user_metrics,
    top_rows,
)

KS = (1, 3, 5, 20)


def naive_top(scores: list[float], k: int) -> list[int]:
    """Python's own sort: by falling score, then by row."""
    listable = [row for row, score in enumerate(scores) if score != -math.inf]
    return sorted(listable, key=lambda row: (-scores[row], row))[:k]


def naive_metrics(ranked: list[int], wanted: set[int], tail: set[int], k: int) -> dict[str, float]:
    """One user, one cut, straight from the definitions."""
    hit_ranks = [rank for rank, row in enumerate(ranked[:k], start=1) if row in wanted]
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(wanted), k) + 1))
    return {
        f"recall@{k}": len(hit_ranks) / len(wanted),
        f"ndcg@{k}": sum(1 / math.log2(rank + 1) for rank in hit_ranks) / best,
        f"mrr@{k}": 1 / hit_ranks[0] if hit_ranks else 0.0,
        f"hit_rate@{k}": float(bool(hit_ranks)),
        f"long_tail@{k}": sum(row in tail for row in ranked[:k]) / max(len(ranked[:k]), 1),
    }


def relevant_of(held: npt.NDArray[np.bool_]) -> Relevant:
    users = np.flatnonzero(held.any(axis=1))
    return Relevant(users, held[users].sum(axis=1), np.flatnonzero(held.ravel()), held.shape[1])


def made_case(seed: int, users: int = 40, products: int = 60) -> tuple[Any, ...]:
    """Coarse scores, so ties are common, some products out of bounds, about 4 relevant products each."""
    generator = np.random.default_rng(seed)
    scores = generator.integers(0, 8, size=(users, products)).astype(np.float32)
    scores[generator.random(scores.shape) < 0.3] = -np.inf
    held = generator.random(scores.shape) < 4 / products
    held[np.arange(users), generator.integers(products, size=users)] = True
    return scores, held, generator.integers(0, 5, size=products)


@pytest.mark.parametrize("seed", range(3))
def test_every_metric_equals_the_naive_one(seed: int) -> None:
    scores, held, counts = made_case(seed)
    tail = long_tail_mask(counts)
    relevant = relevant_of(held)
    top = top_rows(scores, max(KS))
    found = per_user_metrics(top, hit_matrix(top, relevant), relevant.counts, tail, KS)
    assert tuple(found) == metric_names(KS)
    by_popularity = sorted(range(counts.size), key=lambda row: (-counts[row], row))
    tail_rows = set(by_popularity[math.ceil(0.2 * counts.size) :])
    for user in range(scores.shape[0]):
        ranked = naive_top(scores[user].tolist(), max(KS))
        for k in KS:
            wanted = naive_metrics(ranked, set(np.flatnonzero(held[user]).tolist()), tail_rows, k)
            assert {name: found[name][user] for name in wanted} == pytest.approx(wanted)
    for k in KS:
        listed = {row for line in scores for row in naive_top(line.tolist(), k)}
        assert catalogue_coverage(top, scores.shape[1], k) == pytest.approx(len(listed) / scores.shape[1])


def test_known_answer() -> None:
    """Wanted 3, 7 and 9; the list is 3 8 9 1: two of three found, at ranks 1 and 3."""
    top = np.array([[3, 8, 9, 1]], dtype=np.int32)
    held = np.zeros((1, 10), dtype=np.bool_)
    held[0, [3, 7, 9]] = True
    relevant = relevant_of(held)
    found = per_user_metrics(top, hit_matrix(top, relevant), relevant.counts, np.arange(10) >= 8, (4,))
    assert found["recall@4"][0] == pytest.approx(2 / 3)
    assert found["ndcg@4"][0] == pytest.approx((1 + 1 / 2) / (1 + 1 / math.log2(3) + 1 / 2))
    assert found["mrr@4"][0] == 1.0
    assert found["hit_rate@4"][0] == 1.0
    assert found["long_tail@4"][0] == pytest.approx(2 / 4)


def test_recall_divides_by_all_relevant_products_and_ndcg_by_what_fits() -> None:
    top = np.array([[0, 1]], dtype=np.int32)
    relevant = relevant_of(np.ones((1, 10), dtype=np.bool_))
    found = per_user_metrics(top, hit_matrix(top, relevant), relevant.counts, np.ones(10, np.bool_), (2,))
    assert found["recall@2"][0] == pytest.approx(2 / 10)
    assert found["ndcg@2"][0] == pytest.approx(1.0)


@settings(max_examples=60, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 6), st.sampled_from([1, 5, 20, 81, 700, 2100])),
    levels=st.sampled_from([1, 2, 40, 100_000]),
    left_out=st.sampled_from([0.0, 0.5, 0.99, 1.0]),
    k=st.sampled_from([1, 3, 20]),
    seed=st.integers(0, 1000),
)
def test_top_rows_is_a_full_stable_sort(
    shape: tuple[int, int], levels: int, left_out: float, k: int, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    scores = generator.integers(-levels, levels + 1, size=shape).astype(np.float32)
    scores[generator.random(scores.shape) < left_out] = -np.inf
    top = top_rows(scores, k)
    assert top.shape == (shape[0], k)
    assert top.dtype == np.int32
    for line in range(shape[0]):
        wanted = naive_top(scores[line].tolist(), k)
        assert top[line].tolist() == wanted + [-1] * (k - len(wanted))


def test_top_rows_when_the_best_share_a_block() -> None:
    """All good columns fall into one block maximum: the bound is loose, the answer is not."""
    columns, k = 6400, 10
    scores = np.tile(np.arange(columns, dtype=np.float32) * 1e-3, (3, 1))
    stride = columns // 64
    scores[:, 5::stride] += 100.0
    for line in scores:
        assert top_rows(line[None], k)[0].tolist() == naive_top(line.tolist(), k)
    assert top_rows(np.asfortranarray(scores), k).tolist() == top_rows(scores, k).tolist()


def test_long_tail_is_what_lies_outside_the_most_popular_fifth() -> None:
    counts = np.array([1, 9, 9, 0, 9, 5, 1, 1, 1, 1])
    assert np.flatnonzero(~long_tail_mask(counts)).tolist() == [1, 2]  # of the three nines the lower rows
    assert np.count_nonzero(~long_tail_mask(np.ones(6))) == 2  # 1.2 products, rounded up


def test_bootstrap_is_seeded_and_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(5).normal([[0.3, -1.0]], [[1.0, 2.0]], size=(4000, 2))
    low, high = bootstrap_intervals(values, resamples=600, seed=1)
    again = bootstrap_intervals(values, resamples=600, seed=1)
    assert np.array_equal(low, again[0])
    assert np.array_equal(high, again[1])
    assert not np.array_equal(low, bootstrap_intervals(values, resamples=600, seed=2)[0])
    error = values.std(axis=0) / np.sqrt(len(values))
    assert (high + low) / 2 == pytest.approx(values.mean(axis=0), abs=0.3 * float(error.max()))
    assert (high - low) / (2 * 1.96 * error) == pytest.approx([1.0, 1.0], abs=0.12)


def test_bootstrap_of_a_constant_has_no_width() -> None:
    low, high = bootstrap_intervals(np.full((7, 1), 0.25), resamples=50)
    assert low[0] == pytest.approx(0.25)
    assert high[0] == pytest.approx(0.25)


def test_ranx_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    # Interpreted it takes a moment; to be compiled, once on every fresh machine, it takes a minute.
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    ranx = pytest.importorskip("ranx", reason="ranx is not installed; pip install 'seefud[peers]'")
    scores, held, counts = made_case(11)
    scores += np.linspace(0, 0.5, scores.shape[1], dtype=np.float32)  # ranx breaks ties its own way
    relevant = relevant_of(held)
    top = top_rows(scores, 20)
    found = per_user_metrics(top, hit_matrix(top, relevant), relevant.counts, long_tail_mask(counts), (5, 20))
    qrels = ranx.Qrels({f"u{u}": {f"p{p}": 1 for p in np.flatnonzero(held[u])} for u in range(len(held))})
    run = ranx.Run(
        {f"u{u}": {f"p{p}": float(20 - rank) for rank, p in enumerate(top[u]) if p >= 0} for u in range(len(held))}
    )
    metrics = [f"{m}@{k}" for m in ("recall", "ndcg", "mrr", "hit_rate") for k in (5, 20)]
    wanted = ranx.evaluate(qrels, run, metrics)
    for metric, value in wanted.items():
        assert found[metric].mean() == pytest.approx(value, abs=1e-9), metric


def test_hits_need_the_same_user() -> None:
    held = np.zeros((2, 4), dtype=np.bool_)
    held[0, 3] = held[1, 0] = True
    hits = hit_matrix(np.array([[0, 3], [3, -1]], dtype=np.int32), relevant_of(held))
    assert hits.tolist() == [[False, True], [False, False]]
