"""Damage to the bytes of a file: random but repeatable, and never the file itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

__all__ = ["mutations"]

Generator = np.random.Generator
DIGITS = b"0123456789abcdef"


def mutations(content: bytes, count: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Damaged copies of `content`, each different from it, with the kind of damage.

    The kinds take turns: a flipped bit, other bytes, a changed digit, bytes cut out, put in, doubled or moved, an end
    cut off or added, zeros, and two kinds at once.
    """
    rng = np.random.default_rng(seed)
    kinds = list(_KINDS)
    for number in range(count):
        name = kinds[number % len(kinds)]
        damaged = content
        while damaged == content:
            damaged = _KINDS[name](content, rng)
        yield name, damaged


def _place(content: bytes, rng: Generator) -> int:
    # Half of all damage falls on the first and last kilobyte, where headers and directories are.
    size = len(content)
    if rng.random() < 0.5:
        near = int(rng.integers(min(1024, size)))
        return near if rng.random() < 0.5 else size - 1 - near
    return int(rng.integers(size))


def _flip(content: bytes, rng: Generator) -> bytes:
    at = _place(content, rng)
    return content[:at] + bytes([content[at] ^ (1 << int(rng.integers(8)))]) + content[at + 1 :]


def _overwrite(content: bytes, rng: Generator) -> bytes:
    at, size = _place(content, rng), int(rng.integers(1, 9))
    return (content[:at] + rng.bytes(size) + content[at + size :])[: len(content)]


def _digit(content: bytes, rng: Generator) -> bytes:
    places = [at for at in range(min(len(content), 4096)) if content[at] in DIGITS]
    at = places[int(rng.integers(len(places)))] if places else _place(content, rng)
    return content[:at] + bytes([DIGITS[int(rng.integers(len(DIGITS)))]]) + content[at + 1 :]


def _cut(content: bytes, rng: Generator) -> bytes:
    at, size = _place(content, rng), int(rng.integers(1, 33))
    return content[:at] + content[at + size :]


def _insert(content: bytes, rng: Generator) -> bytes:
    at = _place(content, rng)
    return content[:at] + rng.bytes(int(rng.integers(1, 33))) + content[at:]


def _double(content: bytes, rng: Generator) -> bytes:
    at, size = _place(content, rng), int(rng.integers(1, 65))
    return content[: at + size] + content[at:]


def _move(content: bytes, rng: Generator) -> bytes:
    at, other, size = _place(content, rng), _place(content, rng), int(rng.integers(1, 17))
    piece, rest = content[at : at + size], content[:at] + content[at + size :]
    return rest[:other] + piece + rest[other:]


def _truncate(content: bytes, rng: Generator) -> bytes:
    return content[: int(rng.integers(len(content)))]


def _append(content: bytes, rng: Generator) -> bytes:
    return content + rng.choice([b"\n", b" ", b"\0", b"{}", content[:64], rng.bytes(16)])


def _zeros(content: bytes, rng: Generator) -> bytes:
    at, size = _place(content, rng), int(rng.integers(1, 65))
    return content[:at] + bytes(min(size, len(content) - at)) + content[at + size :]


def _two(content: bytes, rng: Generator) -> bytes:
    return _flip(_digit(content, rng), rng)


_KINDS: dict[str, Callable[[bytes, Generator], bytes]] = {
    "flip": _flip,
    "overwrite": _overwrite,
    "digit": _digit,
    "cut": _cut,
    "insert": _insert,
    "double": _double,
    "move": _move,
    "truncate": _truncate,
    "append": _append,
    "zeros": _zeros,
    "two": _two,
}
