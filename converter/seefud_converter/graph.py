"""What a TFLite flatbuffer holds, read without an interpreter and without TensorFlow.

`ai_edge_litert.schema_py_generated` is the schema's generated reader: pure Python over numpy, a few
milliseconds. The bytes are not trusted: any offset that leads astray becomes a `TruncatedError`, never an
IndexError.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

from .errors import BundleError, NotAModelError, TruncatedError

__all__ = [
    "IDENTIFIER",
    "METADATA_NAME",
    "SIGNATURES",
    "Graph",
    "Operator",
    "Signature",
    "Subgraph",
    "Tensor",
    "read_graph",
]

SIGNATURES = ("recommend", "embed_products", "embed_text", "score")
"""The four signatures of the contract; the first is also what tools without signatures run."""

IDENTIFIER = b"TFL3"
"""Bytes 4 to 8 of every TFLite flatbuffer."""

METADATA_NAME = "TFLITE_METADATA"
"""Name of the metadata buffer that TFLite Metadata tools read."""

_MOST_PARTS = 100_000  # of any vector of tables; a damaged length must not become an endless loop

_TYPE_NAMES = {value: name.lower() for name, value in vars(schema.TensorType).items() if isinstance(value, int)}
_OPERATOR_NAMES = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
_NUMPY_TYPES = {
    name: np.dtype(name).newbyteorder("<")
    for name in ("float32", "float16", "int32", "int64", "int8", "uint8", "bool", "int16", "float64")
}


@dataclass(frozen=True)
class Tensor:
    """One tensor of a subgraph.

    Attributes:
        name: Its name in the flatbuffer (signature names are in `Signature`).
        type: TFLite's type name in lower case (`float32`, `int8`, `string`, ...).
        shape: Its dimensions.
        buffer: Index of its buffer; tensors with the same index share their bytes.
        scales: Quantization scales, float32, empty if not quantized.
        zero_points: Quantization zero points, int64.
        data: The constant, in its shape and stored type, a read-only view; None for a computed tensor.
    """

    name: str
    type: str
    shape: tuple[int, ...]
    buffer: int
    scales: npt.NDArray[np.float32] = field(repr=False)
    zero_points: npt.NDArray[np.int64] = field(repr=False)
    data: npt.NDArray[Any] | None = field(repr=False)


@dataclass(frozen=True)
class Operator:
    """An operator in one version; `custom` is the custom operator's name (Flex operators are custom) or
    empty."""

    name: str
    version: int
    custom: str = ""


@dataclass(frozen=True)
class Subgraph:
    """One subgraph: all tensors, the indexes of inputs and outputs, operators in order of execution."""

    name: str
    tensors: tuple[Tensor, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    operators: tuple[Operator, ...]


@dataclass(frozen=True)
class Signature:
    """A named entry: its subgraph's index, and its tensors by the names that callers use."""

    key: str
    subgraph: int
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]


@dataclass(frozen=True)
class Graph:
    """A whole model.

    Attributes:
        subgraphs: In file order.
        signatures: By key.
        metadata: Named metadata buffers (`min_runtime_version`, `TFLITE_METADATA`, ...).
        operator_codes: The operators that the file declares, used or not.
        buffer_bytes: Bytes of each buffer.
    """

    subgraphs: tuple[Subgraph, ...]
    signatures: dict[str, Signature]
    metadata: dict[str, bytes]
    operator_codes: tuple[Operator, ...]
    buffer_bytes: tuple[int, ...]

    def constants(self) -> Iterator[Tensor]:
        """Every constant once: the first tensor of each buffer that has data."""
        seen: set[int] = set()
        for graph in self.subgraphs:
            for tensor in graph.tensors:
                if tensor.data is not None and tensor.buffer not in seen:
                    seen.add(tensor.buffer)
                    yield tensor

    def tables(self, rows: int, columns: int) -> list[Tensor]:
        """The constants of shape [rows, columns], each buffer once."""
        return [tensor for tensor in self.constants() if tensor.shape == (rows, columns)]


def _count(length: int, what: str) -> range:
    if not 0 <= length <= _MOST_PARTS:
        raise ValueError(f"{length} {what}")
    return range(length)


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8")


def _numbers(values: Any, kind: type) -> npt.NDArray[Any]:
    # The generated reader answers 0, not an empty array, where the vector is absent.
    return np.asarray(values if isinstance(values, np.ndarray) else [], kind)


def _tensor(model: Any, entry: Any) -> Tensor:
    name = _TYPE_NAMES.get(entry.Type(), f"type {entry.Type()}")
    shape = tuple(int(size) for size in _numbers(entry.ShapeAsNumpy(), np.int64))
    if not 0 <= entry.Buffer() < model.BuffersLength():
        raise ValueError(f"buffer {entry.Buffer()} of {model.BuffersLength()}")
    buffer = model.Buffers(entry.Buffer())
    if buffer.Offset() > 1 or buffer.Size() > 1:
        raise ValueError("a buffer outside the flatbuffer")  # only for models of more than 2 GB
    data = None
    if buffer.DataLength():
        raw = buffer.DataAsNumpy()
        kind = _NUMPY_TYPES.get(name)
        data = raw if kind is None else raw.view(kind).reshape(shape)
        data.flags.writeable = False
    quantization = entry.Quantization()
    scales = zero_points = None
    if quantization is not None:
        scales, zero_points = quantization.ScaleAsNumpy(), quantization.ZeroPointAsNumpy()
    return Tensor(
        _text(entry.Name()),
        name,
        shape,
        int(entry.Buffer()),
        _numbers(scales, np.float32),
        _numbers(zero_points, np.int64),
        data,
    )


def _operator(code: Any) -> Operator:
    # Before schema version 3a the code was one byte; readers take the larger of both.
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    return Operator(_OPERATOR_NAMES.get(number, f"operator {number}"), int(code.Version()), _text(code.CustomCode()))


def _subgraph(model: Any, entry: Any, codes: tuple[Operator, ...]) -> Subgraph:
    tensors = tuple(_tensor(model, entry.Tensors(i)) for i in _count(entry.TensorsLength(), "tensors"))
    return Subgraph(
        _text(entry.Name()),
        tensors,
        tuple(int(i) for i in _numbers(entry.InputsAsNumpy(), np.int64)),
        tuple(int(i) for i in _numbers(entry.OutputsAsNumpy(), np.int64)),
        tuple(codes[entry.Operators(i).OpcodeIndex()] for i in _count(entry.OperatorsLength(), "operators")),
    )


def _signature(entry: Any, graphs: tuple[Subgraph, ...]) -> Signature:
    index = int(entry.SubgraphIndex())
    tensors = graphs[index].tensors

    def named(length: int, at: Any) -> dict[str, Tensor]:
        return {_text(at(i).Name()): tensors[at(i).TensorIndex()] for i in _count(length, "signature tensors")}

    return Signature(
        _text(entry.SignatureKey()),
        index,
        named(entry.InputsLength(), entry.Inputs),
        named(entry.OutputsLength(), entry.Outputs),
    )


def _read(flatbuffer: bytes | memoryview) -> Graph:
    model = schema.Model.GetRootAs(flatbuffer, 0)
    codes = tuple(_operator(model.OperatorCodes(i)) for i in _count(model.OperatorCodesLength(), "operator codes"))
    graphs = tuple(_subgraph(model, model.Subgraphs(i), codes) for i in _count(model.SubgraphsLength(), "subgraphs"))
    entries = [_signature(model.SignatureDefs(i), graphs) for i in _count(model.SignatureDefsLength(), "signatures")]
    buffers = [model.Buffers(i) for i in _count(model.BuffersLength(), "buffers")]
    metadata = {}
    for i in _count(model.MetadataLength(), "metadata entries"):
        entry = model.Metadata(i)
        buffer = buffers[entry.Buffer()]
        metadata[_text(entry.Name())] = buffer.DataAsNumpy().tobytes() if buffer.DataLength() else b""
    return Graph(
        graphs,
        {entry.key: entry for entry in entries},
        metadata,
        codes,
        tuple(int(buffer.DataLength()) for buffer in buffers),
    )


def read_graph(flatbuffer: bytes | memoryview, where: str = "model") -> Graph:
    """Read everything but the operators' options.

    Args:
        flatbuffer: The model's bytes; bytes after it are ignored.
        where: Named in errors.

    Raises:
        NotAModelError: The bytes do not carry TFLite's identifier.
        TruncatedError: An offset in them leads outside, as in a file that was cut or overwritten.
    """
    if bytes(flatbuffer[4:8]) != IDENTIFIER:
        found = f"{bytes(flatbuffer[4:8])!r} in {len(flatbuffer)} bytes"
        raise NotAModelError(where, f"the identifier {IDENTIFIER!r} at byte 4", found, "give a .tflite file")
    try:
        return _read(flatbuffer)
    except BundleError:
        raise
    except (
        struct.error,
        IndexError,
        ValueError,
        TypeError,
        AttributeError,
        OverflowError,
        KeyError,
    ) as problem:
        raise TruncatedError(
            where,
            "a whole flatbuffer",
            f"one whose parts lead outside ({problem})",
            "copy or build the file again",
        ) from problem
