"""Time of one query over all products, one thread: the file against faiss' exact index over the same rows.

Prints `score` + top 20, the graph's own `recommend` (which finds K = 100), and faiss-cpu's IndexFlatIP, and
each as a share of faiss. All are timed in turns, so that a slow spell of the machine hits all alike: once in
bursts, once one query at a time, when each finds the others' tables in the cache.

usage: python benchmarks/score_speed.py [PRODUCTS] [DIMENSION] [ROUNDS] [--json]
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from goals import Line, goal_table
from program import Report, SkippedError, Table, run_program
from seefud_converter.quantize import convert
from seefud_converter.ranking import overlap, top_k
from seefud_converter.runtime import Runtime

K = 20


def medians(work: dict[str, Callable[[], object]], rounds: int, burst: int) -> dict[str, float]:
    """Median milliseconds of each piece of work, all of them in turns, `burst` calls at a time."""
    for run in work.values():
        for _ in range(5):
            run()
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, run in work.items():
            for _ in range(burst):
                start = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - start)
    return {name: float(np.median(taken)) * 1e3 for name, taken in times.items()}


def main() -> int:
    """Times and prints."""
    return run_program(__doc__, measure, _arguments)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("products", nargs="?", type=int, default=100_000)
    parser.add_argument("dimension", nargs="?", type=int, default=32)
    parser.add_argument("rounds", nargs="?", type=int, default=200)


def measure(options: argparse.Namespace) -> Report:
    """Makes a model of the size, converts it and times it.

    Raises:
        SkippedError: faiss is not installed.
    """
    if find_spec("faiss") is None:
        raise SkippedError("the package faiss-cpu is not installed; pip install 'seefud[peers]'")
    import faiss

    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    from converter.made_model import made_tables, make_saved_model

    products, dimension, rounds = options.products, options.dimension, options.rounds
    tables = made_tables(products, dimension, 100, seed=0)
    with tempfile.TemporaryDirectory() as folder:
        make_saved_model(
            Path(folder),
            products=products,
            dimension=dimension,
            tokens=100,
            history_length=64,
            top_k=min(100, products),
            tables=tables,
        )
        flatbuffer = convert(folder, "dynamic_wi8")
    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatIP(dimension)
    index.add(np.ascontiguousarray(tables[0][:, :-1]))
    runtime = Runtime.open(flatbuffer)
    history = np.random.default_rng(1).integers(0, products, 20).tolist()
    profile = runtime.profile(history)
    query = profile[None] / np.linalg.norm(profile)
    work: dict[str, Callable[[], object]] = {
        f"score + top {K}": lambda: top_k(runtime.score(profile), K),
        f"recommend, {len(history)} liked, top {K}": lambda: runtime.recommend(history, k=K),
        "the graph's own recommend": lambda: runtime.recommend_in_graph(history),
        f"faiss IndexFlatIP, top {K}": lambda: index.search(query, K),
    }
    shape = f"{products} x {dimension}"
    measured: dict[str, dict[str, float]] = {}
    shown, lines = [], []
    for burst, what in (
        (20, "queries in bursts of 20"),
        (1, "single queries, the others' tables in the cache"),
    ):
        taken = medians(work, max(rounds // burst, 1), burst)
        against = list(taken.values())[-1]
        measured[what] = taken
        rows = [[name, f"{median:.3f}", f"{median / against:.2f}"] for name, median in taken.items()]
        shown.append(Table(f"{shape}, int8, one thread: {what}", ["query", "median ms", "x faiss"], rows))
        values = (next(iter(taken.values())) / against,)
        lines.append(Line(shape, f"score + top {K} over faiss, {what}", values, "time over faiss", ".3f"))
    with_prior = faiss.IndexFlatIP(dimension + 1)
    with_prior.add(tables[0])
    wanted = with_prior.search(np.append(query, 1).astype(np.float32)[None], K)[1][0]
    found = top_k(runtime.score(profile), K).rows
    shared = overlap(found, wanted)
    figures: dict[str, Any] = {
        "products": products,
        "dimension": dimension,
        "milliseconds": measured,
        "overlap_with_float32": shared,
        "goals": [line.to_json() for line in lines],
    }
    notes = [f"overlap@{K} with faiss over rows and prior in float32: {shared:.2f}"]
    return Report([*shown, goal_table(lines)], figures, notes)


if __name__ == "__main__":
    sys.exit(main())
