"""Replays golden.json on the processor that runs this, with nothing but numpy and ai-edge-litert.

An independent reader: it shares no line with the toolchain or the Android library, only docs/file-format.md.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter


class Replay:
    """One model with its golden file."""

    def __init__(self, model: Path, golden: Path) -> None:
        self.golden: dict[str, Any] = json.loads(golden.read_text(encoding="utf-8"))
        interpreter = Interpreter(model_path=str(model), num_threads=1)
        self.run = {name: interpreter.get_signature_runner(name) for name in interpreter.get_signature_list()}
        sizes = self.golden["model"]
        self.dimension, self.history = sizes["dimension"], sizes["history_length"]
        self.text, self.products = sizes["text_length"], sizes["products"]
        self.worst = 0.0

    def embed_text(self, tokens: list[int]) -> np.ndarray:
        """Unit vector of at most T tokens."""
        padded = np.full((1, self.text), -1, np.int32)
        padded[0, : min(len(tokens), self.text)] = tokens[: self.text]
        return self.run["embed_text"](tokens=padded)["vector"][0]

    def fold(self, case: dict[str, Any]) -> np.ndarray:
        """Weighted sum of the history by chunks of H, and of the searches."""
        total = np.zeros(self.dimension, np.float32)
        for start in range(0, len(case["history"]), self.history):
            rows = case["history"][start : start + self.history]
            padded = np.full((1, self.history), -1, np.int32)
            padded[0, : len(rows)] = rows
            vectors = self.run["embed_products"](products=padded)["vectors"][0]
            for weight, vector in zip(case["weights"][start : start + self.history], vectors, strict=False):
                total += np.float32(weight) * vector
        for search in case["searches"]:
            total += np.float32(search["weight"]) * self.embed_text(search["tokens"])
        return total

    def check(self, case: dict[str, Any]) -> None:
        """Every value of one case.

        Raises:
            AssertionError: the first value that is off.
        """
        name, tolerance = case["name"], case["tolerance"]
        for text in [*case["searches"], *case["cold"]]:
            near(f"{name}: vector of {text['text']!r}", self.embed_text(text["tokens"]), text["vector"], 1e-5)
        profile = self.fold(case)
        largest = max(1.0, float(np.abs(case["profile"]).max()))
        near(f"{name}: profile", profile, case["profile"], 1e-5 * largest)

        scores = self.run["score"](profile=profile[None])["scores"][0]
        assert scores.shape == (self.products,), f"{name}: {scores.shape} scores, expected {self.products}"
        out = [row for row in {*case["history"], *case["exclude"]} if row >= 0]
        scores[out] = -np.inf
        rows = np.argsort(-scores, kind="stable")[: len(case["rows"])]
        self.worst = max(self.worst, near(f"{name}: scores", scores[case["rows"]], case["scores"], tolerance))
        # Another order is right only where the two rows are as good as each other.
        near(f"{name}: ranking", scores[rows], scores[case["rows"]], 2 * tolerance)
        calibration = self.golden["calibration"]
        near(f"{name}: probabilities", self.probability(scores[case["rows"]]), case["probabilities"],
             calibration["slope"] / 4 * tolerance + 1e-5)  # fmt: skip

        rule = self.golden["new_products"]
        length = np.sqrt(np.float32(profile @ profile) + np.float32(1e-12))
        for cold in case["cold"]:
            prior = rule["cold"] + rule["words"] * np.log1p(sum(token >= 0 for token in cold["tokens"]))
            score = float(profile @ self.embed_text(cold["tokens"]) / length) + prior
            near(f"{name}: score of {cold['text']!r}", score, cold["score"], 1e-5)

    def probability(self, scores: np.ndarray) -> np.ndarray:
        """Calibrated, as the file format says."""
        calibration = self.golden["calibration"]
        return calibration["ceiling"] / (1 + np.exp(-(calibration["slope"] * scores + calibration["intercept"])))


def near(what: str, found: Any, expected: Any, tolerance: float) -> float:
    """The largest difference.

    Raises:
        AssertionError: it is over the tolerance, or not a number.
    """
    difference = float(np.max(np.abs(np.asarray(found, float) - np.asarray(expected, float)), initial=0.0))
    assert difference <= tolerance, f"{what}: off by {difference:.3g}, allowed are {tolerance:.3g}"
    return difference


def main(model: str, golden: str) -> None:
    """Checks every case and prints one line."""
    replay = Replay(Path(model), Path(golden))
    start = time.perf_counter()
    for case in replay.golden["cases"]:
        replay.check(case)
    seconds = time.perf_counter() - start
    print(
        f"{platform.machine()}, LiteRT {version('ai-edge-litert')}: {len(replay.golden['cases'])} cases in"
        f" {seconds:.1f} s, scores within {replay.worst:.1e}"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
