"""The quarantine: lines that are no event, each with its place, its value and the reason."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Literal

from seefud.problems import Problem

__all__ = ["Quarantine"]

_KEPT_TEXT = 4096
_SHOWN = 20


class Quarantine:
    """Written as it fills, so that a file of damage only needs no memory.

    The name of the finished file holds the digest of its content: the same source twice leaves one file.
    """

    def __init__(self, folder: Path, source: str, unit: Literal["line", "row"]) -> None:
        """Begins an empty one.

        Args:
            folder: of the load that is being made; the file is put in it by `finish`.
            source: name of the file or table.
            unit: what is counted there.
        """
        self._folder, self._source, self.unit = folder, source, unit
        self._partial = folder.parent / "work" / "quarantine.partial"
        self._file = self._partial.open("w", encoding="utf-8")
        self._digest = hashlib.sha256()
        self.rows = 0
        self.counts: dict[str, int] = {}
        self.first: list[Problem] = []

    def add(self, kind: str, line: int, column: str, value: object, reason: str, text: str = "") -> None:
        """Puts one line away.

        Args:
            kind: a short name to count by.
            line: from 1.
            column: the column or key; blank if the whole line is meant.
            value: what was found there.
            reason: what was expected, and what to do.
            text: the whole line, where it was text; its first 4,096 characters are kept.
        """
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        problem = Problem(kind, self._source, (line,), column, _plain(shown[:_KEPT_TEXT]), reason, self.unit)
        record = {"kind": kind, "file": self._source, self.unit: line, "column": column, "value": problem.value}
        record |= {"reason": reason, "text": _plain(text[:_KEPT_TEXT])}
        written = json.dumps(record, ensure_ascii=False) + "\n"
        self._digest.update(written.encode())
        self._file.write(written)
        self.rows += 1
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if len(self.first) < _SHOWN:
            self.first.append(problem)

    def abandon(self) -> None:
        """Closes it; its content is thrown away with the load."""
        self._file.close()

    def finish(self, store: Path) -> bool:
        """Puts the file where the commit takes it from; whether the store does not have it yet."""
        self._file.close()
        name = (
            f"{re.sub(r'[^A-Za-z0-9._-]+', '-', self._source)[:80].strip('.-')}-{self._digest.hexdigest()[:12]}.jsonl"
        )
        if not self.rows or (store / "quarantine" / name).exists():
            self._partial.unlink()
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        self._partial.rename(self._folder / name)
        return True


def _plain(text: str) -> str:
    """Undecodable bytes and lone halves of surrogate pairs as `\\udc..`, so that the file is UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
