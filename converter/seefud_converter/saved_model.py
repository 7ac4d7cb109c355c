"""The SavedModel behind the same methods as the file, and its tables as they were trained."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .errors import InputError, MissingSignatureError
from .runtime import TENSORS, Runtime, Sizes

__all__ = ["OpenedSavedModel", "open_saved_model"]


class OpenedSavedModel(NamedTuple):
    """A SavedModel ready to run.

    Attributes:
        runtime: Its four signatures, in float32.
        products: float32 [N, D + 1], prior divided by the gain last.
        tokens: float32 [max(V, 1), D].
    """

    runtime: Runtime
    products: npt.NDArray[np.float32]
    tokens: npt.NDArray[np.float32]


def open_saved_model(directory: str | Path) -> OpenedSavedModel:
    """Load a SavedModel of the contract.

    Raises:
        InputError: TensorFlow cannot read it, or it lacks the variables `products` and `tokens`.
        MissingSignatureError: One of the four signatures is absent.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    try:
        loaded = tf.saved_model.load(str(directory))
    except (OSError, ValueError, tf.errors.OpError) as error:
        raise InputError(
            f"SavedModel {directory}", "a directory that tf.saved_model.save wrote", str(error)[:200]
        ) from error
    missing = [name for name in TENSORS if name not in loaded.signatures]
    if missing:
        raise MissingSignatureError(
            f"SavedModel {directory}", "signatures " + ", ".join(TENSORS), "no " + ", ".join(missing)
        )
    for name in ("products", "tokens"):
        if not hasattr(getattr(loaded, name, None), "numpy"):
            raise InputError(
                f"SavedModel {directory}",
                "variables products and tokens",
                f"no {name}",
                "save a module with both",
            )
    runners = {name: _runner(tf, loaded.signatures[name]) for name in TENSORS}
    inputs = {name: loaded.signatures[name].structured_input_signature[1] for name in TENSORS}
    products, tokens = loaded.products.numpy(), loaded.tokens.numpy()
    sizes = Sizes(
        products.shape[0],
        tokens.shape[1],
        int(inputs["embed_products"]["products"].shape[1]),
        int(inputs["embed_text"]["tokens"].shape[1]),
    )
    return OpenedSavedModel(Runtime(runners, sizes, None, "SavedModel"), products, tokens)


def _runner(tf: Any, function: Any) -> Callable[..., dict[str, npt.NDArray[Any]]]:
    def run(**inputs: npt.NDArray[Any]) -> dict[str, npt.NDArray[Any]]:
        outputs = function(**{name: tf.constant(value) for name, value in inputs.items()})
        return {name: value.numpy() for name, value in outputs.items()}

    run.function = function  # type: ignore[attr-defined]  # a loaded signature dies with its last reference
    return run
