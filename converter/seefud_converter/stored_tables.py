"""The two tables and the gain as a flatbuffer stores them, found without an interpreter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import WrongTensorError
from .graph import Graph, Tensor, read_graph

__all__ = ["StoredTable", "StoredTables"]


@dataclass(frozen=True)
class StoredTable:
    """A table as the file holds it.

    Attributes:
        values: [rows, columns] int8, float16 or float32.
        scale: Of one int8 step; 1 for floats.
    """

    values: npt.NDArray[Any]
    scale: np.float32

    @property
    def is_quantized(self) -> bool:
        return self.values.dtype == np.int8

    def dequantized(self) -> npt.NDArray[np.float32]:
        """float32 [rows, columns], one rounding for each value, as DEQUANTIZE does it."""
        return np.asarray(self.values.astype(np.float32) * self.scale, np.float32)


@dataclass(frozen=True)
class StoredTables:
    """Both tables and the constant that stands before the prior's column.

    Attributes:
        products: [N, D + 1], the prior divided by the gain last.
        tokens: [max(V, 1), D].
        gain: Appended to the unit profile.
    """

    products: StoredTable
    tokens: StoredTable
    gain: np.float32

    @classmethod
    def read(cls, flatbuffer: bytes | memoryview) -> StoredTables:
        """Find them in a flatbuffer by the shapes of its signatures' tensors.

        Raises:
            BundleError: Not a model, or not one of the contract.
            WrongTensorError: A table is missing, ambiguous, or quantized in a way that the kernels do not
            share.
        """
        graph = read_graph(flatbuffer)
        score, text = graph.signatures["score"], graph.signatures["embed_text"]
        dimension = score.inputs["profile"].shape[-1]
        count = score.outputs["scores"].shape[-1]
        in_score, in_text = _constants(graph, score.subgraph), _constants(graph, text.subgraph)
        products = [tensor for tensor in in_score if tensor.shape == (count, dimension + 1)]
        gains = [t for t in in_score if t.type.startswith("float") and t.shape == (1, 1) and t not in products]
        tokens = [t for t in in_text if len(t.shape) == 2 and t.shape[1] == dimension and "int32" not in t.type]
        if dimension == 1:  # [1, 1] constants of the graph look like a table of one token
            tokens = sorted(tokens, key=lambda tensor: -tensor.shape[0])[:1]
        for name, found in (("product table", products), ("token table", tokens), ("gain", gains)):
            if len(found) != 1:
                raise WrongTensorError(name, "one constant", f"{len(found)}", "export the SavedModel of the contract")
        return cls(_stored(products[0]), _stored(tokens[0]), np.float32(_stored(gains[0]).dequantized()[0, 0]))


def _constants(graph: Graph, index: int) -> list[Tensor]:
    tensors = (tensor for tensor in graph.subgraphs[index].tensors if tensor.data is not None)
    return list({tensor.buffer: tensor for tensor in tensors}.values())


def _stored(tensor: Tensor) -> StoredTable:
    assert tensor.data is not None
    if tensor.data.dtype != np.int8:
        return StoredTable(tensor.data, np.float32(1))
    if len(tensor.scales) != 1 or tensor.zero_points.any():
        found = f"{len(tensor.scales)} scales, zero points {np.unique(tensor.zero_points)[:3]}"
        raise WrongTensorError(
            f"table {tensor.name}", "one scale and zero point 0", found, "convert without per-channel"
        )
    return StoredTable(tensor.data, np.float32(tensor.scales[0]))
