"""The SavedModel: both kinds of signatures against the model in NumPy, and safe replacement."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from seefud.calibration import Calibration
from seefud.errors import InputError
from seefud.model import Kind, Model, PopularityPrior, unit_rows
from seefud.saved_model import SIGNATURES, ServingData, export_saved_model, load_tables
from seefud.text import TokenVocabulary, canonical_title
from seefud_converter.quantize import convert

DIMENSION, HISTORY, TEXT, TOP = 6, 5, 4, 7
# Titles that fold, widen or lower in different ways, and one with the regular expression's own letters.
TITLES = (
    "Sate Jamur",
    "Nasi Goreng",
    "Crème Brûlée",
    "Straße",
    "ＦＵＬＬ Width",
    "ΣΑΣ",
    "İzmir Köfte",
    "沙茶麵",
    "a.b*c [x]",
    "Sate Ayam",
    "Telur",
    "Soto Ayam",
)
TOKENS = ("ayam", "sate", "sate ayam", "goreng", "pedas", "crème")
N, V = len(TITLES), len(TOKENS)
USERS = ("7", "anna", "Änne")


def made_model(prior: float = 0.1) -> Model:
    rng = np.random.default_rng(0)
    rows = unit_rows(rng.normal(size=(N, DIMENSION)).astype(np.float32))
    priors = (prior * rng.uniform(-1, 1, N)).astype(np.float32)
    priors[8] = priors[2]  # a tie wherever nothing but the prior counts
    words = rng.normal(size=(V, DIMENSION)).astype(np.float32)
    return Model(Kind.HYBRID, rows, priors, words, PopularityPrior(prior, 0.0))


def made_histories() -> sp.csr_matrix:
    dense = np.zeros((len(USERS), N), np.float32)
    dense[0, [0, 3]] = [1.0, 2.0]
    dense[1, [1, 4, 5, 9]] = [1.0, 0.5, 0.25, 3.0]
    dense[2, 7] = 1.0
    return sp.csr_matrix(dense)


def made_data() -> ServingData:
    return ServingData(
        titles=TITLES,
        keys=tuple(canonical_title(title) for title in TITLES),
        tokens=TOKENS,
        bigrams=True,
        users=USERS,
        histories=made_histories(),
        slope=3.0,
        intercept=-2.0,
        ceiling=0.4,
        history_length=HISTORY,
        text_length=TEXT,
        top_k=TOP,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "saved_model"
    export_saved_model(made_model(), made_data(), path)
    return path


@pytest.fixture(scope="module")
def signatures(folder: Path) -> Any:
    loaded = tf.saved_model.load(str(folder))
    # The signatures live as long as what holds them.
    return {"holder": loaded, **dict(loaded.signatures)}


def history_of(products: list[int], weights: list[float]) -> tuple[tf.Tensor, tf.Tensor]:
    slots = np.full((1, HISTORY), -1, np.int32)
    values = np.zeros((1, HISTORY), np.float32)
    slots[0, : len(products)], values[0, : len(weights)] = products, weights
    return tf.constant(slots), tf.constant(values)


def ranked(scores: npt.NDArray[np.float32], own: list[int]) -> list[int]:
    """Best first, ties to the lower row, without a history's own products."""
    return [int(row) for row in np.argsort(-scores, kind="stable") if row not in own]


def test_the_signatures_are_the_four_and_the_serving_ones(signatures: Any) -> None:
    assert set(signatures) - {"holder"} == {*SIGNATURES, "serve_user", "serve_titles", "serve_text"}


# The four numeric signatures


@pytest.mark.parametrize(
    ("products", "weights"),
    [([], []), ([4], [1.0]), ([0, 3, 8], [1.0, 2.0, 0.5]), ([11, 1, 2, 7, 5], [1, 1, 1, 1, 1])],
)
def test_recommend_ranks_as_the_model_does(signatures: Any, products: list[int], weights: list[float]) -> None:
    history, values = history_of(products, weights)
    found = signatures["recommend"](history=history, weights=values)
    matrix = sp.csr_matrix((weights, ([0] * len(products), products)), shape=(1, N), dtype=np.float32)
    scores = made_model().scores(matrix)[0]
    expected = ranked(scores, products)[:TOP]
    assert found["items"].dtype == tf.int32
    assert found["items"].numpy()[0].tolist() == expected
    np.testing.assert_allclose(found["scores"].numpy()[0], scores[expected], atol=1e-6)


def test_ties_go_to_the_lower_row(signatures: Any) -> None:
    history, values = history_of([], [])
    items = signatures["recommend"](history=history, weights=values)["items"].numpy()[0].tolist()
    titles = served(signatures["serve_text"](text=tf.constant([""]), k=tf.constant(N)))[0]
    assert titles.index(TITLES[8]) == titles.index(TITLES[2]) + 1
    assert 8 not in items or items[items.index(8) - 1] == 2


def test_empty_slots_of_a_history_say_nothing_whatever_their_weight(signatures: Any) -> None:
    history, values = history_of([4], [1.0])
    loud = tf.constant([[1.0, 9.0, 9.0, 9.0, 9.0]])
    plain, noisy = (signatures["recommend"](history=history, weights=each) for each in (values, loud))
    assert np.array_equal(plain["scores"], noisy["scores"])


def test_embed_products_gives_the_rows(signatures: Any) -> None:
    found = signatures["embed_products"](products=history_of([3, 0, 11], [])[0])["vectors"].numpy()
    assert np.array_equal(found[0, :3], made_model().rows[[3, 0, 11]])
    assert not found[0, 3:].any()


@pytest.mark.parametrize("tokens", [[], [2], [0, 3, 5], [0, 1, 2, 4]])
def test_embed_text_gives_the_text_row(signatures: Any, tokens: list[int]) -> None:
    slots = np.full((1, TEXT), -1, np.int32)
    slots[0, : len(tokens)] = tokens
    bag = np.zeros((1, V), np.float32)
    bag[0, tokens] = 1.0
    found = signatures["embed_text"](tokens=tf.constant(slots))["vector"].numpy()
    np.testing.assert_allclose(found, made_model().text_rows(sp.csr_matrix(bag)), atol=1e-6)


@pytest.mark.parametrize("length", [0.0, 1.0, 300.0])
def test_score_is_the_model_for_profiles_of_any_length(signatures: Any, length: float) -> None:
    model = made_model()
    direction = unit_rows(np.random.default_rng(5).normal(size=(1, DIMENSION)).astype(np.float32))
    found = signatures["score"](profile=tf.constant(direction * np.float32(length)))["scores"].numpy()
    expected = direction @ model.rows.T * (length > 0) + model.prior
    np.testing.assert_allclose(found, expected, atol=1e-6)


# The string signatures


def served(found: Any, user: int = 0) -> tuple[list[str], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    titles = [title.decode() for title in found["titles"].numpy()[user]]
    return titles, found["scores"].numpy()[user], found["probabilities"].numpy()[user]


def assert_served(found: Any, scores: npt.NDArray[np.float32], own: list[int], k: int, user: int = 0) -> None:
    expected = ranked(scores, own)[:k]
    titles, values, probabilities = served(found, user)
    assert titles == [TITLES[row] for row in expected]
    np.testing.assert_allclose(values, scores[expected], atol=1e-6)
    calibration = Calibration(3.0, -2.0, 0.4)
    np.testing.assert_allclose(probabilities, calibration.probability(scores[expected]), atol=1e-6)


def test_serving_by_user(signatures: Any) -> None:
    found = signatures["serve_user"](user=tf.constant(USERS), k=tf.constant(5))
    scores = made_model().scores(made_histories())
    for user in range(len(USERS)):
        own = made_histories()[user].indices.tolist()
        assert_served(found, scores[user], own, 5, user)
        assert not set(served(found, user)[0]) & {TITLES[row] for row in own}


def test_an_unknown_user_is_served_by_popularity(signatures: Any) -> None:
    found = signatures["serve_user"](user=tf.constant(["nobody", "anna"]), k=tf.constant(4))
    assert_served(found, made_model().prior, [], 4, 0)
    assert_served(found, made_model().scores(made_histories())[1], [1, 4, 5, 9], 4, 1)


def titles_scores(products: list[int]) -> npt.NDArray[np.float32]:
    matrix = sp.csr_matrix((np.ones(len(products)), ([0] * len(products), products)), shape=(1, N), dtype=np.float32)
    return made_model().scores(matrix)[0]


def test_serving_by_titles(signatures: Any) -> None:
    found = signatures["serve_titles"](titles=tf.constant([["Telur", "Nasi Goreng"]]), k=tf.constant(6))
    assert_served(found, titles_scores([10, 1]), [10, 1], 6)


@pytest.mark.parametrize("row", range(N))
def test_every_title_that_is_returned_is_understood(signatures: Any, row: int) -> None:
    found = signatures["serve_titles"](titles=tf.constant([[TITLES[row]]]), k=tf.constant(N - 1))
    assert_served(found, titles_scores([row]), [row], N - 1)


@pytest.mark.parametrize("row", range(N))
def test_every_canonical_title_is_understood(signatures: Any, row: int) -> None:
    found = signatures["serve_titles"](titles=tf.constant([[canonical_title(TITLES[row])]]), k=tf.constant(3))
    assert_served(found, titles_scores([row]), [row], 3)


def test_case_and_spaces_of_a_title_do_not_matter(signatures: Any) -> None:
    found = signatures["serve_titles"](titles=tf.constant([["  sATE \t  JAMUR\n"]]), k=tf.constant(3))
    assert_served(found, titles_scores([0]), [0], 3)


def test_unknown_titles_say_nothing(signatures: Any) -> None:
    batch = tf.constant([["no such dish", ""], ["Telur", "no such dish"]])
    found = signatures["serve_titles"](titles=batch, k=tf.constant(4))
    assert_served(found, made_model().prior, [], 4, 0)
    assert_served(found, titles_scores([10]), [10], 4, 1)


@pytest.mark.parametrize("text", ["ayam", "Sate, AYAM!", "sate pedas ayam", "Crème-goreng", "sate sate ayam"])
def test_serving_by_text(signatures: Any, text: str) -> None:
    ids = TokenVocabulary(TOKENS, bigrams=True).ids(text)
    bag = np.zeros((1, V), np.float32)
    bag[0, ids] = 1.0
    model = made_model()
    found = signatures["serve_text"](text=tf.constant([text]), k=tf.constant(5))
    scores = (model.text_rows(sp.csr_matrix(bag)) @ model.rows.T)[0] + model.prior
    assert_served(found, scores, [], 5)


def test_text_without_a_known_word_is_served_by_popularity(signatures: Any) -> None:
    found = signatures["serve_text"](text=tf.constant(["xyz", "", "!!", "ayam"]), k=tf.constant(3))
    for line in range(3):
        assert_served(found, made_model().prior, [], 3, line)


def test_more_than_all_products_are_all_products(signatures: Any) -> None:
    found = signatures["serve_text"](text=tf.constant(["ayam"]), k=tf.constant(1000))
    assert sorted(served(found)[0]) == sorted(TITLES)


# Files


@pytest.mark.parametrize("prior", [0.1, 0.9])
def test_tables_come_back_as_they_were(tmp_path: Path, folder: Path, prior: float) -> None:
    model, path = made_model(prior), folder
    if prior != 0.1:
        path = tmp_path / "saved_model"
        export_saved_model(model, made_data(), path)
    products, tokens = load_tables(path)
    assert np.array_equal(products[:, :DIMENSION], model.rows)
    np.testing.assert_allclose(products[:, DIMENSION] * model.gain, model.prior, atol=1e-7)
    assert np.array_equal(tokens, model.token_rows)
    assert products.dtype == tokens.dtype == np.float32


def test_a_model_without_text_and_with_equal_keys(tmp_path: Path) -> None:
    model = replace(made_model(), kind=Kind.COLLABORATIVE, token_rows=np.zeros((0, DIMENSION), np.float32))
    data = replace(made_data(), tokens=(), users=(), histories=made_histories()[:0])
    export_saved_model(model, data, tmp_path / "saved_model")
    assert load_tables(tmp_path / "saved_model")[1].tolist() == [[0.0] * DIMENSION]
    loaded = tf.saved_model.load(str(tmp_path / "saved_model"))
    assert_served(loaded.signatures["serve_text"](text=tf.constant(["ayam"]), k=tf.constant(3)), model.prior, [], 3)
    assert_served(loaded.signatures["serve_user"](user=tf.constant(["anna"]), k=tf.constant(3)), model.prior, [], 3)
    vector = loaded.signatures["embed_text"](tokens=tf.constant([[-1] * TEXT], tf.int32))["vector"]
    assert not vector.numpy().any()


def test_an_existing_saved_model_is_replaced_only_by_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "saved_model"
    path.mkdir()
    (path / "saved_model.pb").write_text("the old one")
    save = tf.saved_model.save

    def broken(module: Any, where: str, signatures: Any) -> None:
        Path(where).mkdir(parents=True)
        (Path(where) / "saved_model.pb").write_text("half")
        raise OSError("No space left on device")

    monkeypatch.setattr(tf.saved_model, "save", broken)
    with pytest.raises(OSError, match="No space left"):
        export_saved_model(made_model(), made_data(), path)
    assert (path / "saved_model.pb").read_text() == "the old one"
    monkeypatch.setattr(tf.saved_model, "save", save)
    export_saved_model(made_model(), made_data(), path)
    assert np.array_equal(load_tables(path)[0][:, :DIMENSION], made_model().rows)
    assert [entry.name for entry in tmp_path.iterdir()] == ["saved_model"]


def test_no_saved_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a SavedModel \(saved_model.pb\), found none; run seefud train"):
        load_tables(tmp_path)


def test_a_foreign_saved_model_is_named(tmp_path: Path) -> None:
    foreign = tf.Module()
    foreign.table = tf.Variable([1.0])
    tf.saved_model.save(foreign, str(tmp_path / "foreign"))
    with pytest.raises(InputError, match="expected the variables 'products' and 'tokens', found another SavedModel"):
        load_tables(tmp_path / "foreign")


def test_without_serving_the_file_is_the_same(folder: Path, tmp_path: Path) -> None:
    export_saved_model(made_model(), made_data(), tmp_path / "numeric", served=False)
    assert set(tf.saved_model.load(str(tmp_path / "numeric")).signatures) == set(SIGNATURES)
    assert convert(tmp_path / "numeric") == convert(folder)


def test_every_signature_is_saved_once(folder: Path) -> None:
    saved = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    names = [function.signature.name for function in saved.meta_graphs[0].graph_def.library.function]
    for signature in (*SIGNATURES, "serve_user", "serve_titles", "serve_text"):
        assert sum(name.startswith(f"__inference_{signature}_") for name in names) == 1, signature
