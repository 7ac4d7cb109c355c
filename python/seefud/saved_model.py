"""The SavedModel: the on-device signatures over numbers, and serving signatures over strings, on the same tables.

The converter reads the four numeric signatures. A server uses the string ones, which hold the vocabularies in
StringLookup layers and take a user id, titles or a text. The users' histories are inside the SavedModel for
`serve_user`; they never reach the TFLite file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from seefud.arrays import Array
from seefud.errors import InputError
from seefud.model import Model

__all__ = ["SIGNATURES", "ServingData", "export_saved_model", "load_tables"]

SIGNATURES = ("recommend", "embed_products", "embed_text", "score")
"""The numeric signatures, those that the converter takes."""

# Excluded products are lowered by this much: far beyond any score, small enough to keep float32 exact around it.
EXCLUDED = 1e4


@dataclass(frozen=True)
class ServingData:
    """What the signatures need besides the model.

    Attributes:
        titles: N display titles.
        keys: N canonical titles.
        tokens: V tokens.
        bigrams: whether neighbouring words of a text are looked up as tokens too.
        users: U user ids.
        histories: float32 [U, N], the users' positive interactions.
        slope, intercept, ceiling: the calibration,
            ``probability = ceiling / (1 + exp(-(slope * score + intercept)))``.
        history_length: H, slots of a history on the device.
        text_length: T, slots of a token bag on the device.
        top_k: K, products that `recommend` returns.
    """

    titles: Sequence[str]
    keys: Sequence[str]
    tokens: Sequence[str]
    bigrams: bool
    users: Sequence[str]
    histories: sp.csr_matrix
    slope: float
    intercept: float
    ceiling: float = 1.0
    history_length: int = 64
    text_length: int = 64
    top_k: int = 100


def export_saved_model(model: Model, data: ServingData, folder: Path, *, served: bool = True) -> None:
    """Writes the SavedModel, first under a temporary name; an existing one is replaced only by a whole one.

    Args:
        model: the trained model.
        data: vocabularies, histories, calibration and sizes.
        folder: where the SavedModel goes.
        served: with the serving signatures and their vocabularies; the converter does without.
    """
    import tensorflow as tf

    module = _module(model, data, served=served)
    partial = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    signatures = {
        name: _traced(getattr(module, name), inputs)
        for name, inputs in _inputs(model, data).items()
        if served or name in SIGNATURES
    }
    tf.saved_model.save(module, str(partial), signatures=signatures)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def load_tables(folder: Path) -> tuple[Array, Array]:
    """The variables `products` float32 [N, D+1] (prior's column divided by its gain) and `tokens` float32 [V', D].

    Raises:
        InputError: the folder holds no SavedModel of ours.
    """
    import tensorflow as tf

    reader = _checkpoint_reader(folder)
    try:
        products = reader.get_tensor("products/.ATTRIBUTES/VARIABLE_VALUE")
        tokens = reader.get_tensor("tokens/.ATTRIBUTES/VARIABLE_VALUE")
    except (ValueError, tf.errors.NotFoundError) as error:
        raise InputError(
            f"{folder}: expected the variables 'products' and 'tokens', found another SavedModel; run seefud train"
        ) from error
    return np.asarray(products), np.asarray(tokens)


def _checkpoint_reader(folder: Path) -> Any:
    import tensorflow as tf

    if not (folder / "saved_model.pb").exists():
        raise InputError(f"{folder}: expected a SavedModel (saved_model.pb), found none; run seefud train first")
    return tf.train.load_checkpoint(str(folder / "variables" / "variables"))


def _inputs(model: Model, data: ServingData) -> dict[str, list[Any]]:
    """What each signature takes."""
    import tensorflow as tf

    k = tf.TensorSpec([], tf.int32, name="k")
    history = tf.TensorSpec([1, data.history_length], tf.int32, name="history")
    weights = tf.TensorSpec([1, data.history_length], tf.float32, name="weights")
    return {
        "recommend": [history, weights],
        "embed_products": [tf.TensorSpec([1, data.history_length], tf.int32, name="products")],
        "embed_text": [tf.TensorSpec([1, data.text_length], tf.int32, name="tokens")],
        "score": [tf.TensorSpec([1, model.rows.shape[1]], tf.float32, name="profile")],
        "serve_user": [tf.TensorSpec([None], tf.string, name="user"), k],
        "serve_titles": [tf.TensorSpec([None, None], tf.string, name="titles"), k],
        "serve_text": [tf.TensorSpec([None], tf.string, name="text"), k],
    }


def _traced(method: Any, inputs: list[Any]) -> Any:
    """The method's graph.

    No method of the module is a `tf.function`: what a module holds of them is saved beside the signatures, and a
    SavedModel of twice the functions takes twice as long to write and to open.
    """
    import tensorflow as tf

    return tf.function(method, input_signature=inputs, autograph=False).get_concrete_function()


def _module(model: Model, data: ServingData, *, served: bool) -> Any:
    import tensorflow as tf

    gain = model.gain
    products, dimension = model.rows.shape
    top_k = min(data.top_k, products)
    table = np.concatenate([model.rows, model.prior[:, None] / np.float32(gain)], axis=1).astype(np.float32)
    token_table = model.token_rows if len(model.token_rows) else np.zeros((1, dimension), np.float32)
    lookup = tf.keras.layers.StringLookup

    class SeefudModule(tf.Module):  # type: ignore[misc]
        """Plain variables: layers' weights would silently be left out of a TFLite file."""

        def __init__(self) -> None:
            super().__init__()
            self.products = tf.Variable(table)
            self.tokens = tf.Variable(token_table.astype(np.float32))
            if not served:
                return
            self.titles = tf.constant(list(data.titles))
            self.product_lookup = _lookup(lookup, [_served_key(key) for key in data.keys])
            # TensorFlow lowers but neither folds (ß) nor widens (full-width letters), so that titles are looked up too.
            self.title_lookup = _lookup(lookup, [_served_key(title) for title in data.titles])
            self.token_lookup = _lookup(lookup, list(data.tokens))
            self.user_lookup = _lookup(lookup, list(data.users))
            # Row 0 is the unknown user, whose history is empty.
            splits = np.concatenate([[0], data.histories.indptr]).astype(np.int64)
            self.history_splits = tf.Variable(splits, trainable=False)
            self.history_products = tf.Variable(data.histories.indices.astype(np.int32), trainable=False)
            self.history_weights = tf.Variable(data.histories.data.astype(np.float32), trainable=False)

        def rows(self, products: Any) -> Any:
            found = tf.gather(self.products, tf.maximum(products, 0))[..., :dimension]
            return found * tf.cast(products >= 0, tf.float32)[..., None]

        def all_scores(self, profile: Any) -> Any:
            unit = profile * tf.math.rsqrt(tf.reduce_sum(profile * profile, 1, keepdims=True) + 1e-12)
            extended = tf.concat([unit, gain * tf.ones_like(unit[:, :1])], 1)
            return tf.matmul(extended, self.products, transpose_b=True)

        def recommend(self, history: Any, weights: Any) -> Any:
            scores = self.all_scores(tf.reduce_sum(self.rows(history) * weights[..., None], 1))
            flat = tf.reshape(tf.maximum(history, 0), [data.history_length, 1])
            own = tf.scatter_nd(flat, tf.reshape(tf.cast(history >= 0, tf.float32), [data.history_length]), [products])
            best, items = tf.math.top_k(scores - EXCLUDED * own, top_k)
            return {"items": items, "scores": best}

        def embed_products(self, products: Any) -> Any:
            return {"vectors": self.rows(products)}

        def embed_text(self, tokens: Any) -> Any:
            known = tf.cast(tokens >= 0, tf.float32)[..., None]
            total = tf.reduce_sum(tf.gather(self.tokens, tf.maximum(tokens, 0)) * known, 1)
            return {"vector": total * tf.math.rsqrt(tf.reduce_sum(total * total, 1, keepdims=True) + 1e-12)}

        def score(self, profile: Any) -> Any:
            return {"scores": self.all_scores(profile)}

        def served(self, profile: Any, own: Any, k: Any) -> Any:
            scores = self.all_scores(profile) - EXCLUDED * own
            best, items = tf.math.top_k(scores, tf.minimum(k, products))
            probability = data.ceiling * tf.sigmoid(data.slope * best + data.intercept)
            return {"titles": tf.gather(self.titles, items), "scores": best, "probabilities": probability}

        def serve_user(self, user: Any, k: Any) -> Any:
            number = self.user_lookup(user)
            known = tf.RaggedTensor.from_row_splits(self.history_products, self.history_splits, validate=False)
            weight = tf.RaggedTensor.from_row_splits(self.history_weights, self.history_splits, validate=False)
            own_products = tf.gather(known, number).to_tensor(-1)
            return self.from_history(own_products, tf.gather(weight, number).to_tensor(0.0), k)

        def serve_titles(self, titles: Any, k: Any) -> Any:
            clean = tf.strings.strip(tf.strings.regex_replace(titles, r"\s+", " "))
            lower = tf.strings.lower(clean, encoding="utf-8")
            # 0 is the layers' out-of-vocabulary index, so that unknown titles become -1.
            found = tf.cast(tf.maximum(self.product_lookup(lower), self.title_lookup(lower)), tf.int32) - 1
            return self.from_history(found, tf.ones_like(found, tf.float32), k)

        def from_history(self, found: Any, weight: Any, k: Any) -> Any:
            profile = tf.reduce_sum(self.rows(found) * weight[..., None], 1)
            batch = tf.shape(found)[0]
            index = tf.where(found >= 0)
            place = tf.stack([tf.cast(index[:, 0], tf.int32), tf.gather_nd(found, index)], 1)
            own = tf.scatter_nd(place, tf.ones_like(place[:, 0], tf.float32), tf.stack([batch, products]))
            return self.served(profile, own, k)

        def serve_text(self, text: Any, k: Any) -> Any:
            lower = tf.strings.lower(text, encoding="utf-8")
            words = tf.strings.split(tf.strings.regex_replace(lower, r"[^\p{L}\p{Nd}]+", " "))
            if data.bigrams:
                words = tf.concat([words, tf.strings.ngrams(words, 2, separator=" ")], 1)
            numbers = tf.cast(self.token_lookup(words), tf.int32).to_tensor(0)
            size = token_table.shape[0] + 1  # 0 is the unknown token
            bag = tf.math.bincount(numbers, minlength=size, maxlength=size, binary_output=True, axis=-1)
            profile = tf.matmul(tf.cast(bag, tf.float32)[:, 1:], self.tokens)
            return self.served(profile, tf.zeros([tf.shape(text)[0], products]), k)

    return SeefudModule()


def _served_key(key: str) -> str:
    """A canonical or display title as the serving graph makes it: TensorFlow lowers Unicode but does not fold it."""
    return key.lower()


def _lookup(layer: Any, vocabulary: list[str]) -> Any:
    # Keras refuses an empty vocabulary and repeated entries; a private-use character keeps every index in place.
    seen: set[str] = set()
    distinct = []
    for number, entry in enumerate(vocabulary):
        distinct.append(entry if entry not in seen else f"{entry}\ue000{number}")
        seen.add(entry)
    return layer(vocabulary=distinct or ["\ue000"], num_oov_indices=1)
