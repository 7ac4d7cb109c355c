"""A small SavedModel and vocabulary in the form that the converter takes, made without training.

Its serving signature `serve_titles` takes and returns strings through lookup tables: a converter that does
not leave it out produces a file that no plain TFLite runtime can load.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["made_document", "made_tables", "made_words", "make_saved_model", "write_vocabulary"]

FloatTable = npt.NDArray[np.float32]


def made_tables(products: int, dimension: int, tokens: int, seed: int) -> tuple[FloatTable, FloatTable]:
    """Unit rows [products, dimension + 1] with the prior / gain (gain 1) last, and a token table.

    The token table has max(tokens, 1) rows, so that a model without text still has one to gather from.
    """
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(products, dimension))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    prior = 0.05 * np.sort(rng.normal(size=(products, 1)), axis=0)[::-1]
    words = rng.normal(size=(max(tokens, 1), dimension)) / dimension**0.5
    return np.concatenate([rows, prior], 1).astype(np.float32), words.astype(np.float32)


def made_words(products: int, tokens: int) -> tuple[list[str], list[str], list[str]]:
    """Titles, tokens and ingredient lines, with the kinds of letters real ones have."""
    dishes = ["Sate Jamur", "Nasi Goreng", "Telur Gulung", "Soto Ayam", "Crème Brûlée", "沙茶麵"]
    titles = [f"{dishes[i % len(dishes)]} {i}" for i in range(products)]
    words = [f"kata{i}" if i % 5 else f"kata{i} dua" for i in range(tokens)]
    ingredients = [f"bahan {i}, garam" if i % 7 else "" for i in range(products)]
    return titles, words, ingredients


def made_document(
    *, products: int, dimension: int, tokens: int, history_length: int, text_length: int, top_k: int
) -> dict[str, Any]:
    """The draft of bundle.json that a trainer would hand over."""
    return {
        "schema": 1,
        "kind": "hybrid",
        "dimension": dimension,
        "products": products,
        "tokens": tokens,
        "history_length": history_length,
        "text_length": text_length,
        "top_k": top_k,
        "prior": {"beta": 0.05, "gain": 1.0, "cold": -0.1, "words": 0.05},
        "mixing": {"lift": 0.125, "crowding": 0.0625},
        "calibration": {"method": "platt", "slope": 4.0, "intercept": -2.0, "ceiling": 0.5},
        "text": {"normalisation": "nfkc-lower-letters-digits", "bigrams": True},
        "recency": "none",
        "interaction_weights": {"view": 0.5, "purchase": 1.0},
        "rating_scale": 5.0,
        "metrics": {
            "holdout": {"recall@20": 0.31, "ndcg@20": 0.29},
            "popularity": {"recall@20": 0.17, "ndcg@20": 0.16},
        },
        "data": {
            "products_sha256": "0" * 64,
            "interactions_sha256": "1" * 64,
            "users": 7,
            "interactions": 30,
        },
    }


def write_vocabulary(folder: Path, document: dict[str, Any], ingredients: bool = True) -> None:
    """Write products.txt, tokens.txt, bundle.json and, if asked, ingredients.txt."""
    folder.mkdir(parents=True, exist_ok=True)
    titles, words, lines = made_words(document["products"], document["tokens"])
    files = {"products.txt": titles, "tokens.txt": words} | ({"ingredients.txt": lines} if ingredients else {})
    for name, content in files.items():
        (folder / name).write_text("".join(line + "\n" for line in content), encoding="utf-8", newline="\n")
    (folder / "bundle.json").write_text(json.dumps(document), encoding="utf-8")


def make_saved_model(
    directory: Path,
    *,
    products: int = 60,
    dimension: int = 8,
    tokens: int = 40,
    seed: int = 0,
    history_length: int = 8,
    text_length: int = 16,
    top_k: int = 20,
    ingredients: bool = True,
    tables: tuple[FloatTable, FloatTable] | None = None,
    leave_out: tuple[str, ...] = (),
    score_through: Callable[[Any], Any] | None = None,
) -> Path:
    """Save the model in `directory` and its vocabulary in `directory/assets.extra`.

    Args:
        directory: Where the SavedModel goes.
        products: Rows of the product table.
        dimension: Length of a row, without the prior's column.
        tokens: Lines of tokens.txt.
        seed: Of the tables.
        history_length: H of the contract.
        text_length: T of the contract.
        top_k: K of the contract.
        ingredients: Whether there is an ingredients.txt.
        tables: Tables to store instead of made ones.
        leave_out: Signatures that are not saved.
        score_through: Applied to the scores before they leave, to smuggle in an operator.

    Returns:
        The vocabulary directory.
    """
    import tensorflow as tf

    product_table, token_table = tables or made_tables(products, dimension, tokens, seed)
    titles, _, _ = made_words(products, tokens)
    gain = 1.0
    pass_on = score_through or (lambda scores: scores)

    class MadeModel(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.products = tf.Variable(product_table, name="products")
            self.tokens = tf.Variable(token_table, name="tokens")
            self.row_of_title = tf.keras.layers.StringLookup(vocabulary=titles, num_oov_indices=1)
            self.titles = tf.constant(titles)

        def rows(self, ids: Any) -> Any:
            known = tf.cast(ids >= 0, tf.float32)[..., None]
            return tf.gather(self.products, tf.maximum(ids, 0))[..., :dimension] * known

        def scores(self, profile: Any) -> Any:
            unit = profile * tf.math.rsqrt(tf.reduce_sum(profile * profile, 1, keepdims=True) + 1e-12)
            query = tf.concat([unit, tf.fill([1, 1], gain)], 1)
            return pass_on(tf.matmul(query, self.products, transpose_b=True))

        @tf.function(input_signature=[tf.TensorSpec([1, history_length], tf.int32, name="products")])
        def embed_products(self, products: Any) -> Any:
            return {"vectors": self.rows(products)}

        @tf.function(input_signature=[tf.TensorSpec([1, text_length], tf.int32, name="tokens")])
        def embed_text(self, tokens: Any) -> Any:
            known = tf.cast(tokens >= 0, tf.float32)[..., None]
            total = tf.reduce_sum(tf.gather(self.tokens, tf.maximum(tokens, 0)) * known, 1)
            return {"vector": total * tf.math.rsqrt(tf.reduce_sum(total * total, 1, keepdims=True) + 1e-12)}

        @tf.function(input_signature=[tf.TensorSpec([1, dimension], tf.float32, name="profile")])
        def score(self, profile: Any) -> Any:
            return {"scores": self.scores(profile)}

        @tf.function(
            input_signature=[
                tf.TensorSpec([1, history_length], tf.int32, name="history"),
                tf.TensorSpec([1, history_length], tf.float32, name="weights"),
            ]
        )
        def recommend(self, history: Any, weights: Any) -> Any:
            scores = self.scores(tf.reduce_sum(self.rows(history) * weights[..., None], 1))
            where = tf.reshape(tf.maximum(history, 0), [history_length, 1])
            own = tf.scatter_nd(where, tf.reshape(tf.cast(history >= 0, tf.float32), [history_length]), [products])
            best, items = tf.math.top_k(scores - 1e4 * own, top_k)
            return {"items": items, "scores": best}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="titles")])
        def serve_titles(self, titles: Any) -> Any:
            rows = tf.cast(self.row_of_title(titles), tf.int32) - 1
            profile = tf.reduce_sum(self.rows(rows), 0, keepdims=True)
            return {"titles": tf.gather(self.titles, tf.math.top_k(self.scores(profile), top_k).indices[0])}

    model = MadeModel()
    names = [
        name for name in ("recommend", "embed_products", "embed_text", "score", "serve_titles") if name not in leave_out
    ]
    signatures = {name: getattr(model, name).get_concrete_function() for name in names}
    tf.saved_model.save(model, str(directory), signatures=signatures)
    vocabulary = directory / "assets.extra"
    write_vocabulary(
        vocabulary,
        made_document(
            products=products,
            dimension=dimension,
            tokens=tokens,
            history_length=history_length,
            text_length=text_length,
            top_k=top_k,
        ),
        ingredients,
    )
    return vocabulary
