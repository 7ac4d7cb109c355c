"""From trained rows to a model: warm scores stay, cold products get rows from text, priors are as chosen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp

from seefud.cold_start import cold_targets, fit_token_table
from seefud.fitting import finish_model, prior_of
from seefud.mixing import Mixing
from seefud.model import Kind, PopularityPrior, popularity_z, unit_rows

USERS, PRODUCTS, WARM, DIMENSION, TOKENS = 40, 20, 15, 6, 8
COLD = np.arange(PRODUCTS) >= WARM


def trained() -> npt.NDArray[np.float32]:
    return unit_rows(np.random.default_rng(0).normal(size=(PRODUCTS, DIMENSION)).astype(np.float32))


def interactions() -> sp.csr_matrix:
    dense = np.random.default_rng(1).random((USERS, PRODUCTS)) < 0.3
    dense[:, COLD] = False
    dense[0, :WARM] = True
    return sp.csr_matrix(dense.astype(np.float32))


def bags() -> sp.csr_matrix:
    dense = np.random.default_rng(2).random((PRODUCTS, TOKENS)) < 0.4
    dense[:, 0] = True
    dense[PRODUCTS - 1] = False  # neither interactions nor a known token
    return sp.csr_matrix(dense.astype(np.float32))


POPULARITY = PopularityPrior(beta=0.2, cold=-0.3)


@pytest.mark.parametrize("kind", list(Kind))
def test_warm_scores_are_those_of_the_trained_rows(kind: Kind) -> None:
    model = finish_model(trained(), interactions(), bags(), kind, POPULARITY)
    rows, users = trained(), interactions()
    prior = 0.2 * popularity_z(np.diff(users.tocsc().indptr))
    expected = unit_rows(users @ rows) @ rows.T + prior
    np.testing.assert_allclose(model.scores(users)[:, ~COLD], expected[:, ~COLD], atol=1e-5)
    assert model.kind is kind
    assert model.popularity == POPULARITY
    assert all(part.dtype == np.float32 for part in (model.rows, model.prior, model.token_rows))


def test_rows_are_unit_or_zero() -> None:
    model = finish_model(trained(), interactions(), bags(), Kind.HYBRID)
    lengths = np.linalg.norm(model.rows, axis=1)
    np.testing.assert_allclose(lengths[:-1], 1.0, atol=1e-5)
    assert lengths[-1] == 0.0


def test_cold_rows_come_from_their_text_not_from_training() -> None:
    model = finish_model(trained(), interactions(), bags(), Kind.HYBRID)
    np.testing.assert_allclose(model.rows[COLD], model.text_rows(bags()[COLD]), atol=1e-6)
    other = trained()
    other[COLD] = other[COLD][::-1]
    again = finish_model(other, interactions(), bags(), Kind.HYBRID)
    assert np.array_equal(model.rows, again.rows)


def test_the_token_table_is_the_refit_turned_like_the_rows() -> None:
    rows, users, tokens = trained(), interactions(), bags()
    model = finish_model(rows, users, tokens, Kind.HYBRID, ridge=1.0)
    targets = cold_targets(np.where(COLD[:, None], 0, rows), users, popularity_z(np.diff(users.tocsc().indptr)))
    table = fit_token_table(tokens[~COLD], targets[~COLD], ridge=1.0)
    # A rotation is seen by its dot products alone.
    np.testing.assert_allclose(model.token_rows @ model.rows[~COLD].T, table @ rows[~COLD].T, atol=2e-3)


def test_a_larger_ridge_gives_shorter_tokens() -> None:
    lengths = [
        np.linalg.norm(finish_model(trained(), interactions(), bags(), Kind.HYBRID, ridge=ridge).token_rows)
        for ridge in (0.1, 3.0, 100.0)
    ]
    assert lengths[0] > lengths[1] > lengths[2] > 0


def test_a_collaborative_model_knows_no_text() -> None:
    model = finish_model(trained(), interactions(), bags(), Kind.COLLABORATIVE, POPULARITY)
    assert model.token_rows.shape == (0, DIMENSION)
    assert not model.rows[COLD].any()
    assert model.prior[COLD].tolist() == pytest.approx([-0.3] * 5)


def test_data_without_text_make_a_model_without_a_token_table() -> None:
    model = finish_model(trained(), interactions(), sp.csr_matrix((PRODUCTS, 0), dtype=np.float32), Kind.HYBRID)
    assert model.token_rows.shape == (0, DIMENSION)
    assert not model.rows[COLD].any()


def test_inputs_are_left_as_they_were() -> None:
    rows, users, tokens = trained(), interactions(), bags()
    finish_model(rows, users, tokens, Kind.HYBRID, POPULARITY)
    assert np.array_equal(rows, trained())
    assert np.array_equal(users.toarray(), interactions().toarray())
    assert np.array_equal(tokens.toarray(), bags().toarray())


def test_finishing_repeats_bit_for_bit() -> None:
    one, two = (finish_model(trained(), interactions(), bags(), Kind.HYBRID) for _ in range(2))
    assert np.array_equal(one.rows, two.rows)
    assert np.array_equal(one.token_rows, two.token_rows)


def test_the_prior_is_beta_times_z_and_the_cold_prior_where_nobody_was() -> None:
    counts = np.array([9, 3, 3, 0, 1, 0])
    found = prior_of(counts, POPULARITY, np.zeros(6))
    expected = 0.2 * popularity_z(counts)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[counts > 0], expected[counts > 0], atol=1e-6)
    assert found[counts == 0].tolist() == pytest.approx([-0.3, -0.3])
    assert not prior_of(counts, PopularityPrior(), np.arange(6)).any()


def test_more_known_words_raise_the_prior_of_new_products_alone() -> None:
    counts, words = np.array([5, 0, 1, 0]), np.array([9, 0, 9, 6])
    popularity = PopularityPrior(beta=0.2, cold=-0.3, words=0.1)
    found = prior_of(counts, popularity, words)
    assert found[[1, 3]].tolist() == pytest.approx([-0.3, -0.3 + 0.1 * np.log(7)])
    np.testing.assert_array_equal(found[[0, 2]], prior_of(counts, POPULARITY, words)[[0, 2]])


def test_the_model_carries_its_priors_and_its_rule_for_mixing() -> None:
    popularity, mixing = PopularityPrior(0.2, -0.3, 0.1), Mixing(0.1, 0.05)
    model = finish_model(trained(), interactions(), bags(), Kind.HYBRID, popularity, 3.0, mixing)
    assert (model.popularity, model.mixing) == (popularity, mixing)
    known = np.asarray(bags()[COLD].sum(axis=1)).ravel()
    np.testing.assert_allclose(model.prior[COLD], -0.3 + 0.1 * np.log1p(known), atol=1e-6)
    without = finish_model(trained(), interactions(), bags(), Kind.COLLABORATIVE, popularity)
    assert without.prior[COLD].tolist() == pytest.approx([-0.3] * 5), "without a token table no word is known"


def test_many_users_are_sampled_for_the_rotation_only() -> None:
    users = sp.csr_matrix(sp.vstack([interactions()] * 60))  # 2,400, above the sample
    model = finish_model(trained(), users, bags(), Kind.HYBRID)
    np.testing.assert_allclose(
        model.scores(users)[:, ~COLD], (unit_rows(users @ trained()) @ trained().T)[:, ~COLD], atol=1e-5
    )
