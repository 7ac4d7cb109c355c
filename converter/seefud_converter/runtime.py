"""Runs a bundle: the only module of the package that touches an interpreter.

Two backends run the same bytes: `litert` (ai-edge-litert, starts in a few hundredths of a second and needs no
TensorFlow) and `tensorflow` (tf.lite). Tensors are addressed by signature and name, never by position.

Ranking goes through `embed_products`, `score` and `top_k` instead of the graph's own `recommend`: its TOPK_V2
costs more than the scores themselves (100,000 x 32, one thread: 0.21 ms against 0.13 ms;
`benchmarks/score_speed.py`), it stops at K, and it cannot fold a history longer than H. Both give the same
list, which `parity` checks.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from .bundle import Bundle, read_bundle
from .errors import InputError, MissingSignatureError, NonFiniteError, WrongTensorError
from .new_products import NewProducts
from .ranking import Ranking, top_k

__all__ = ["BACKENDS", "TENSORS", "Backend", "Runtime", "Sizes"]

Backend = Literal["litert", "tensorflow"]
Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int32]
Runner = Callable[..., dict[str, npt.NDArray[Any]]]

BACKENDS: dict[str, str] = {
    "litert": "ai_edge_litert.interpreter",
    "tensorflow": "tensorflow.lite.python.interpreter",
}

TENSORS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "recommend": (("history", "weights"), ("items", "scores")),
    "embed_products": (("products",), ("vectors",)),
    "embed_text": (("tokens",), ("vector",)),
    "score": (("profile",), ("scores",)),
}
"""Signatures with the names of their inputs and outputs."""

# The graph takes 1e4 from the score of the history's own products; no honest score comes near minus half of
# that.
_EXCLUDED_BELOW = -5e3
_NOTICE = b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU."


class Sizes(NamedTuple):
    """N products, vectors of D, histories of H, texts of T tokens."""

    products: int
    dimension: int
    history_length: int
    text_length: int


class Runtime:
    """A bundle ready to run. Not safe for use by two threads at once; open one for each."""

    def __init__(self, runners: Mapping[str, Runner], sizes: Sizes, bundle: Bundle | None, label: str) -> None:
        """Use `Runtime.open`, or give signatures from elsewhere, as `saved_model.open_saved_model` does.

        Args:
            runners: Each of the four signatures: arrays by input name -> arrays by output name.
            sizes: What the shapes of their tensors say.
            bundle: What the file says about itself; None for a bare flatbuffer.
            label: Names backend and options in error messages and reports.
        """
        self.bundle = bundle
        self.label = label
        self.sizes = sizes
        self._run = runners

    @classmethod
    def open(
        cls,
        source: Bundle | str | Path | bytes,
        backend: Backend = "litert",
        threads: int = 1,
        xnnpack: bool = True,
    ) -> Runtime:
        """Load a model.

        Args:
            source: A bundle, the path of one, or the bytes of a bare flatbuffer.
            backend: `litert`, or `tensorflow` (which imports TensorFlow).
            threads: Threads of one call.
            xnnpack: Whether the XNNPACK delegate may run the operators that it knows.

        Raises:
            InputError: Unknown backend, backend not installed, or no thread.
            BundleError: The file cannot be trusted; see `read_bundle`.
        """
        if backend not in BACKENDS:
            raise InputError("backend", "one of " + ", ".join(BACKENDS), repr(backend), "choose one of these")
        if threads < 1:
            raise InputError("threads", "at least 1", str(threads), "give a positive number")
        bundle = read_bundle(source) if isinstance(source, str | Path) else source
        content = bundle if isinstance(bundle, bytes) else bytes(bundle.flatbuffer)
        label = f"{backend}, {threads} thread{'s' * (threads > 1)}, XNNPACK {'on' if xnnpack else 'off'}"
        with _without_delegate_notice(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tf.lite.Interpreter announces its own removal
            try:
                module = importlib.import_module(BACKENDS[backend])
            except ImportError as error:
                package = "ai-edge-litert" if backend == "litert" else "tensorflow"
                raise InputError(
                    f"backend {backend}", f"the package {package}", str(error), f"install {package}"
                ) from error
            plain = {} if xnnpack else {"experimental_op_resolver_type": _without_delegates(module)}
            try:
                interpreter = module.Interpreter(model_content=content, num_threads=threads, **plain)
                runners, sizes = _signature_runners(interpreter)
                runtime = cls(runners, sizes, None if isinstance(bundle, bytes) else bundle, label)
                runtime.embed_products([-1])  # delegates are made, and greet, at the first call
            except (ValueError, RuntimeError) as error:
                raise InputError(
                    f"backend {backend}", "a model that it can run", str(error), "run inspect on the file"
                ) from error
        return runtime

    def embed_products(self, rows: Sequence[int] | Rows) -> Floats:
        """The stored rows of any number of products, in calls of H: int [n] -> float32 [n, D]; -1 gives
        zeros.

        Raises:
            InputError: A row that is not -1 to N - 1.
            NonFiniteError: A value of the result is not finite.
        """
        wanted = self._checked_rows(rows)
        parts = [
            self._call(
                "embed_products",
                "vectors",
                products=_padded(wanted[at : at + self.sizes.history_length], self),
            )[0]
            for at in range(0, len(wanted), self.sizes.history_length)
        ]
        return np.concatenate(parts)[: len(wanted)] if parts else np.zeros((0, self.sizes.dimension), np.float32)

    def embed_text(self, tokens: Sequence[int] | Rows) -> Floats:
        """The unit vector of a text: token ids int [n], -1 = none -> float32 [D], zeros if none is known.

        A vector is normalised in the graph, so longer texts than T cannot be folded from outside.

        Raises:
            InputError: More than T tokens.
            NonFiniteError: A value of the result is not finite.
        """
        ids = _checked_ids(tokens, self._token_count(), "text", "tokens", "-1 for an unknown word")
        if len(ids) > self.sizes.text_length:
            raise InputError(
                "text",
                f"at most {self.sizes.text_length} tokens",
                str(len(ids)),
                "keep the first ones, or split the text",
            )
        padded = np.full((1, self.sizes.text_length), -1, np.int32)
        padded[0, : len(ids)] = ids
        return np.asarray(self._call("embed_text", "vector", tokens=padded)[0])

    def profile(
        self,
        history: Sequence[int] | Rows,
        weights: Sequence[float] | Floats | None = None,
        extra: Floats | None = None,
    ) -> Floats:
        """The plain weighted sum of the history's rows, whatever its length, and of further vectors.

        Args:
            history: Rows int [n]; -1 counts for nothing.
            weights: float [n]; 1 each by default.
            extra: float32 [m, D], of searches and of products without a row, already weighted.

        Returns:
            float32 [D]; zeros for an empty history.
        """
        wanted = self._checked_rows(history)
        factors = _checked_weights(weights, len(wanted))
        total = factors @ self.embed_products(wanted)
        if extra is not None and len(extra):
            total = total + np.asarray(extra, np.float32).reshape(-1, self.sizes.dimension).sum(0)
        return np.asarray(total, np.float32)

    def score(self, profile: Floats) -> Floats:
        """The score of every product: float32 [D] -> float32 [N]; a zero profile gives the prior alone."""
        query = np.asarray(profile, np.float32).reshape(1, -1)
        if query.shape[1] != self.sizes.dimension:
            raise InputError("profile", f"{self.sizes.dimension} numbers", str(query.shape[1]), "make it with profile")
        return np.asarray(self._call("score", "scores", profile=query)[0])

    def score_cold(self, profile: Floats, vectors: Floats, tokens: Sequence[int]) -> Floats:
        """Scores of products without a row, comparable with `score`: `(h / |h|) . e + prior`; see `NewProducts`.

        Args:
            profile: float32 [D].
            vectors: float32 [m, D], unit, as `embed_text` gives them.
            tokens: [m], how many known tokens each was made of.

        Returns:
            float32 [m].
        """
        norm = float(np.linalg.norm(profile))
        unit = profile / norm if norm > 0 else np.zeros_like(profile)
        rule = NewProducts.of(self.bundle.document) if self.bundle else NewProducts()
        prior = np.array([rule.prior(count) for count in tokens], np.float64)
        return np.asarray(np.reshape(vectors, (-1, self.sizes.dimension)) @ unit + prior, np.float32)

    def recommend(
        self,
        history: Sequence[int] | Rows,
        weights: Sequence[float] | Floats | None = None,
        k: int = 20,
        exclude: Sequence[int] | Rows = (),
    ) -> Ranking:
        """The k best products for a history of any length, without its own products and those excluded."""
        own = np.concatenate([np.asarray(history, np.int32), np.asarray(exclude, np.int32)])
        return top_k(self.score(self.profile(history, weights)), k, self._checked_rows(own))

    def recommend_in_graph(
        self, history: Sequence[int] | Rows, weights: Sequence[float] | Floats | None = None
    ) -> Ranking:
        """The file's own `recommend`, up to K products, for a history of at most H.

        Raises:
            InputError: The history is longer than H.
        """
        wanted = self._checked_rows(history)
        if len(wanted) > self.sizes.history_length:
            raise InputError(
                "history",
                f"at most {self.sizes.history_length} rows",
                str(len(wanted)),
                "use recommend, which folds it",
            )
        factors = np.zeros((1, self.sizes.history_length), np.float32)
        factors[0, : len(wanted)] = _checked_weights(weights, len(wanted))
        result = self._run["recommend"](history=_padded(wanted, self), weights=factors)
        scores = _finite(result["scores"], "recommend", "scores", self.label)[0]
        kept = scores > _EXCLUDED_BELOW
        return Ranking(result["items"][0][kept], scores[kept])

    def _call(self, signature: str, output: str, **inputs: npt.NDArray[Any]) -> Floats:
        return _finite(self._run[signature](**inputs)[output], signature, output, self.label)

    def _token_count(self) -> int:
        # No tensor of a signature says how many tokens there are; a bare flatbuffer is not asked twice.
        return int(self.bundle.document["tokens"]) if self.bundle else 2**31 - 1

    def _checked_rows(self, rows: Sequence[int] | Rows) -> Rows:
        return _checked_ids(rows, self.sizes.products, "history", "rows", "-1 for an unknown product")


def _finite(values: Floats, signature: str, tensor: str, label: str) -> Floats:
    # The greatest and the least are NaN if any value is, and meet every infinity: faster than a look at each.
    if values.size and not (np.isfinite(values.max()) and np.isfinite(values.min())):
        good = np.isfinite(values)
        raise NonFiniteError(
            f"signature {signature}, output {tensor} ({label})",
            "finite numbers",
            f"{int((~good).sum())} of {values.size} are not, the first at {int(np.argmin(good.reshape(-1)))}",
            "convert the model again, and look for a zero or non-finite row in it",
        )
    return values


def _checked_ids(ids: Sequence[int] | Rows, count: int, where: str, what: str, instead: str) -> Rows:
    wanted = np.asarray(ids, np.int64).reshape(-1)
    strange = wanted[(wanted < -1) | (wanted >= count)]
    if len(strange):
        raise InputError(where, f"{what} from -1 to {count - 1}", str(strange[0]), f"give {instead}")
    return wanted.astype(np.int32)


def _padded(rows: Rows, runtime: Runtime) -> Rows:
    padded = np.full((1, runtime.sizes.history_length), -1, np.int32)
    padded[0, : len(rows)] = rows
    return padded


def _checked_weights(weights: Sequence[float] | Floats | None, count: int) -> Floats:
    factors = np.ones(count, np.float32) if weights is None else np.asarray(weights, np.float32).reshape(-1)
    if len(factors) != count:
        raise InputError("weights", f"{count}, one for each row of the history", str(len(factors)))
    if not np.isfinite(factors).all():
        raise InputError("weights", "finite numbers", str(factors[~np.isfinite(factors)][0]))
    return factors


def _signature_runners(interpreter: Any) -> tuple[dict[str, Runner], Sizes]:
    present = interpreter.get_signature_list()
    for name, (inputs, outputs) in TENSORS.items():
        if name not in present:
            raise MissingSignatureError("model", f"the signature {name}", ", ".join(present) or "none")
        found = (sorted(present[name]["inputs"]), sorted(present[name]["outputs"]))
        if found != (sorted(inputs), sorted(outputs)):
            raise WrongTensorError(f"signature {name}", f"tensors {inputs} -> {outputs}", str(found))
    runners = {name: interpreter.get_signature_runner(name) for name in TENSORS}
    vectors = runners["embed_products"].get_output_details()["vectors"]["shape"]
    tokens = runners["embed_text"].get_input_details()["tokens"]["shape"]
    scores = runners["score"].get_output_details()["scores"]["shape"]
    sizes = Sizes(int(scores[1]), int(vectors[2]), int(vectors[1]), int(tokens[1]))
    return cast(dict[str, Runner], runners), sizes


def _without_delegates(module: Any) -> Any:
    return module.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES


@contextmanager
def _without_delegate_notice() -> Iterator[None]:
    """Keep XNNPACK's greeting off the screen; whatever else native code writes to stderr is passed on."""
    sys.stderr.flush()
    real = os.dup(2)
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(real, 2)
            os.close(real)
            caught.seek(0)
            rest = b"".join(line for line in caught if line.strip() != _NOTICE)
            if rest:
                os.write(2, rest)
