"""A made market whose truth is known: people with hidden tastes use the recommender, round after round."""

from __future__ import annotations

from seefud.simulation.results import Simulation, SimulationOptions

__all__ = ["Simulation", "SimulationOptions"]
