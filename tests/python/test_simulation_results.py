"""Results of several simulations: gains, series, the picture, the folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from seefud.errors import InputError
from seefud.simulation.circle import Point
from seefud.simulation.plots import draw
from seefud.simulation.results import FIRST, POPULARITY, REBUILT, Simulation, SimulationOptions
from seefud.simulation.rounds import simulate
from seefud.simulation.seeds import gain, series


def made_simulation(seed: int, recalls: Sequence[float]) -> Simulation:
    """A result whose recalls are given, the same for all circles."""
    points = tuple(
        Point(number, recall, 0.1, 0.5, 0.8, 0.25, 100 * (number + 1 < len(recalls)), 7, "0123456789ab")
        for number, recall in enumerate(recalls)
    )
    options = SimulationOptions(rounds=len(recalls) - 1, seed=seed)
    return Simulation(options, dict.fromkeys((REBUILT, FIRST, POPULARITY), points), {REBUILT: 5}, 0, (1,))


def test_a_gain_is_the_mean_of_differences_with_its_standard_error() -> None:
    found = gain(np.array([0.1, 0.2, 0.3]), np.array([0.2, 0.4, 0.3]))
    assert found.start == pytest.approx(0.2)
    assert found.end == pytest.approx(0.3)
    assert found.difference == pytest.approx(0.1)
    assert found.standard_error == pytest.approx(0.1 / np.sqrt(3))  # differences .1, .2, 0
    assert gain(np.array([0.1]), np.array([0.3])).to_json()["standard_error"] is None


def test_a_series_has_a_line_per_seed_and_no_number_where_there_is_no_value() -> None:
    both = [made_simulation(0, [0.1, 0.2]), made_simulation(1, [0.3, 0.4])]
    assert series(both, FIRST, "recall").tolist() == [[0.1, 0.2], [0.3, 0.4]]
    clicks = series(both, FIRST, "click_through")
    assert clicks[:, 0].tolist() == [0.07, 0.07]
    assert np.isnan(clicks[:, 1]).all()
    assert series(both, FIRST, "share_of_best")[0, 0] == pytest.approx(0.28)


def test_a_result_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = made_simulation(3, [0.1, 0.25])
    found.write(tmp_path / "simulation.json")
    assert Simulation.read(tmp_path / "simulation.json") == found
    assert [each.name for each in tmp_path.iterdir()] == ["simulation.json"]


def test_the_picture_is_small_and_the_same_each_time(tmp_path: Path) -> None:
    several = [made_simulation(seed, [0.1 + 0.01 * seed, 0.2, 0.3 - 0.02 * seed]) for seed in range(3)]
    for name in ("one.png", "again.png"):
        draw(several, tmp_path / name)
    content = (tmp_path / "one.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) < 100_000
    assert content == (tmp_path / "again.png").read_bytes()
    draw(several[:1], tmp_path / "alone.svg")
    assert b"<svg" in (tmp_path / "alone.svg").read_bytes()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["again.png", "alone.svg", "one.png"]


def test_nothing_is_simulated_into_a_folder_with_other_things(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match=r"expected a new or empty folder, found files in it; choose another"):
        simulate(tmp_path, SimulationOptions(rounds=1, people=10))
    with pytest.raises(InputError, match=r"--rounds 0: expected at least 1"):
        simulate(tmp_path / "new", SimulationOptions(rounds=0))
    assert [each.name for each in tmp_path.iterdir()] == ["letter.txt"]
