"""The tools of `damaged.py`: take a good bundle apart, change one thing, put it together again."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from converter.made_conversion import PRODUCTS
from seefud_converter.archive import read_archive, with_archive

__all__ = [
    "cut_to",
    "declares_much",
    "edited_model",
    "flip_in_table",
    "flipped",
    "foreign_bundle",
    "half_not_a_number",
    "in_document",
    "in_file",
    "in_model",
    "last_line_gone",
    "many_entries",
    "not_a_number_in_table",
    "rebuilt",
    "renamed_output",
    "renamed_signature",
    "reshaped_output",
    "retyped_output",
    "scale_of",
    "split",
    "table_twice",
    "third_line",
    "two_scales",
    "with_raw_document",
    "without",
    "zip_bomb",
    "zipped",
]

Document = dict[str, Any]


def split(content: bytes) -> tuple[bytes, dict[str, bytes]]:
    """The flatbuffer and the files of a good bundle."""
    length, files = read_archive(content, "good")
    return content[:length], files


def rebuilt(
    content: bytes,
    change_document: Callable[[Document], Any] = lambda document: None,
    change_files: Callable[[dict[str, bytes]], Any] = lambda files: None,
    change_model: Callable[[bytes], bytes] = lambda model: model,
    fix_digests: bool = True,
) -> bytes:
    """Take a good bundle apart, change it, and put it together with fitting digests."""
    model, files = split(content)
    document = json.loads(files.pop("bundle.json"))
    change_files(files)
    model = change_model(model)
    if fix_digests:
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        document["digests"] = digests | {"flatbuffer": hashlib.sha256(model).hexdigest()}
        document["model_id"] = document["digests"]["flatbuffer"][:12]
    change_document(document)
    return with_archive(model, files | {"bundle.json": json.dumps(document).encode()})


def edited_model(change: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    """A change of the flatbuffer's object tree, as a change of its bytes."""

    def apply(model: bytes) -> bytes:
        tree = schema.ModelT.InitFromPackedBuf(model)
        change(tree)
        builder = flatbuffers.Builder(0)
        builder.Finish(tree.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    return apply


def in_document(change: Callable[[Document], Any]) -> Callable[[bytes], bytes]:
    return lambda content: rebuilt(content, change_document=change)


def in_file(name: str, change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda content: rebuilt(content, change_files=lambda files: files.update({name: change(files[name])}))


def without(name: str) -> Callable[[bytes], bytes]:
    return lambda content: rebuilt(content, change_files=lambda files: files.pop(name))


def in_model(change: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    return lambda content: rebuilt(content, change_model=edited_model(change))


def with_raw_document(data: bytes) -> Callable[[bytes], bytes]:
    def make(content: bytes) -> bytes:
        model, files = split(content)
        return with_archive(model, files | {"bundle.json": data})

    return make


def flipped(find: bytes, step: int = 0) -> Callable[[bytes], bytes]:
    def make(content: bytes) -> bytes:
        place = content.index(find) + step
        return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]

    return make


def cut_to(length: Callable[[int], int]) -> Callable[[bytes], bytes]:
    return lambda content: content[: length(len(split(content)[0]))]


def zipped(content: bytes, files: dict[str, bytes], compression: int) -> bytes:
    out = io.BytesIO(split(content)[0])
    out.seek(0, io.SEEK_END)
    with zipfile.ZipFile(out, "a", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def flip_in_table(content: bytes) -> bytes:
    model, _ = split(content)
    tree = schema.ModelT.InitFromPackedBuf(model)
    table = max((buffer.data for buffer in tree.buffers if buffer.data is not None), key=len).tobytes()
    return flipped(table, len(table) // 2)(content)


def renamed_signature(tree: Any) -> None:
    next(entry for entry in tree.signatureDefs if entry.signatureKey == b"score").signatureKey = b"rate"


def renamed_output(tree: Any) -> None:
    next(entry for entry in tree.signatureDefs if entry.signatureKey == b"score").outputs[0].name = b"points"


def score_output(tree: Any) -> Any:
    entry = next(entry for entry in tree.signatureDefs if entry.signatureKey == b"score")
    return tree.subgraphs[entry.subgraphIndex].tensors[entry.outputs[0].tensorIndex]


def retyped_output(tree: Any) -> None:
    score_output(tree).type = schema.TensorType.INT32


def reshaped_output(tree: Any) -> None:
    score_output(tree).shape = np.array([1, PRODUCTS - 1], np.int32)


def with_data(tree: Any) -> list[Any]:
    sizes = [0 if buffer.data is None else len(buffer.data) for buffer in tree.buffers]
    return [tensor for graph in tree.subgraphs for tensor in graph.tensors if sizes[tensor.buffer] > 1000]


def scale_of(value: float) -> Callable[[Any], None]:
    def change(tree: Any) -> None:
        with_data(tree)[0].quantization.scale = np.array([value], np.float32)

    return change


def two_scales(tree: Any) -> None:
    for tensor in with_data(tree):
        tensor.quantization.scale = np.array([0.1, 0.2], np.float32)
        tensor.quantization.zeroPoint = np.array([0, 0], np.int64)


def not_a_number_in_table(tree: Any) -> None:
    buffer = tree.buffers[with_data(tree)[0].buffer]
    numbers = np.array(buffer.data).view(np.float32).copy()
    numbers[7] = np.nan
    buffer.data = numbers.view(np.uint8)


def table_twice(tree: Any) -> None:
    first = with_data(tree)[0]
    users = [tensor for tensor in with_data(tree) if tensor.buffer == first.buffer]
    tree.buffers.append(schema.BufferT(data=np.array(tree.buffers[first.buffer].data)))
    users[-1].buffer = len(tree.buffers) - 1


def last_line_gone(data: bytes) -> bytes:
    return b"".join(data.splitlines(keepends=True)[:-1])


def third_line(new: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        lines = data.split(b"\n")
        return b"\n".join([*lines[:2], new, *lines[3:]])

    return change


def zip_bomb(content: bytes) -> bytes:
    _, files = split(content)
    return zipped(content, files | {"ingredients.txt": bytes(4_000_000)}, zipfile.ZIP_DEFLATED)


def declares_much(content: bytes) -> bytes:
    # Sizes in the central directory are only claims: four bytes each, 24 after the entry's mark.
    start = content.rindex(b"PK\x01\x02") + 24
    return content[:start] + (2**31).to_bytes(4, "little") + content[start + 4 :]


def many_entries(content: bytes) -> bytes:
    _, files = split(content)
    return with_archive(split(content)[0], files | {f"{number}.txt": b"" for number in range(40)})


def foreign_bundle(content: bytes) -> bytes:
    return with_archive(split(content)[0], {"labels.txt": b"cat\ndog\n"})


def half_not_a_number(tree: Any) -> None:
    buffer = tree.buffers[with_data(tree)[0].buffer]
    numbers = np.array(buffer.data).view(np.float16).copy()
    numbers[-1] = np.inf
    buffer.data = numbers.view(np.uint8)
