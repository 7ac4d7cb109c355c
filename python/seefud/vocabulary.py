"""The vocabulary folder beside a SavedModel: what the converter puts into the file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from seefud.calibration import Calibration
from seefud.model import Model
from seefud.prepared import Prepared
from seefud.saved_model import ServingData
from seefud.text import collapse
from seefud.weights import TypeWeights

__all__ = ["SCHEMA", "draft_document", "write_vocabulary"]

SCHEMA = 1
TEXT_RULE = "nfkc-lower-letters-digits"


def draft_document(
    model: Model,
    prepared: Prepared,
    serving: ServingData,
    *,
    weights: TypeWeights,
    recency: str = "none",
    metrics: dict[str, Any] | None = None,
    digests: dict[str, str] | None = None,
    training: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The draft of bundle.json; docs/file-format.md explains every key.

    Args:
        model: the trained model.
        prepared: the data behind it.
        serving: sizes and calibration.
        weights: what interactions were worth.
        recency: ``none`` or ``inverse_sqrt_age_days``, how history weights fade.
        metrics: of the model and of popularity on the holdout.
        digests: sha256 of the data files.
        training: how the rows were trained; see `seefud.choices.Choices.training`.
    """
    users, products = prepared.interactions.shape
    return {
        "schema": SCHEMA,
        "kind": model.kind.value,
        "dimension": model.dimension,
        "products": products,
        "tokens": len(prepared.tokens) if len(model.token_rows) else 0,
        "history_length": serving.history_length,
        "text_length": serving.text_length,
        "top_k": min(serving.top_k, products),
        "prior": {
            "beta": model.popularity.beta,
            "gain": model.gain,
            "cold": model.popularity.cold,
            "words": model.popularity.words,
        },
        "mixing": asdict(model.mixing),
        "calibration": Calibration(serving.slope, serving.intercept, serving.ceiling).to_json(),
        "text": {"normalisation": TEXT_RULE, "bigrams": prepared.bigrams},
        "recency": recency,
        "interaction_weights": dict(weights.weights),
        "rating_scale": weights.scale,
        "metrics": metrics or {},
        "data": {**(digests or {}), "users": users, "interactions": int(prepared.interactions.nnz)},
        "training": training or {},
    }


def write_vocabulary(folder: Path, prepared: Prepared, document: dict[str, Any], *, with_ingredients: bool) -> None:
    """Writes products.txt, tokens.txt, bundle.json and, if wanted, ingredients.txt."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_lines(folder / "products.txt", prepared.products)
    _write_lines(folder / "tokens.txt", prepared.tokens if document["tokens"] else ())
    if with_ingredients:
        _write_lines(folder / "ingredients.txt", [collapse(text) for text in prepared.ingredients])
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / "bundle.json").write_text(text, encoding="utf-8")


def _write_lines(path: Path, lines: tuple[str, ...] | list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
