"""The sum that ends an exported line, so that a damaged line is never taken for an event.

It protects against damage, not against forging: whoever changes a line on purpose can write its sum.
"""

from __future__ import annotations

import hashlib

__all__ = ["SUM_BEGIN", "SUM_CHARACTERS", "SUM_DIGITS", "SUM_END", "line_sum", "with_sum"]

SUM_BEGIN, SUM_END = ',"sum":"', '"}'
"""What stands before the digits and after them, to the byte."""

SUM_DIGITS = 16
"""64 bits: of 2^64 damaged lines one passes."""

SUM_CHARACTERS = len(SUM_BEGIN) + SUM_DIGITS + len(SUM_END)
"""Of the end of a line. All are ASCII, so these are bytes too."""


def line_sum(begin: str) -> str:
    """The sum of a line: the first 16 hexadecimal digits of the SHA-256 of its UTF-8.

    Args:
        begin: the line before `SUM_BEGIN`.
    """
    # Half a character has no UTF-8 and comes out of no file; whoever asks about one finds another sum, no exception.
    return hashlib.sha256(begin.encode("utf-8", "surrogatepass")).hexdigest()[:SUM_DIGITS]


def with_sum(line: str) -> str:
    """A line with its sum, which is over the text as it stands there: spaces and escapes count.

    Args:
        line: a JSON object of at least one key, none of them ``sum``, without the end of the line.

    Raises:
        ValueError: it does not end in a brace, or has no key.
    """
    begin = line.removesuffix("}")
    if begin == line or not begin.rstrip().removeprefix("{"):
        raise ValueError(f"expected a JSON object with a key, found {line[:80]!r}; give the line without its end")
    return begin + SUM_BEGIN + line_sum(begin) + SUM_END
