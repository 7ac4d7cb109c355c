"""The NumPy emulation against the interpreters, and its parts against known answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from converter.made_model import made_tables
from converter.proving_bundle import Made, shared_bundle
from seefud_converter.bundle import read_bundle
from seefud_converter.emulation import ExactModel, KernelModel, quantize_query, rounded_queries
from seefud_converter.runtime import Runtime
from seefud_converter.stored_tables import StoredTables

TABLES, TOKENS = made_tables(300, 16, 120, 0)


@pytest.fixture(scope="module", params=["dynamic_wi8", "float16", "float32"])
def made(request: pytest.FixtureRequest) -> Made:
    return shared_bundle(request.param)


@pytest.fixture(scope="module")
def int8() -> Made:
    return shared_bundle("dynamic_wi8")


def test_tables_are_read_without_an_interpreter(made: Made) -> None:
    tables = StoredTables.read(read_bundle(made.path).flatbuffer)
    assert tables.gain == 1.0
    for stored, trained in ((tables.products, TABLES), (tables.tokens, TOKENS)):
        assert stored.values.shape == trained.shape
        if made.path.stem == "dynamic_wi8":
            assert stored.values.dtype == np.int8
            assert stored.scale == pytest.approx(np.abs(trained).max() / 127, rel=1e-6)
            assert np.abs(stored.dequantized() - trained).max() <= 0.5001 * stored.scale
        else:
            assert stored.scale == 1
            assert np.array_equal(stored.values, trained.astype(made.path.stem))


@pytest.mark.parametrize("xnnpack", [True, False])
def test_the_kernel_emulation_is_the_file(made: Made, xnnpack: bool) -> None:
    runtime = Runtime.open(made.path, xnnpack=xnnpack)
    kernel = KernelModel(StoredTables.read(read_bundle(made.path).flatbuffer))
    draw = np.random.default_rng(5)
    histories = [[row] for row in range(300)] + [draw.integers(0, 300, n).tolist() for n in (0, 2, 5, 40)]
    for history in histories:
        assert np.array_equal(kernel.embed_products(history), runtime.embed_products(history))
        profile = runtime.profile(history)
        match = kernel.nearest(profile, runtime.score(profile))
        assert match.error <= 1e-6, history
    text = draw.integers(-1, 120, 9)
    np.testing.assert_allclose(kernel.embed_text(text), runtime.embed_text(text), atol=1e-6)


def test_a_half_is_rounded_away_by_the_reference_kernel_and_to_even_by_xnnpack(int8: Made) -> None:
    kernel = KernelModel(StoredTables.read(read_bundle(int8.path).flatbuffer))
    runtimes = [Runtime.open(int8.path, xnnpack=xnnpack) for xnnpack in (False, True)]
    # sum p^2 = 1/4 + 3/4 and |min| = |max| = 1 (the gain): the zero point is half way between -1 and 0.
    profile = np.zeros(16, np.float32)
    profile[0] = -1
    assert len(quantize_query(np.append(profile, np.float32(1)))) == 2
    plain, xnnpack = (runtime.score(profile) for runtime in runtimes)
    assert np.abs(plain - xnnpack).max() > 1e-3, "the two kernels no longer differ: the emulation can be simpler"
    for scores in (plain, xnnpack):
        match = kernel.nearest(profile, scores)
        assert match.halves > 0
        assert match.error <= 1e-6
        assert np.abs(scores - kernel.score(profile)).max() <= kernel.spread(profile) + 1e-6


def test_the_kernel_emulation_is_not_a_wide_net(int8: Made) -> None:
    """With one weight of the query off by one step, the emulation must be far from the file."""
    kernel = KernelModel(StoredTables.read(read_bundle(int8.path).flatbuffer))
    runtime = Runtime.open(int8.path)
    profile = runtime.profile([3, 9, 27])
    scores = runtime.score(profile)
    exact = ExactModel.of_stored(kernel.tables).score(profile)
    assert kernel.nearest(profile, scores).error <= 1e-6
    assert np.abs(exact - scores).max() > 1e-4, "exact arithmetic would pass for the kernel's"


@pytest.mark.parametrize(
    ("query", "steps", "scale"),
    [
        ([0, 0, 1], [0, 0, 255], 1 / 255),  # zero point -128
        ([0, 0, 0], [0, 0, 0], 1),
        ([-1, 0, 0], [-255, 0, 0], 1 / 255),  # zero point 127
        ([1, -0.5, 0.1], [170, -85, 17], 1.5 / 255),  # 255 steps over [-.5, 1]: zero point -43
    ],
)
def test_known_quantized_queries(query: list[float], steps: list[int], scale: float) -> None:
    (found,) = quantize_query(np.array(query, np.float32))
    assert found.steps.tolist() == steps
    assert not found.turns.any()
    assert found.scale == pytest.approx(scale, rel=1e-6)


@settings(max_examples=200, deadline=None)
@given(hnp.arrays(np.float32, st.integers(1, 40), elements=st.floats(-100, 100, width=16)))
def test_every_right_answer_is_within_a_step(query: np.ndarray) -> None:
    ways = quantize_query(query)
    assert len(ways) in (1, 2)
    for way in ways:
        for answer in (way.steps, way.steps + way.turns):
            assert answer.max() - answer.min() <= 255
            # Half a step of rounding and, at the ends, half a step that the rounded zero point cuts off.
            assert np.abs(answer * float(way.scale) - query).max() <= 1.001 * float(way.scale) or not query.any()


@settings(deadline=None, max_examples=200)
@example(np.array([[-76.50001, 178.49999], [-157.49999, 97.50001]], np.float32) / 255)  # zero points near a half
@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=9),
        elements=st.floats(-1, 1, width=16) | st.sampled_from([0.0, 0.25, 0.5, -0.5, 1.0]),
    )
)
def test_many_queries_at_once_are_rounded_like_each_alone(queries: np.ndarray) -> None:
    alone = []
    for query in queries:
        way = quantize_query(query)[0]
        alone.append(way.steps * float(way.scale))
    np.testing.assert_array_equal(rounded_queries(queries), np.array(alone))


def half_way_profile(seed: int) -> np.ndarray:
    """A unit profile of which twelve values lie half way between two steps.

    With the smallest value -1/2 and the gain, 1, as largest, a step is 1.5 / 255 = 1 / 170, so an odd number
    of 340ths is a half. Their squares must add up to 3/4, that is, the odd numbers' to 86,700.
    """
    draw = np.random.default_rng(seed)
    while True:
        odd = (2 * draw.integers(25, 60, 10) + 1).tolist()
        left = 86_700 - sum(value**2 for value in odd)
        for last in range(1, 300, 2):
            other = round(max(left - last**2, 0) ** 0.5)
            if other % 2 and other < 300 and last**2 + other**2 == left:
                return np.array([-0.5, *(value / 340 for value in (*odd, last, other)), 0, 0, 0], np.float32)


@pytest.mark.parametrize("xnnpack", [True, False])
def test_a_query_of_many_halves(int8: Made, xnnpack: bool) -> None:
    kernel = KernelModel(StoredTables.read(read_bundle(int8.path).flatbuffer))
    runtime = Runtime.open(int8.path, xnnpack=xnnpack)
    for seed in range(20):
        profile = half_way_profile(seed)
        scores = runtime.score(profile)
        match = kernel.nearest(profile, scores)
        assert match.halves == 12
        assert match.error <= 1e-6, seed
        best = np.argsort(-scores)[:40].astype(np.int32)
        assert kernel.nearest(profile, scores[best], best).error <= 1e-6
        assert np.abs(scores - kernel.score(profile)).max() <= kernel.spread(profile)
        assert kernel.nearest(profile, scores + np.float32(3e-5)).error > 1e-5, "the halves explain too much"


def test_exact_arithmetic_against_loops() -> None:
    model = ExactModel(TABLES, TOKENS, 1.0)
    profile = model.profile([3, -1, 5], [1.0, 9.0, 0.5], model.embed_text([2])[None])
    token = [float(x) for x in TOKENS[2]]
    length = sum(x * x for x in token) ** 0.5
    by_hand = [float(TABLES[3, j]) + 0.5 * float(TABLES[5, j]) + token[j] / length for j in range(16)]
    np.testing.assert_allclose(profile, by_hand, atol=1e-9)
    norm = sum(x * x for x in by_hand) ** 0.5
    score = sum(x / norm * float(TABLES[7, j]) for j, x in enumerate(by_hand)) + float(TABLES[7, 16])
    assert model.score(profile)[7] == pytest.approx(score, abs=1e-9)
    np.testing.assert_allclose(model.score(model.profile([])), TABLES[:, -1], atol=1e-12)
    assert not model.embed_text([]).any()
