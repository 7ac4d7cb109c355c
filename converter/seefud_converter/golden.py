"""`golden.json`: what a bundle answered, in enough detail for another language to replay every step.

Each case carries its inputs (rows, weights, texts with their tokens) and every value on the way to the list:
text vectors, profile, rows, titles, scores, probabilities. A float32 is written with the fewest digits that
give the same float32 back. A query with a value half way between two steps of the kernel's grid has more than
one right answer (see `emulation`); its case carries the wider `tolerance` that follows from them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .bundle import Bundle
from .emulation import KernelModel
from .errors import InputError
from .new_products import NewProducts
from .parity_report import Check, ParityReport
from .ranking import same_up_to_ties, top_k
from .runtime import Backend, Runtime
from .stored_tables import StoredTables

__all__ = ["GoldenCase", "GoldenText", "make_golden", "probabilities", "replay_golden", "write_golden"]

SCHEMA = 1
TOLERANCE = 1e-5
Floats = npt.NDArray[Any]


@dataclass(frozen=True)
class GoldenText:
    """A search or a product without a row, tokenized by the caller.

    Attributes:
        text: As a person writes it.
        tokens: Ids of its known tokens.
        weight: Of a search in the profile.
    """

    text: str
    tokens: tuple[int, ...]
    weight: float = 1.0


@dataclass(frozen=True)
class GoldenCase:
    """One question to the model.

    Attributes:
        name: Unique, for error messages.
        history: Rows, -1 = unknown product; longer than H is folded.
        weights: One for each row; 1 each by default.
        searches: Texts whose vectors join the profile.
        cold: Texts that are scored as products without a row.
        exclude: Rows that must not come back, besides the history's own.
    """

    name: str
    history: tuple[int, ...] = ()
    weights: tuple[float, ...] | None = None
    searches: tuple[GoldenText, ...] = ()
    cold: tuple[GoldenText, ...] = ()
    exclude: tuple[int, ...] = ()


def make_golden(bundle: Bundle | str | Path, cases: Iterable[GoldenCase], k: int = 20) -> dict[str, Any]:
    """Ask a bundle every question and keep the answers.

    Args:
        bundle: The file, or its path.
        cases: The questions.
        k: Length of the ranked lists.

    Returns:
        The content of golden.json.

    Raises:
        InputError: Two cases have one name, or a row or text cannot be used.
        NonFiniteError: An answer is not finite.
    """
    runtime = Runtime.open(bundle)
    opened = _bundle_of(runtime)
    document = opened.document
    kernel = KernelModel(StoredTables.read(opened.flatbuffer))
    asked: dict[str, Any] = {}
    for case in cases:
        if case.name in asked:
            raise InputError("golden cases", "a name of its own for each", f"{case.name!r} twice", "rename one")
        asked[case.name] = _answer(runtime, kernel, case, k)
    return {
        "schema": SCHEMA,
        "model": {
            "flatbuffer_sha256": document["digests"]["flatbuffer"],
            "model_id": document["model_id"],
            **{key: document[key] for key in ("recipe", "products", "dimension", "history_length", "text_length")},
        },
        "calibration": document["calibration"],
        "new_products": asdict(NewProducts.of(document)),
        "k": k,
        "cases": list(asked.values()),
    }


def write_golden(
    bundle: Bundle | str | Path, cases: Iterable[GoldenCase], path: str | Path, k: int = 20
) -> dict[str, Any]:
    """Write golden.json, whole or not at all, one case a line; see `make_golden`."""
    golden = make_golden(bundle, cases, k)
    head = json.dumps({key: value for key, value in golden.items() if key != "cases"}, indent=1, ensure_ascii=False)
    lines = ",\n".join(json.dumps(case, ensure_ascii=False, allow_nan=False) for case in golden["cases"])
    unfinished = Path(path).with_name(Path(path).name + ".unfinished")
    unfinished.write_text(f'{head[:-2]},\n "cases": [\n{lines}\n ]\n}}\n', encoding="utf-8", newline="\n")
    os.replace(unfinished, path)
    return golden


def replay_golden(
    bundle: Bundle | str | Path,
    golden: Mapping[str, Any] | str | Path,
    backend: Backend = "litert",
    threads: int = 1,
    xnnpack: bool = True,
) -> ParityReport:
    """Ask the questions again and compare each step with what was written.

    Args:
        bundle: The file, or its path.
        golden: What `make_golden` gave, or the path of a golden.json.
        backend: As for `Runtime.open`.
        threads: As for `Runtime.open`.
        xnnpack: As for `Runtime.open`.

    Returns:
        One check for each case and step; `raise_if_failed` turns it into an error.

    Raises:
        InputError: The golden file has another schema, or was written from another model.
    """
    content = _read(golden) if isinstance(golden, str | Path) else golden
    if content.get("schema") != SCHEMA:
        raise InputError("golden.json", f"schema {SCHEMA}", str(content.get("schema")), "write it again")
    runtime = Runtime.open(bundle, backend, threads, xnnpack)
    opened = _bundle_of(runtime)
    found = opened.document["digests"]["flatbuffer"]
    checks: list[Check] = []
    try:
        written = content["model"]["flatbuffer_sha256"]
        if written != found:
            raise InputError(
                "golden.json",
                f"answers of model {found[:12]}",
                f"those of model {written[:12]}",
                "write it again from this file",
            )
        for case in content["cases"]:
            checks += _replay(runtime, opened, case)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("golden.json", "every field of schema 1", f"trouble with {error}", "write it again") from error
    document = opened.document
    return ParityReport(opened.path.name, document["model_id"], document["recipe"], tuple(checks))


def _read(path: str | Path) -> dict[str, Any]:
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(str(path), "a golden.json", str(error), "write one with write_golden") from error
    if not isinstance(content, dict):
        raise InputError(str(path), "a JSON object", type(content).__name__, "write one with write_golden")
    return content


def probabilities(scores: Floats | Sequence[float], calibration: Mapping[str, Any]) -> Floats:
    """Calibrated scores [n] -> float64 [n]: `ceiling / (1 + exp(-(slope * score + intercept)))`."""
    line = calibration["slope"] * np.asarray(scores, np.float64) + calibration["intercept"]
    return np.asarray(calibration.get("ceiling", 1.0) * np.exp(-np.logaddexp(0, -line)))


def _answer(runtime: Runtime, kernel: KernelModel, case: GoldenCase, k: int) -> dict[str, Any]:
    bundle = _bundle_of(runtime)
    calibration = bundle.document["calibration"]
    weights = case.weights if case.weights is not None else (1.0,) * len(case.history)
    vectors = [runtime.embed_text(search.tokens) for search in case.searches]
    profile = runtime.profile(case.history, weights, _weighted(vectors, [s.weight for s in case.searches]))
    scores = runtime.score(profile)
    ranking = top_k(scores, k, [*case.history, *case.exclude])
    cold, new = [], []
    for text in case.cold:
        vector = runtime.embed_text(text.tokens)
        score = runtime.score_cold(profile, vector, [_known(text.tokens)])
        new += _shortest(score)
        likely = probabilities(score, calibration)
        entry = {"text": text.text, "tokens": list(map(int, text.tokens)), "vector": _shortest(vector)}
        cold.append(entry | {"score": new[-1], "probability": _shortest(likely)[0]})
    return {
        "name": case.name,
        "history": list(map(int, case.history)),
        "history_titles": [bundle.products[row] if row >= 0 else None for row in case.history],
        "weights": _shortest(weights),
        "searches": [
            {
                "text": search.text,
                "tokens": list(map(int, search.tokens)),
                "weight": _shortest([search.weight])[0],
                "vector": _shortest(vector),
            }
            for search, vector in zip(case.searches, vectors, strict=True)
        ],
        "exclude": list(map(int, case.exclude)),
        "profile": _shortest(profile),
        "tolerance": TOLERANCE + round(2 * kernel.spread(profile), 6),
        "rows": [int(row) for row in ranking.rows],
        "titles": [bundle.products[row] for row in ranking.rows],
        "scores": _shortest(ranking.scores),
        "probabilities": _shortest(probabilities(ranking.scores, calibration)),
        "cold": cold,
        "mixed": _mixed(bundle, profile, ranking.scores, new, k) if cold else [],
    }


def _replay(runtime: Runtime, bundle: Bundle, case: Mapping[str, Any]) -> list[Check]:
    name, calibration = case["name"], bundle.document["calibration"]
    searches, cold = case["searches"], case["cold"]
    vectors = [runtime.embed_text(text["tokens"]) for text in [*searches, *cold]]
    written = [text["vector"] for text in [*searches, *cold]]
    extra = _weighted(vectors[: len(searches)], [search["weight"] for search in searches])
    profile = runtime.profile(case["history"], case["weights"], extra)
    scores = runtime.score(profile)
    rows = np.array(case["rows"], np.int32)
    apart = [*case["history"], *case["exclude"]]
    case_scores = [text["score"] for text in cold]
    values = list(case["scores"]) + case_scores
    chances = list(case["probabilities"]) + [text["probability"] for text in cold]
    of_cold = zip(vectors[len(searches) :], cold, strict=True)
    cold_scores = [float(runtime.score_cold(profile, vector, [_known(text["tokens"])])[0]) for vector, text in of_cold]
    found = [*(float(score) for score in scores[rows]), *cold_scores]
    # By the scores that were written: near ties of the runtime's own are not a matter of places.
    mixed = _mixed(bundle, profile, np.asarray(case["scores"]), case_scores, len(rows)) if cold else []
    titles = [bundle.products[row] for row in rows]
    size = max(1.0, float(np.abs(profile).max()))
    ranked = same_up_to_ties(rows, scores, apart, 2 * case["tolerance"])
    steep = abs(calibration["slope"]) / 4 * case["tolerance"] + TOLERANCE  # the logistic's largest slope is 1/4
    return [
        Check.at_most(f"{name}.vectors", max(map(_apart, vectors, written), default=0.0), TOLERANCE),
        Check.at_most(f"{name}.profile", _apart(profile, case["profile"]) / size, TOLERANCE),
        Check.at_most(f"{name}.scores", _apart(found, values), case["tolerance"]),
        Check.at_most(f"{name}.ranking", 0 if ranked else 1, 0, "the same list up to ties"),
        Check.at_most(f"{name}.mixed", 0 if mixed == case["mixed"] else 1, 0, "one list with products without a row"),
        Check.at_most(f"{name}.titles", sum(a != b for a, b in zip(titles, case["titles"], strict=True)), 0),
        Check.at_most(f"{name}.probabilities", _apart(probabilities(found, calibration), chances), steep),
    ]


def _bundle_of(runtime: Runtime) -> Bundle:
    if runtime.bundle is None:
        raise InputError("golden.json", "a bundle with titles", "a bare flatbuffer", "give a .tflite bundle")
    return runtime.bundle


def _known(tokens: Sequence[int]) -> int:
    return sum(token >= 0 for token in tokens)


def _mixed(bundle: Bundle, profile: Floats, known: Floats, new: Sequence[float], k: int) -> list[int]:
    """The list of known products and cold texts: the place in `rows`, or -1 minus the place in `cold`."""
    best = sorted(range(len(new)), key=lambda place: -new[place])
    lifted = bool(np.any(profile))
    order = NewProducts.of(bundle.document).mixed(known.tolist(), [new[place] for place in best], k, lifted=lifted)
    return [place if place >= 0 else -1 - best[-1 - place] for place in order]


def _weighted(vectors: Sequence[Floats], weights: Sequence[float]) -> Floats | None:
    return np.array(vectors) * np.asarray(weights, np.float32)[:, None] if vectors else None


def _shortest(values: Sequence[float] | Floats) -> list[float]:
    """Doubles whose shortest text is the shortest text of the float32 values."""
    return [float(str(value)) for value in np.asarray(values, np.float32).reshape(-1)]


def _apart(first: Any, second: Any) -> float:
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    return float("inf") if a.shape != b.shape else float(np.abs(a - b).max(initial=0))
