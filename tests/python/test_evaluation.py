"""Full-ranking evaluation on data with a known answer, paired comparison, and the cold table."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp

from seefud.baselines import make_baseline
from seefud.cold_evaluation import ColdEvaluation, cold_evaluation
from seefud.errors import InputError
from seefud.evaluation import Evaluation, compare, evaluate
from seefud.ranking import HistoryScorer, ScoreFunction, ranked_lists, relevant_products

Matrix = npt.NDArray[np.float32]


def csr(rows: object) -> sp.csr_matrix:
    return sp.csr_matrix(np.asarray(rows, dtype=np.float32))


def fixed(table: Matrix) -> ScoreFunction:
    """A scorer that hands out views of one table: evaluation must not write to it."""
    table.flags.writeable = False
    return lambda users: table[users]


def made_split(users: int = 50, products: int = 70, seed: int = 0) -> tuple[sp.csr_matrix, sp.csr_matrix, Matrix]:
    generator = np.random.default_rng(seed)
    draw = generator.random((users, products))
    scores = generator.normal(size=(users, products)).astype(np.float32)
    return csr(draw < 0.1), csr((draw >= 0.1) & (draw < 0.15)), scores


def naive_recall(scores: Matrix, train: sp.csr_matrix, held: sp.csr_matrix, k: int) -> dict[int, float]:
    found = {}
    for user in range(scores.shape[0]):
        own, wanted = set(train[user].indices), set(held[user].indices)
        if wanted:
            ranked = [row for row in np.argsort(-scores[user], kind="stable") if row not in own][:k]
            found[user] = len(wanted & set(ranked)) / len(wanted)
    return found


@pytest.mark.parametrize("batch", [1, 7, 512])
def test_equals_a_naive_loop_in_any_batch(batch: int) -> None:
    train, held, scores = made_split()
    found = evaluate(fixed(scores), train, held, ks=(5, 20), batch=batch, bootstrap=0)
    wanted = naive_recall(scores, train, held, 20)
    assert found.users.tolist() == list(wanted)
    assert found.per_user["recall@20"] == pytest.approx(list(wanted.values()))
    assert found["recall@20"] == pytest.approx(np.mean(list(wanted.values())))


def test_a_perfect_and_a_useless_scorer() -> None:
    train, held, _ = made_split()
    best = evaluate(fixed(held.toarray()), train, held, bootstrap=0)
    assert best["ndcg@20"] == best["mrr@20"] == best["hit_rate@5"] == best["recall@20"] == 1.0
    worst = evaluate(fixed(-held.toarray()), train, held, bootstrap=0)
    assert worst["recall@20"] == 0.0


def test_training_products_are_neither_listed_nor_relevant() -> None:
    train, held = csr([[1, 1, 0, 0]]), csr([[0, 1, 1, 0]])  # product 1 is in both
    found = evaluate(fixed(np.array([[9, 8, 7, 6]], np.float32)), train, held, ks=(1,), bootstrap=0)
    assert found["recall@1"] == 1.0
    lists = ranked_lists(fixed(np.array([[9, 8, 7, 6]], np.float32)), train, np.array([0]), 3)
    assert lists.tolist() == [[2, 3, -1]]


def test_a_stored_zero_is_no_relevant_pair() -> None:
    held = csr([[1, 1, 1]])
    held.data[:] = [1, 0, 1]
    assert relevant_products(csr([[0, 0, 1]]), held).keys.tolist() == [0]


def test_users_without_held_products_are_skipped() -> None:
    held = csr([[0, 1], [0, 0], [1, 0]])
    assert relevant_products(csr(np.zeros((3, 2))), held).users.tolist() == [0, 2]


def test_candidates_limit_lists_relevance_and_coverage() -> None:
    train, held, scores = made_split()
    allowed = np.arange(70) % 2 == 0
    found = evaluate(fixed(scores), train, held, ks=(5,), candidates=allowed, bootstrap=0)
    masked = np.where(allowed, scores, -1e9).astype(np.float32)
    even = csr(held.toarray() * allowed)
    wanted = naive_recall(masked, train, even, 5)
    assert found.users.tolist() == list(wanted)
    assert found.per_user["recall@5"] == pytest.approx(list(wanted.values()))
    assert found.candidates == 35
    lists = ranked_lists(fixed(scores), train, np.arange(50), 60, candidates=allowed)
    assert (lists[lists >= 0] % 2 == 0).all()


def test_intervals_hold_the_value_and_coverage_has_none() -> None:
    train, held, scores = made_split()
    found = evaluate(fixed(scores), train, held, bootstrap=200, seed=4)
    for metric, measured in found.values.items():
        if metric.startswith("coverage"):
            assert measured.low is None
        else:
            assert measured.low is not None
            assert measured.high is not None
            assert measured.low <= measured.value <= measured.high
    again = evaluate(fixed(scores), train, held, bootstrap=200, seed=4)
    assert again.values == found.values


def test_a_sample_of_users_is_the_same_for_every_scorer() -> None:
    train, held, scores = made_split()
    one = evaluate(fixed(scores), train, held, max_users=10, seed=3, bootstrap=0)
    two = evaluate(fixed(-scores), train, held, max_users=10, seed=3, bootstrap=0)
    assert one.users.size == 10
    assert np.array_equal(one.users, two.users)
    every = evaluate(fixed(scores), train, held, bootstrap=0)
    at = np.searchsorted(every.users, one.users)
    assert np.array_equal(every.per_user["ndcg@20"][at], one.per_user["ndcg@20"])


def test_round_trip() -> None:
    train, held, scores = made_split()
    found = evaluate(fixed(scores), train, held, name="made", bootstrap=50)
    read = Evaluation.from_json(json.loads(json.dumps(found.to_json(per_user=True))))
    for field in ("name", "ks", "candidates", "evaluated", "values"):
        assert getattr(read, field) == getattr(found, field)
    assert np.array_equal(read.users, found.users)
    assert all(np.array_equal(read.per_user[metric], found.per_user[metric]) for metric in found.per_user)
    short = found.to_json()
    assert short["evaluated_users"] == found.users.size
    assert Evaluation.from_json(short).users.size == 0


def test_errors_name_what_is_wrong() -> None:
    train, held, scores = made_split()
    with pytest.raises(InputError, match=r"expected cuts of at least 1, found \(0, 5\)"):
        evaluate(fixed(scores), train, held, ks=(0, 5))
    with pytest.raises(InputError, match="expected users with held-out products among the candidates, found none"):
        evaluate(fixed(scores), train, sp.csr_matrix(held.shape, dtype=np.float32))
    with pytest.raises(InputError, match=r"one shape \[users, products\], found \(50, 70\) and \(49, 70\)"):
        evaluate(fixed(scores), train, held[:49])
    with pytest.raises(InputError, match=r"expected scores of shape \(\d+, 70\), found \(\d+, 69\)"):
        evaluate(lambda users: scores[users, 1:], train, held)
    broken = scores.copy()
    broken[:, 4] = np.nan
    with pytest.raises(InputError, match=r"expected finite scores, found nan for user row \d+, product row 4"):
        evaluate(fixed(broken), train, held)


def test_history_scorer_equals_the_formula() -> None:
    generator = np.random.default_rng(1)
    rows = generator.normal(size=(70, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[5] = 0.0  # a product of which nothing is known
    history = sp.csr_matrix(made_split()[0].multiply(generator.uniform(0.5, 2, (50, 70))), dtype=np.float32)
    prior = generator.normal(size=70).astype(np.float32)
    scores = HistoryScorer(rows, history, prior)(np.array([3, 9]))
    assert scores.dtype == np.float32
    for line, user in enumerate((3, 9)):
        h = history[user].toarray()[0] @ rows
        assert scores[line] == pytest.approx(rows @ (h / np.linalg.norm(h)) + prior, abs=1e-5)


def test_an_empty_history_ranks_by_the_prior() -> None:
    prior = np.array([0.1, 0.3, 0.2], np.float32)
    scorer = HistoryScorer(np.eye(3, dtype=np.float32), csr(np.zeros((1, 3))), prior)
    assert scorer(np.array([0]))[0] == pytest.approx(prior)
    assert HistoryScorer(np.eye(3, dtype=np.float32), csr(np.zeros((1, 3))))(np.array([0])).tolist() == [[0, 0, 0]]


def test_history_scorer_wants_one_build() -> None:
    with pytest.raises(InputError, match="of the same products, found 3 rows, 4 history columns and 3 priors"):
        HistoryScorer(np.eye(3, dtype=np.float32), csr(np.zeros((1, 4))))


def test_paired_difference_by_hand() -> None:
    train, held, scores = made_split()
    one = evaluate(fixed(scores), train, held, name="one", bootstrap=0)
    two = evaluate(fixed(scores + held.toarray()), train, held, name="two", bootstrap=0)
    (found,) = compare([one, two], "recall@20")
    gap = [b - a for a, b in zip(one.per_user["recall@20"], two.per_user["recall@20"], strict=True)]
    mean = sum(gap) / len(gap)
    spread = sum((g - mean) ** 2 for g in gap) / (len(gap) - 1)
    assert (found.name, found.reference, found.metric) == ("two", "one", "recall@20")
    assert found.difference == pytest.approx(mean)
    assert found.standard_error == pytest.approx((spread / len(gap)) ** 0.5)
    assert found.exceeds()
    assert not compare([one, one], "recall@20")[0].exceeds()


def test_compare_wants_the_same_users_and_metric() -> None:
    train, held, scores = made_split()
    one = evaluate(fixed(scores), train, held, name="one", bootstrap=0)
    few = evaluate(fixed(scores), train, held, name="few", max_users=5, bootstrap=0)
    with pytest.raises(InputError, match=r"expected the same users, found \d+ in 'one' and 5 in 'few'"):
        compare([one, few])
    with pytest.raises(InputError, match=r"expected per-user values of 'ndcg@7' in 'one'"):
        compare([one, one], "ndcg@7")


def test_intervals_are_there_with_a_bootstrap_and_never_for_coverage() -> None:
    train, held, scores = made_split()
    found = evaluate(fixed(held.toarray()), train, held, name="best", bootstrap=20)
    measured = found.values["ndcg@20"]
    assert (measured.value, measured.low, measured.high) == (1.0, 1.0, 1.0)
    plain = evaluate(fixed(scores), train, held, name="plain", bootstrap=0)
    assert plain.values["coverage@20"].low is None


def cold_case() -> tuple[sp.csr_matrix, sp.csr_matrix, sp.csr_matrix, npt.NDArray[np.bool_], sp.csr_matrix]:
    """Two tastes, 40 products; the last 8 are cold. Users hold a cold and two warm products of theirs."""
    generator = np.random.default_rng(2)
    taste = np.arange(40) % 2 == np.arange(30)[:, None] % 2
    warm = np.arange(40) < 32
    train, cold, held = (np.zeros((30, 40), np.float32) for _ in range(3))
    for user in range(30):
        order = generator.permutation(np.flatnonzero(taste[user] & warm))
        train[user, order[:6]] = 1
        held[user, order[6:8]] = 1
        cold[user, generator.choice(np.flatnonzero(taste[user] & ~warm))] = 1
    tokens = np.stack([np.arange(40) % 2 == 0, np.arange(40) % 2 == 1], axis=1)
    return csr(train), csr(cold), csr(held), warm, csr(tokens)


def test_cold_table_of_text_neighbours_and_of_a_scorer_that_hides_cold_products() -> None:
    train, cold, held, warm, tokens = cold_case()
    content, popularity = make_baseline("content"), make_baseline("popularity")
    content.fit(train, tokens, 0)
    popularity.fit(train, tokens, 0)
    by_text, by_count = cold_evaluation(
        {"content": content.score, "popularity": popularity.score},
        train,
        cold,
        warm,
        held,
        ks=(4, 20),
        bootstrap=0,
    )
    assert by_text.cold_alone["recall@4"] == 1.0  # four cold products of the user's taste lead
    assert by_text.cold_alone.candidates == 8
    assert by_text.cold_mixed.candidates == 40
    # Text cannot tell warm from cold: 10 warm and 4 cold products tie, the lower rows come first.
    assert by_text.cold_mixed["recall@4"] == 0.0
    assert by_text.cold_mixed["recall@20"] == 1.0
    assert by_text.warm_loss("recall@4") == 0.0
    # Popularity puts every cold product last and so loses nothing on the warm ones.
    assert by_count.cold_mixed["recall@20"] == 0.0
    assert by_count.warm_loss("recall@20") == 0.0


def test_cold_products_that_displace_warm_ones_show_as_a_loss() -> None:
    train, cold, held, warm, _ = cold_case()
    scores = held.toarray() + 5.0 * ~warm
    (found,) = cold_evaluation({"pushy": fixed(scores)}, train, cold, warm, held, ks=(2, 20), bootstrap=0)
    assert found.warm_alone is not None
    assert found.warm_alone["recall@2"] == 1.0
    assert found.warm_loss("recall@2") == 1.0
    assert found.warm_loss("recall@20") == 0.0
    assert found.warm_mixed is not None
    assert found.warm_mixed["recall@2"] == 0.0


def test_cold_round_trip_with_and_without_a_warm_half() -> None:
    train, cold, held, warm, _ = cold_case()
    scores = np.random.default_rng(0).random((30, 40)).astype(np.float32)
    for warm_held in (held, None):
        (found,) = cold_evaluation({"any": fixed(scores)}, train, cold, warm, warm_held, bootstrap=20)
        entry = json.loads(json.dumps(found.to_json()))
        assert ColdEvaluation.from_json(entry).to_json() == entry
        assert (found.warm_loss() is None) == (warm_held is None)


def test_a_cold_product_in_training_is_refused() -> None:
    train, cold, held, warm, _ = cold_case()
    with pytest.raises(InputError, match="expected no cold product in the training matrix, found 30 interactions"):
        cold_evaluation({"any": fixed(cold.toarray())}, cold, cold, warm, held)
    assert train.nnz
