"""The four signatures through the runtime, against formulas written out over the SavedModel's own tables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from converter.made_model import made_tables
from converter.proving_bundle import Made, shared_bundle
from seefud_converter.bundle import read_bundle
from seefud_converter.errors import InputError, MissingSignatureError, NonFiniteError, WrongTensorError
from seefud_converter.runtime import Runtime, Sizes, _signature_runners

TABLES, TOKENS = made_tables(300, 16, 120, 0)
ROWS, PRIOR = TABLES[:, :-1].astype(float), TABLES[:, -1].astype(float)
H = 8


@pytest.fixture(scope="module")
def made() -> Made:
    return shared_bundle("float32")


@pytest.fixture(scope="module")
def runtime(made: Made) -> Runtime:
    return Runtime.open(made.path)


def expected_scores(profile: np.ndarray) -> np.ndarray:
    norm = np.sqrt(sum(float(x) ** 2 for x in profile))
    return np.array([row @ profile / norm if norm else 0.0 for row in ROWS]) + PRIOR


def test_embed_products_takes_any_number(runtime: Runtime) -> None:
    rows = [5, -1, 299, 5, *range(40)]
    vectors = runtime.embed_products(rows)
    assert vectors.shape == (44, 16)
    assert vectors.dtype == np.float32
    assert not vectors[1].any()
    known = [row for row in rows if row >= 0]
    assert np.array_equal(np.delete(vectors, 1, 0), TABLES[known, :-1])
    assert runtime.embed_products([]).shape == (0, 16)


def test_embed_text_is_the_unit_sum_of_known_tokens(runtime: Runtime) -> None:
    total = TOKENS[[3, 7, 100]].astype(float).sum(0)
    found = runtime.embed_text([3, -1, 7, 100])
    np.testing.assert_allclose(found, total / np.linalg.norm(total), atol=1e-6)
    assert not runtime.embed_text([]).any()
    assert not runtime.embed_text([-1, -1]).any()


def test_recommend_against_the_formula(runtime: Runtime) -> None:
    history, weights = [4, 9, -1, 250], [1.0, 0.5, 3.0, 2.0]
    profile = ROWS[4] + 0.5 * ROWS[9] + 2 * ROWS[250]
    scores = expected_scores(profile)
    best = sorted((row for row in range(300) if row not in (4, 9, 250, 17)), key=lambda row: (-scores[row], row))
    found = runtime.recommend(history, weights, k=20, exclude=[17])
    assert found.rows.tolist() == best[:20]
    np.testing.assert_allclose(found.scores, scores[best[:20]], atol=1e-6)


@pytest.mark.parametrize("length", [H - 1, H, H + 1, 5 * H + 3])
def test_histories_of_any_length_are_folded_not_cut(runtime: Runtime, length: int) -> None:
    draw = np.random.default_rng(length)
    history, weights = draw.integers(0, 300, length), draw.uniform(0, 2, length)
    profile = sum(weight * ROWS[row] for row, weight in zip(history, weights, strict=True))
    np.testing.assert_allclose(runtime.profile(history, weights), profile, atol=1e-5)
    np.testing.assert_allclose(runtime.score(profile), expected_scores(profile), atol=1e-6)
    assert not set(history.tolist()) & set(runtime.recommend(history, weights, k=300).rows.tolist())


def test_a_repeated_item_is_a_weight(runtime: Runtime) -> None:
    assert np.array_equal(runtime.profile([3, 3, 8]), runtime.profile([3, 8], [2.0, 1.0]))


def test_further_vectors_join_the_profile(runtime: Runtime) -> None:
    extra = 0.5 * runtime.embed_text([3, 7])[None]
    np.testing.assert_allclose(runtime.profile([3], [2.0], extra), 2 * ROWS[3] + extra[0], atol=1e-6)
    assert np.array_equal(runtime.profile([], None, extra), extra[0])


def test_an_empty_history_ranks_by_the_prior(runtime: Runtime) -> None:
    found = runtime.recommend([], k=300)
    assert found.rows.tolist() == list(range(300)), "made rows are ordered by falling prior"
    np.testing.assert_allclose(found.scores, PRIOR, atol=1e-7)


def test_cold_scores_are_comparable_with_warm_ones(runtime: Runtime) -> None:
    profile = runtime.profile([3, 9])
    vectors = np.stack([runtime.embed_text([1, 2]), runtime.embed_text([])])
    found = runtime.score_cold(profile, vectors, [2, 0])
    unit = profile / np.linalg.norm(profile)
    words = 0.05 * np.log(3)
    np.testing.assert_allclose(found, [unit @ vectors[0] - 0.1 + words, -0.1], atol=1e-6)
    nobody = runtime.score_cold(np.zeros(16, np.float32), vectors, [2, 0])
    np.testing.assert_allclose(nobody, [-0.1 + words, -0.1], atol=1e-7)


@pytest.mark.parametrize("recipe", ["float32", "dynamic_wi8"])
@pytest.mark.parametrize("history", [[], [7], [7, -1, 9, 7], list(range(H))])
def test_the_graphs_own_recommend_gives_the_same_list(recipe: str, history: list[int]) -> None:
    runtime = Runtime.open(shared_bundle(recipe).path)
    in_graph = runtime.recommend_in_graph(history)
    assert len(in_graph.rows) == 20
    found = runtime.recommend(history, k=20)
    assert found.rows.tolist() == in_graph.rows.tolist()
    np.testing.assert_allclose(found.scores, in_graph.scores, atol=1e-6)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (
            lambda r: r.recommend([300]),
            "history: expected rows from -1 to 299, found 300; give -1 for an unknown product",
        ),
        (lambda r: r.recommend([-2]), "history: expected rows from -1 to 299, found -2"),
        (
            lambda r: r.recommend([1, 2], [1.0]),
            "weights: expected 2, one for each row of the history, found 1",
        ),
        (lambda r: r.recommend([1], [float("nan")]), "weights: expected finite numbers, found nan"),
        (
            lambda r: r.embed_text(range(17)),
            "text: expected at most 16 tokens, found 17; keep the first ones",
        ),
        (lambda r: r.embed_text([120]), "text: expected tokens from -1 to 119, found 120"),
        (
            lambda r: r.recommend_in_graph(range(9)),
            "history: expected at most 8 rows, found 9; use recommend, which folds it",
        ),
        (lambda r: r.score(np.zeros(15)), "profile: expected 16 numbers, found 15"),
    ],
)
def test_wrong_questions_are_named(runtime: Runtime, question: object, text: str) -> None:
    with pytest.raises(InputError) as error:
        question(runtime)  # type: ignore[operator]
    assert text in str(error.value)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"backend": "onnx"},
            "backend: expected one of litert, tensorflow, found 'onnx'; choose one of these",
        ),
        ({"threads": 0}, "threads: expected at least 1, found 0; give a positive number"),
    ],
)
def test_wrong_options_are_named(made: Made, options: dict[str, object], text: str) -> None:
    with pytest.raises(InputError) as error:
        Runtime.open(made.path, **options)  # type: ignore[arg-type]
    assert str(error.value) == text


def test_bytes_that_are_no_model_are_named() -> None:
    with pytest.raises(InputError, match="backend litert: expected a model that it can run, found"):
        Runtime.open(b"not a model at all, and not a flatbuffer either")


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_a_non_finite_result_is_an_error(bad: float) -> None:
    scores = np.zeros((1, 5), np.float32)
    scores[0, 3] = bad
    stub = Runtime({"score": lambda profile: {"scores": scores}}, Sizes(5, 2, 4, 4), None, "a stub")
    with pytest.raises(NonFiniteError) as error:
        stub.score(np.ones(2, np.float32))
    assert str(error.value).startswith(
        "signature score, output scores (a stub): expected finite numbers, found 1 of 5 are not, the first at 3;"
    )


def test_large_finite_results_are_not_mistaken_for_infinite() -> None:
    scores = np.full((1, 5), 3e38, np.float32)
    stub = Runtime({"score": lambda profile: {"scores": scores}}, Sizes(5, 2, 4, 4), None, "a stub")
    assert np.array_equal(stub.score(np.ones(2, np.float32)), scores[0])


class _Interpreter:
    def __init__(self, signatures: dict[str, dict[str, list[str]]]) -> None:
        self._signatures = signatures

    def get_signature_list(self) -> dict[str, dict[str, list[str]]]:
        return self._signatures


def test_signatures_and_tensors_are_addressed_by_name() -> None:
    recommend = {"inputs": ["history", "weights"], "outputs": ["items", "scores"]}
    with pytest.raises(MissingSignatureError) as missing:
        _signature_runners(_Interpreter({"recommend": recommend}))
    assert str(missing.value) == "model: expected the signature embed_products, found recommend"
    with pytest.raises(WrongTensorError, match="signature recommend: expected tensors"):
        _signature_runners(_Interpreter({"recommend": recommend | {"inputs": ["history", "args_1"]}}))


@pytest.mark.parametrize(("threads", "xnnpack"), [(1, False), (2, True)])
def test_tensorflow_is_the_other_backend(runtime: Runtime, made: Made, threads: int, xnnpack: bool) -> None:
    other = Runtime.open(read_bundle(made.path), "tensorflow", threads, xnnpack)
    assert other.label == f"tensorflow, {threads} thread{'s' * (threads > 1)}, XNNPACK {'on' if xnnpack else 'off'}"
    first, second = runtime.recommend([3, 4]), other.recommend([3, 4])
    assert first.rows.tolist() == second.rows.tolist()
    np.testing.assert_allclose(first.scores, second.scores, atol=1e-6)


def test_the_default_backend_neither_imports_tensorflow_nor_chatters(made: Made) -> None:
    program = (
        "import sys; from seefud_converter.runtime import Runtime; r = Runtime.open(sys.argv[1]);"
        "r.recommend([3]);"
        "print(sorted(m for m in sys.modules if m.partition('.')[0] in ('tensorflow', 'keras')))"
    )
    import seefud_converter

    place = str(Path(seefud_converter.__file__).parents[1])
    result = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {place!r}); {program}", str(made.path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "[]\n"
    assert result.stderr == ""
