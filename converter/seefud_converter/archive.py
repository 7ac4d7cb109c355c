"""The zip at the end of a bundle: written in one form, read with distrust.

One form: entries stored without compression, sorted by name, dated 1980-01-01, offsets counted from the start
of the file, nothing after the end record. So equal inputs give equal bytes, a memory map can hand out the
texts, and a reader can rebuild the archive and notice a single flipped bit anywhere in it.
"""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping

from .errors import ArchiveError, MissingFileError, OversizedError, TruncatedError

__all__ = ["MOST_BYTES", "MOST_ENTRIES", "MOST_RATIO", "read_archive", "with_archive"]

MOST_ENTRIES = 16
MOST_BYTES = 256 * 1024 * 1024
"""Unpacked bytes of all entries; a million titles of 100 bytes are 100 MB."""
MOST_RATIO = 20
"""Unpacked bytes per packed byte. Bundles are not compressed, so an honest ratio is 1."""

_END_BYTES = 22  # of an end record without a comment
_END_MARK = b"PK\x05\x06"
_ENTRY_MARK = b"PK\x03\x04"
_MOST_DIRECTORY = MOST_ENTRIES * 1024
_ARCHIVE_MISTAKES = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    EOFError,
    OSError,
    struct.error,
)
_REBUILD = "build the bundle again or copy it again"


def with_archive(flatbuffer: bytes, files: Mapping[str, bytes]) -> bytes:
    """`flatbuffer` followed by the archive of `files`."""
    out = io.BytesIO(flatbuffer)
    out.seek(0, io.SEEK_END)
    # Mode "a" on a stream without an archive appends one whose offsets count from the start of the stream.
    with zipfile.ZipFile(out, "a", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return out.getvalue()


def _refuse_missing_end(content: bytes, where: str) -> None:
    if _ENTRY_MARK in content or _END_MARK in content:
        found = "an archive that is cut or followed by other bytes"
        raise TruncatedError(where, "an archive whose end record closes the file", found, _REBUILD)
    raise MissingFileError(
        where,
        "a zip with products.txt, tokens.txt and bundle.json after the model",
        "no zip",
        "give the file that seefud_converter wrote, not a bare TFLite model",
    )


def _check_sizes(entries: list[zipfile.ZipInfo], where: str) -> None:
    remedy = "do not use this file: it may be a zip bomb"
    if len(entries) > MOST_ENTRIES:
        raise OversizedError(where, f"at most {MOST_ENTRIES} files", f"{len(entries)}", remedy)
    total = sum(entry.file_size for entry in entries)
    if total > MOST_BYTES:
        raise OversizedError(where, f"at most {MOST_BYTES} unpacked bytes", f"{total}", remedy)
    for entry in entries:
        if entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            found = f"{entry.file_size} bytes from {entry.compress_size}"
            raise OversizedError(
                f"{where}: {entry.filename}", f"at most {MOST_RATIO} x its packed bytes", found, remedy
            )


def read_archive(content: bytes, where: str) -> tuple[int, dict[str, bytes]]:
    """Split a bundle's bytes into flatbuffer and files.

    Args:
        content: The whole bundle.
        where: Named in errors.

    Returns:
        The length of the flatbuffer part in bytes, and the files by name.

    Raises:
        MissingFileError: There is no archive.
        TruncatedError: The archive's end is missing.
        OversizedError: It declares more files, bytes or compression than `MOST_*`.
        ArchiveError: It is damaged or not in the one form.
    """
    if len(content) < _END_BYTES or content[-_END_BYTES:][:4] != _END_MARK:
        _refuse_missing_end(content, where)
    count, size, start = struct.unpack_from("<HLL", content, len(content) - _END_BYTES + 10)
    # Looked at before zipfile parses: its time and memory grow with what the directory claims.
    if count > MOST_ENTRIES or size > _MOST_DIRECTORY:
        found = f"{count} in a directory of {size} bytes"
        raise OversizedError(
            where, f"at most {MOST_ENTRIES} files", found, "do not use this file: it may be a zip bomb"
        )
    if size + start + _END_BYTES != len(content):
        found = f"{len(content)} bytes where the archive says {size + start + _END_BYTES}"
        raise TruncatedError(where, "a file as long as its archive says", found, _REBUILD)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_sizes(entries, where)
            files = {entry.filename: archive.read(entry) for entry in entries}
    except _ARCHIVE_MISTAKES as bad:
        raise ArchiveError(where, "an intact archive", str(bad) or type(bad).__name__, _REBUILD) from bad
    length = min((entry.header_offset for entry in entries), default=start)
    if with_archive(content[:length], files) != content:
        raise ArchiveError(
            where,
            "entries stored, sorted, dated 1980-01-01 and nothing else",
            "another form or a changed byte",
            _REBUILD,
        )
    return length, files
