"""Places to write to, looked at before the long work starts: a mistyped path must cost neither an hour nor a file."""

from __future__ import annotations

import os
from pathlib import Path

from seefud.errors import InputError

__all__ = ["file_to_write", "folder_to_fill", "folder_to_replace", "write_whole"]


def folder_to_fill(folder: Path, option: str) -> Path:
    """Makes the folder if need be; files of other names in it stay.

    Args:
        folder: where files go.
        option: named in errors.

    Raises:
        InputError: it cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        found = "a file" if folder.is_file() else error.strerror
        raise InputError(f"{option} {folder}: expected a folder to write to, found: {found}; choose another") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"{option} {folder}: expected a folder to write to, found a read-only one; choose another")
    return folder


def folder_to_replace(folder: Path, option: str) -> Path:
    """A folder that a SavedModel may replace as a whole: there is none, it is empty, or it holds an older SavedModel.

    Raises:
        InputError: it holds anything else, is a file, or its parent cannot be written to.
    """
    # Not `folder.parent`, which is the wrong one for "." and for "x/..".
    place = Path(os.path.abspath(folder))
    if place.is_dir() and any(place.iterdir()) and not (place / "saved_model.pb").is_file():
        raise InputError(
            f"{option} {folder}: expected a new folder or an older SavedModel to replace, found a folder of other "
            "files; name a folder of its own"
        )
    if place.exists() and not place.is_dir():
        raise InputError(f"{option} {folder}: expected a folder, found a file; choose another")
    folder_to_fill(place.parent, option)
    return place


def file_to_write(file: Path, option: str) -> Path:
    """A file that can be written: its folder is there or can be made.

    Raises:
        InputError: it is a folder, or its folder cannot be made or written to.
    """
    if file.is_dir():
        raise InputError(f"{option} {file}: expected a file name, found a folder; name a file in it")
    folder_to_fill(Path(os.path.abspath(file)).parent, option)
    return file


def write_whole(path: Path, text: str) -> None:
    """Writes a file under another name and renames it, so that nobody reads half of it; UTF-8, line feeds as given."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
