"""SavedModel -> TFLite flatbuffer, every table stored once.

By default TensorFlow's dynamic-range quantizer gives FULLY_CONNECTED per-channel scales and GATHER a
per-tensor one, so that one product table is stored twice. With the two `_experimental_disable_per_channel*`
switches both read one int8 buffer, in all signatures (measured: 100,000 x 32 takes 1.001 x its table, instead
of 2.4 x), and operators stay at versions that a 2.3.0 runtime knows.

A SavedModel may also hold serving signatures with strings. `signature_keys` alone does not keep them out: the
initializers of their lookup tables still come along, as HASHTABLE operators and a copy of every title. So the
four signatures are saved alone first, with nothing but the variables that they read.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sys
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .errors import BundleError, InputError, MissingSignatureError
from .graph import SIGNATURES
from .recipes import DEFAULT_RECIPE, recipe_named
from .repack import repack

__all__ = ["Conversion", "convert"]


@contextlib.contextmanager
def _quiet_tensorflow() -> Iterator[Any]:
    """Import TensorFlow without its start-up chatter and keep its converter's notes off the screen."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # The notes come from C++ ("Ignored output_format."), so only the file descriptor can be silenced.
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        import tensorflow as tf

        logger = tf.get_logger()
        level = logger.level
        logger.setLevel(logging.ERROR)
        try:
            yield tf
        finally:
            logger.setLevel(level)
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)


def _save_alone(tf: Any, source: Path, target: Path) -> None:
    """Save only the four signatures and the variables that they read."""
    loaded = tf.saved_model.load(str(source))
    missing = [name for name in SIGNATURES if name not in loaded.signatures]
    if missing:
        raise MissingSignatureError(
            f"SavedModel {source}",
            "signatures " + ", ".join(SIGNATURES),
            "only " + (", ".join(sorted(loaded.signatures)) or "none"),
            f"export {', '.join(missing)} too",
        )
    functions = {name: loaded.signatures[name] for name in SIGNATURES}
    module = tf.Module()
    # Sorted by name: the order of variables must not depend on the order of a hash.
    variables = {variable.ref(): variable for function in functions.values() for variable in function.variables}
    module.kept = sorted(variables.values(), key=lambda variable: str(variable.name))
    tf.saved_model.save(module, str(target), signatures=functions)


class Conversion:
    """One SavedModel on its way to flatbuffers; it is opened once, however many recipes are asked for."""

    def __init__(self, saved_model: str | os.PathLike[str]) -> None:
        """Nothing is read yet.

        Args:
            saved_model: Directory of the SavedModel.
        """
        self.source = Path(saved_model)
        self._alone: Path | None = None
        self._done: dict[str, bytes] = {}

    def flatbuffer(self, recipe: str = DEFAULT_RECIPE) -> bytes:
        """As `convert`, once for each recipe."""
        if recipe not in self._done:
            self._done[recipe] = self._convert(recipe)
        return self._done[recipe]

    def _convert(self, recipe: str) -> bytes:
        chosen = recipe_named(recipe)
        source = self.source
        if not (source / "saved_model.pb").is_file():
            found = "no saved_model.pb" if source.is_dir() else "no such directory"
            raise InputError(
                f"SavedModel {source}",
                "a directory with saved_model.pb",
                found,
                "give tf.saved_model.save's path",
            )
        with _quiet_tensorflow() as tf:
            try:
                if self._alone is None:
                    alone = Path(tempfile.mkdtemp(prefix="seefud_"))
                    weakref.finalize(self, shutil.rmtree, alone, ignore_errors=True)
                    _save_alone(tf, source, alone)
                    self._alone = alone
                converter = tf.lite.TFLiteConverter.from_saved_model(str(self._alone), signature_keys=list(SIGNATURES))
                if chosen.weight_type == "int8":
                    converter.optimizations = [tf.lite.Optimize.DEFAULT]
                    converter._experimental_disable_per_channel = True
                    converter._experimental_disable_per_channel_quantization_for_dense_layers = True
                converted = converter.convert()
            except BundleError:
                raise
            except Exception as problem:
                # TensorFlow raises a dozen unrelated classes here, its converter a private one.
                first = next((line.strip() for line in str(problem).splitlines() if line.strip()), "nothing")
                raise InputError(
                    f"SavedModel {source}",
                    "four signatures of plain TFLite operators over variables",
                    f"{type(problem).__name__}: {first[:300]}",
                    "export it again, with plain tf.Variable tables and neither strings nor Flex operators",
                ) from problem
        return repack(converted, SIGNATURES, float16_tables=chosen.weight_type == "float16")


def convert(saved_model: str | os.PathLike[str], recipe: str = DEFAULT_RECIPE) -> bytes:
    """Convert the four signatures of a SavedModel.

    Args:
        saved_model: Directory of the SavedModel.
        recipe: A name of `recipes.RECIPES`.

    Returns:
        A TFLite flatbuffer without metadata; the same SavedModel gives the same bytes.

    Raises:
        UnknownRecipeError: No recipe has that name.
        InputError: The directory holds no SavedModel, or TensorFlow cannot read or convert it.
        MissingSignatureError: One of the four signatures is absent.
        NonFiniteError: A weight does not fit float16.
    """
    return Conversion(saved_model).flatbuffer(recipe)
