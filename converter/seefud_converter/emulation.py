"""The file's arithmetic again, in NumPy, from the bytes of its tables and without an interpreter.

Two models with the methods of `Runtime`:

- `ExactModel` computes in float64: of the float model's variables it is what the model means, of the tables
  as stored (`StoredTables.dequantized`) it is what rounding them alone costs.
- `KernelModel` computes as the kernels do. Found by experiment on ai-edge-litert 2.3.0 and tf.lite 2.19.1:

  * GATHER copies int8, DEQUANTIZE multiplies by the table's one scale: no error beyond float32.
  * FULLY_CONNECTED with int8 weights quantizes its float input *asymmetrically* over [min(x, 0), max(x, 0)]
    in 255 steps, one scale and zero point for the whole query, sums int8 products exactly and multiplies once
    by both scales: `score_i = s_x * s_w * sum_j w_ij (q_j - z)`.
  * The zero point is rounded from the end of the range whose own rounding error is smaller (gemmlowp's rule).
  * The reference kernel rounds halves away from zero, XNNPACK to even. Nothing else tells them apart.

A value half way between two steps has therefore two right answers, and so has one that is nearer to the half
than float32 can tell, because the order of the sum under the norm depends on the processor. That is not rare:
an unweighted history sums int8 rows, so its query lies on a lattice, and where the lattice and the 255 steps
share a factor up to half of all values are exact halves (ml-100k, 64 dimensions: 3 to 6 % of the histories
have one). Such steps are worth up to .006 in a score, far above the 1e-5 to which everything else agrees.
`KernelModel.nearest` finds out which way each was rounded, and then holds all scores to 1e-5, instead of
widening the tolerance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .stored_tables import StoredTables

__all__ = [
    "ExactModel",
    "KernelModel",
    "Match",
    "QuantizedQuery",
    "quantize_query",
    "rounded_queries",
]

Floats = npt.NDArray[Any]
EPSILON = 1e-12
"""Added to a squared norm before its root; of the contract of the SavedModel."""

_HALF_WIDTH = 2e-4
"""Distance from a half, in steps of the input's grid, within which float32 may round either way.

A normalised component has a relative error below 1e-6 in any order of summation, times at most 255 steps.
"""


class ExactModel:
    """The model's formulas in float64 on given tables."""

    def __init__(self, products: Floats, tokens: Floats, gain: float) -> None:
        """Take tables [N, D + 1] and [V, D]; `gain` stands before the products' last column."""
        self._table = np.asarray(products, np.float64)
        self._tokens = np.asarray(tokens, np.float64)
        self._gain = float(gain)
        self.products, self.dimension = self._table.shape[0], self._table.shape[1] - 1

    @classmethod
    def of_stored(cls, tables: StoredTables) -> ExactModel:
        """Exact arithmetic on the same rounded tables."""
        return cls(tables.products.dequantized(), tables.tokens.dequantized(), float(tables.gain))

    def embed_products(self, rows: Sequence[int] | npt.NDArray[np.int32]) -> Floats:
        """Rows int [n] -> [n, D]; -1 gives zeros."""
        return _gathered(self._table[:, :-1], rows)

    def embed_text(self, tokens: Sequence[int] | npt.NDArray[np.int32]) -> Floats:
        """Token ids int [n], -1 = none -> unit vector [D], zeros if none is known."""
        return _unit(_gathered(self._tokens, tokens).sum(0))

    def profile(
        self, history: Sequence[int], weights: Sequence[float] | None = None, extra: Floats | None = None
    ) -> Floats:
        """Weighted sum of rows and of further vectors -> [D]."""
        return _summed(self.embed_products(history), weights, extra)

    def score(self, profile: Floats) -> Floats:
        """[D] -> [N]."""
        query = np.append(_unit(np.asarray(profile, np.float64)), self._gain)
        return np.asarray(self._table @ query)


class Match(NamedTuple):
    """The right answer that is nearest to measured scores.

    Attributes:
        scores: float32 [N].
        error: Largest absolute difference to the measured scores.
        halves: How many values of the query, or its zero point, could be rounded either way.
    """

    scores: npt.NDArray[np.float32]
    error: float
    halves: int


class QuantizedQuery(NamedTuple):
    """One right way of quantizing a query, and the freedom that is left in it.

    Attributes:
        steps: int64 [C], step minus zero point, halves rounded away from zero.
        turns: int64 [C], -1 or 1 where adding it gives an answer that is right too, else 0.
        scale: Of one step.
    """

    steps: npt.NDArray[np.int64]
    turns: npt.NDArray[np.int64]
    scale: np.float32


class KernelModel:
    """The kernels' arithmetic on the stored tables, in float32 and exact integers."""

    def __init__(self, tables: StoredTables) -> None:
        self.tables = tables
        self._rows = tables.products.dequantized()[:, :-1]
        self._tokens = tables.tokens.dequantized()
        # int8 products of at most 2^24 / (127 * 255) = 518 columns add up exactly in float32, and BLAS knows
        # it; float64 is exact for any number.
        kind = np.float32 if tables.products.values.shape[1] <= 500 else np.float64
        self._weights: Floats = tables.products.values.astype(kind if tables.products.is_quantized else np.float32)
        self.products, self.dimension = self._rows.shape

    def embed_products(self, rows: Sequence[int] | npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
        """Rows int [n] -> float32 [n, D], bit for bit those of the file."""
        return np.asarray(_gathered(self._rows, rows), np.float32)

    def embed_text(self, tokens: Sequence[int] | npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
        """Token ids int [n] -> float32 [D]."""
        return np.asarray(_unit(_gathered(self._tokens, tokens).sum(0)), np.float32)

    def profile(
        self, history: Sequence[int], weights: Sequence[float] | None = None, extra: Floats | None = None
    ) -> npt.NDArray[np.float32]:
        """Weighted sum of rows and of further vectors -> float32 [D]."""
        return np.asarray(_summed(self.embed_products(history), weights, extra), np.float32)

    def score(self, profile: Floats) -> npt.NDArray[np.float32]:
        """[D] -> float32 [N], halves rounded away from zero."""
        query = self._query(profile)
        if not self.tables.products.is_quantized:
            return np.asarray(self._weights @ query, np.float32)
        way = quantize_query(query)[0]
        return self._scored(way.steps, way.scale)

    def nearest(self, profile: Floats, measured: Floats, rows: npt.NDArray[np.int32] | None = None) -> Match:
        """Of all right answers, the one that is nearest to measured scores.

        Turning a half adds its column of the table to all scores, so the turns that were taken are the
        solution of a least squares problem, rounded to 0 or 1.

        Args:
            profile: [D], the one that was scored.
            measured: Scores of all rows, or of `rows`.
            rows: int [k], which rows were measured.
        """
        chosen = slice(None) if rows is None else rows
        if not self.tables.products.is_quantized:
            answer = self.score(profile)
            return Match(answer, _largest(answer[chosen] - measured), 0)
        ways = quantize_query(self._query(profile))
        matches = []
        for way in ways:
            steps, free = way.steps, np.flatnonzero(way.turns)
            if len(free):
                columns = self._weights[chosen][:, free].astype(np.float64) * way.turns[free]
                factor = float(way.scale) * float(self.tables.products.scale)
                left = np.asarray(measured, np.float64) / factor - self._weights[chosen] @ steps
                taken = np.linalg.lstsq(columns.T @ columns, columns.T @ left, rcond=None)[0] > 0.5
                steps = steps.copy()
                steps[free] += way.turns[free] * taken
            answer = self._scored(steps, way.scale)
            halves = len(free) + len(ways) - 1
            matches.append(Match(answer, _largest(answer[chosen] - measured), halves))
        return min(matches, key=lambda match: match.error)

    def spread(self, profile: Floats) -> float:
        """How far a right answer can be from `score`, at most; 0 if there is only one."""
        if not self.tables.products.is_quantized:
            return 0.0
        first = self.score(profile)
        bounds = []
        for way in quantize_query(self._query(profile)):
            factor = float(way.scale) * float(self.tables.products.scale)
            turned = np.abs(self._weights) @ np.abs(way.turns) * factor
            bounds.append(_largest(np.abs(self._scored(way.steps, way.scale) - first) + turned))
        return max(bounds)

    def _scored(self, steps: npt.NDArray[np.int64], scale: np.float32) -> npt.NDArray[np.float32]:
        sums = self._weights @ steps.astype(self._weights.dtype)
        return np.asarray(sums.astype(np.float32) * np.float32(scale * self.tables.products.scale))

    def _query(self, profile: Floats) -> npt.NDArray[np.float32]:
        return np.append(_unit(np.asarray(profile, np.float32)), self.tables.gain).astype(np.float32)


def quantize_query(query: npt.NDArray[np.float32]) -> list[QuantizedQuery]:
    """What FULLY_CONNECTED makes of a float query before it meets int8 weights.

    Args:
        query: float32 [C].

    Returns:
        One way, or two if the zero point itself lies half way; halves rounded away from zero first.
    """
    low, high = min(0.0, float(query.min())), max(0.0, float(query.max()))
    if low == high:
        nothing = np.zeros(len(query), np.int64)
        return [QuantizedQuery(nothing, nothing, np.float32(1))]
    scale = np.float32((high - low) / 255)
    # gemmlowp: take the end whose quantized value and whose distance from it add up to less.
    from_low, from_high = -128 - low / float(scale), 127 - high / float(scale)
    zero = from_low if 128 + abs(low / float(scale)) < 127 + abs(high / float(scale)) else from_high
    points, other_points = _roundings(np.array([zero]))
    near, far = _roundings(query.astype(np.float64) / float(scale))
    ways = []
    for point in np.clip(np.unique([points, other_points]), -128, 127)[:: -1 if zero > 0 else 1]:
        steps, others = (np.clip(values + point, -128, 127) - point for values in (near, far))
        ways.append(QuantizedQuery(steps, others - steps, scale))
    return ways


def rounded_queries(queries: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """What is left of many queries, by `quantize_query`'s first way for each.

    Args:
        queries: float32 [n, C].

    Returns:
        float64 [n, C], steps times their scale; the queries themselves where all values are 0.
    """
    low = np.minimum(queries.min(axis=1, keepdims=True, initial=0.0), 0.0).astype(np.float64)
    high = np.maximum(queries.max(axis=1, keepdims=True, initial=0.0), 0.0).astype(np.float64)
    scale = ((high - low) / 255).astype(np.float32).astype(np.float64)
    scale[scale == 0] = 1.0
    from_low, from_high = -128 - low / scale, 127 - high / scale
    zero = np.where(128 + np.abs(low / scale) < 127 + np.abs(high / scale), from_low, from_high)
    # Where the zero point may be rounded either way, the way away from zero comes first.
    point = np.clip(_nearest(zero + np.sign(zero) * _HALF_WIDTH), -128, 127)
    return np.asarray((np.clip(_nearest(queries / scale) + point, -128, 127) - point) * scale)


def _nearest(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Nearest integers, halves away from zero."""
    return np.asarray(np.sign(values) * np.floor(np.abs(values) + 0.5))


def _roundings(values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Nearest integers, halves away from zero, and the same with values close to a half the other way."""
    near = _nearest(values).astype(np.int64)
    is_half = np.abs(np.abs(values - np.trunc(values)) - 0.5) <= _HALF_WIDTH
    other = np.where(near == np.floor(values), np.ceil(values), np.floor(values)).astype(np.int64)
    return near, np.where(is_half, other, near)


def _largest(values: Floats) -> float:
    return float(np.abs(values).max(initial=0))


def _gathered(table: Floats, rows: Sequence[int] | npt.NDArray[np.int32]) -> Floats:
    wanted = np.asarray(rows, np.int64).reshape(-1)
    return np.where((wanted >= 0)[:, None], table[np.maximum(wanted, 0)], 0)


def _summed(vectors: Floats, weights: Sequence[float] | None, extra: Floats | None) -> Floats:
    factors = np.ones(len(vectors)) if weights is None else np.asarray(weights)
    total = (vectors * factors.astype(vectors.dtype)[:, None]).sum(0)
    if extra is not None and len(extra):
        total = total + np.reshape(extra, (-1, vectors.shape[1])).sum(0)
    return np.asarray(total)


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.sqrt((vector * vector).sum() + vector.dtype.type(EPSILON)))
