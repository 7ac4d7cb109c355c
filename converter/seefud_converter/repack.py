"""Rewrite a TFLite flatbuffer without an interpreter: tables once, aligned, subgraphs in a fixed order.

TensorFlow's own writer leaves buffers at offsets that are multiples of four only and orders signatures by
alphabet. Here every buffer starts at a multiple of 16 (the schema's `force_align`, which SIMD kernels and
memory maps like), equal buffers are stored once, and the first subgraph, the one that tools without
signatures run, is the first of `order`.

Float16 tables are made here too: TensorFlow's float16 mode also narrows small constants, and 1e-12, the guard
of a division by a zero profile's length, becomes 0 in float16, so that an empty history would give NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from .errors import NonFiniteError

__all__ = ["ALIGNMENT", "LEAST_TABLE_ELEMENTS", "repack"]

ALIGNMENT = 16
"""Bytes; `force_align` of Buffer.data in TFLite's schema."""

LEAST_TABLE_ELEMENTS = 1024
"""Constants with fewer elements keep their type; the same threshold as TensorFlow's dynamic-range
quantizer."""

_FLOAT16_DEQUANTIZE_VERSION = 3


class _AlignedBuffer(schema.BufferT):  # type: ignore[misc]
    """A buffer whose bytes start at a multiple of `ALIGNMENT`, which the generated writer does not care
    for."""

    def Pack(self, builder: Any) -> int:  # noqa: N802 - overrides a generated name
        offset = None
        if self.data is not None and len(self.data):
            payload = np.asarray(self.data, np.uint8).tobytes()
            builder.StartVector(1, len(payload), ALIGNMENT)
            head = builder.head - len(payload)
            builder.head = head
            builder.Bytes[head : head + len(payload)] = payload
            offset = builder.EndVector()
        schema.BufferStart(builder)
        if offset is not None:
            schema.BufferAddData(builder, offset)
        end: int = schema.BufferEnd(builder)
        return end


def _text(value: bytes | str | None) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else value or ""


def _share_buffers(model: Any) -> None:
    """Point equal contents at one buffer; buffer 0 stays the empty one that the format reserves."""
    places: dict[bytes, int] = {b"": 0}
    kept: list[Any] = [_AlignedBuffer()]

    def place(old: int) -> int:
        data = model.buffers[old].data
        content = b"" if data is None else np.asarray(data, np.uint8).tobytes()
        if content not in places:
            places[content] = len(kept)
            kept.append(_AlignedBuffer(data=np.frombuffer(content, np.uint8)))
        return places[content]

    for graph in model.subgraphs:
        for tensor in graph.tensors:
            tensor.buffer = place(tensor.buffer)
    for entry in model.metadata or []:
        entry.buffer = place(entry.buffer)
    model.buffers = kept


def _order_subgraphs(model: Any, order: Sequence[str]) -> None:
    """Put the subgraphs of the signatures named in `order` first, in that order."""
    definitions = {_text(entry.signatureKey): entry for entry in model.signatureDefs or []}
    wanted = [definitions[key].subgraphIndex for key in order if key in definitions]
    sequence = wanted + [index for index in range(len(model.subgraphs)) if index not in wanted]
    model.subgraphs = [model.subgraphs[index] for index in sequence]
    for entry in definitions.values():
        entry.subgraphIndex = sequence.index(entry.subgraphIndex)
    model.signatureDefs = sorted(definitions.values(), key=lambda entry: int(entry.subgraphIndex))


def _halve_tables(model: Any) -> None:
    """Store float32 tables as float16, each widened by one DEQUANTIZE at the head of its subgraph."""
    halves: dict[int, int] = {}
    code = None
    for graph in model.subgraphs:
        widen = []
        for index, tensor in enumerate(list(graph.tensors)):
            data = model.buffers[tensor.buffer].data
            wide = tensor.type == schema.TensorType.FLOAT32 and data is not None
            if not wide or len(data) < 4 * LEAST_TABLE_ELEMENTS:
                continue
            if tensor.buffer not in halves:
                with np.errstate(over="ignore"):  # looked for in the next line
                    half = np.asarray(data, np.uint8).view(np.float32).astype(np.float16)
                if not np.isfinite(half).all():
                    raise NonFiniteError(
                        f"tensor {_text(tensor.name)!r}",
                        "weights of at most 65504 for recipe float16",
                        "a larger or non-finite one",
                        "use float32",
                    )
                halves[tensor.buffer] = len(model.buffers)
                model.buffers.append(schema.BufferT(data=half.view(np.uint8)))
            if code is None:
                code = schema.OperatorCodeT()
                code.builtinCode = schema.BuiltinOperator.DEQUANTIZE
                code.deprecatedBuiltinCode = schema.BuiltinOperator.DEQUANTIZE
                code.version = _FLOAT16_DEQUANTIZE_VERSION
                model.operatorCodes.append(code)
            stored = schema.TensorT()
            stored.name, stored.shape, stored.hasRank = tensor.name + b"/float16", tensor.shape, True
            stored.type, stored.buffer = schema.TensorType.FLOAT16, halves[tensor.buffer]
            tensor.buffer = 0
            operator = schema.OperatorT()
            operator.opcodeIndex = model.operatorCodes.index(code)
            operator.inputs, operator.outputs = [len(graph.tensors)], [index]
            operator.builtinOptionsType = schema.BuiltinOptions.DequantizeOptions
            operator.builtinOptions = schema.DequantizeOptionsT()
            graph.tensors.append(stored)
            widen.append(operator)
        graph.operators = widen + list(graph.operators)


def _set_metadata(model: Any, metadata: Mapping[str, bytes]) -> None:
    """Add or replace named metadata buffers."""
    model.metadata = [entry for entry in model.metadata or [] if _text(entry.name) not in metadata]
    for name in sorted(metadata):
        entry = schema.MetadataT()
        entry.name, entry.buffer = name, len(model.buffers)
        model.buffers.append(schema.BufferT(data=np.frombuffer(metadata[name], np.uint8)))
        model.metadata.append(entry)


def repack(
    flatbuffer: bytes,
    order: Sequence[str] = (),
    metadata: Mapping[str, bytes] | None = None,
    float16_tables: bool = False,
) -> bytes:
    """Write the same model again in the one form that this package ships.

    Args:
        flatbuffer: A TFLite flatbuffer, without anything after it.
        order: Signature names whose subgraphs come first.
        metadata: Metadata buffers to add or replace, by name.
        float16_tables: Store float32 constants of at least `LEAST_TABLE_ELEMENTS` elements as float16.

    Returns:
        The flatbuffer; the same input gives the same bytes.

    Raises:
        NonFiniteError: A weight does not fit float16.
    """
    import flatbuffers

    model = schema.ModelT.InitFromPackedBuf(flatbuffer)
    if float16_tables:
        _halve_tables(model)
    if metadata:
        _set_metadata(model, metadata)
    _order_subgraphs(model, order)
    _share_buffers(model)
    builder = flatbuffers.Builder(len(flatbuffer) + 1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
