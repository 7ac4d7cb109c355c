"""`seefud simulate`: a file that is rebuilt every round, its first version, and popularity, on the same people."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from seefud.build import BuildOptions, build
from seefud.catalogue import Catalogue
from seefud.destinations import folder_to_fill
from seefud.errors import InputError
from seefud.interactions import Interactions
from seefud.simulation.circle import Circle, Learner
from seefud.simulation.market import make_market
from seefud.simulation.plots import draw
from seefud.simulation.rankers import FileRanker, PopularityRanker, Ranker
from seefud.simulation.results import FIRST, POPULARITY, REBUILT, Simulation, SimulationOptions
from seefud_converter.errors import GateError

__all__ = ["simulate"]


class _Builder:
    """Builds the next file as the command line does; where a gate refuses it, the file before it stays in use."""

    def __init__(self, products: Path, folder: Path, options: BuildOptions, titles: Sequence[str]) -> None:
        self._products, self._folder, self._options, self._titles = products, folder, options, titles
        self._files: list[FileRanker] = []
        self.refused: list[int] = []

    def __call__(self, catalogue: Catalogue, events: Interactions, store: Path) -> Ranker:
        number = len(self._files)
        try:
            built = build(self._products, store, self._folder / "model", self._options).model
        except GateError:
            if not self._files:
                raise
            self.refused.append(number)
            self._files.append(self._files[-1])
            return self._files[-1]
        kept = self._folder / "files" / f"round-{number:02d}.tflite"
        kept.parent.mkdir(exist_ok=True)
        shutil.copyfile(built, kept)
        self._files.append(FileRanker.open(kept, self._titles))
        return self._files[-1]

    def never_again(self, catalogue: Catalogue, events: Interactions, store: Path) -> Ranker:
        """The first file, whatever has happened since."""
        return self._files[0]


def simulate(
    out: Path, options: SimulationOptions | None = None, told: Callable[[str], None] = lambda _: None
) -> Simulation:
    """Runs the three circles.

    Args:
        out: a new or empty folder: gets `simulation.json` and `simulation.png`, the catalogue, for each circle its
            exports and its store, and in `rebuilt/files` every file.
        options: the size; None for the defaults.
        told: gets a line for each step.

    Raises:
        InputError: a size that cannot be simulated, or a folder that holds other things.
        seefud_converter.errors.GateError: not even the first file passed its gates.
    """
    options = options or SimulationOptions()
    if options.rounds < 1:
        raise InputError(f"--rounds {options.rounds}: expected at least 1")
    market = make_market(options.seed, options.people, options.dishes)
    if any(folder_to_fill(out, "--out").iterdir()):
        raise InputError(f"--out {out}: expected a new or empty folder, found files in it; choose another")
    products = out / "products.csv"
    market.write(products)
    builder = _Builder(
        products,
        out / REBUILT,
        BuildOptions(dimension=options.dimension, baselines=(POPULARITY,), cold=False, seed=options.seed),
        market.titles,
    )
    learners: dict[str, Learner] = {REBUILT: builder, FIRST: builder.never_again, POPULARITY: _popularity}
    circles = []
    for name, learn in learners.items():
        circle = Circle(name, market, options.seed, out / name, products, learn)
        try:
            circle.run(options.rounds, told)
        except GateError:
            told("not even the first file passed its gates: more people (--users) leave more to learn from")
            raise
        circles.append(circle)
    found = Simulation(
        options,
        {circle.name: tuple(circle.points) for circle in circles},
        {circle.name: circle.events for circle in circles},
        sum(circle.rejected for circle in circles),
        tuple(builder.refused),
    )
    draw([found], out / "simulation.png")
    found.write(out / "simulation.json")
    return found


def _popularity(catalogue: Catalogue, events: Interactions, store: Path) -> Ranker:
    return PopularityRanker.fit(catalogue, events)
