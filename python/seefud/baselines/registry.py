"""The baselines by the name a user types."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from seefud.baselines.content import ContentNeighbours
from seefud.baselines.contract import Baseline
from seefud.baselines.ease import Ease
from seefud.baselines.ials import ImplicitAls
from seefud.baselines.itemknn import ItemKnn
from seefud.baselines.ncf import NeuralCollaborativeFiltering
from seefud.baselines.popularity import Popularity
from seefud.baselines.shuffled import Shuffled
from seefud.errors import InputError

__all__ = ["BASELINES", "make_baseline"]

# In order of effort, which is the order reports list and run them in.
BASELINES: MappingProxyType[str, Callable[..., Baseline]] = MappingProxyType(
    {
        "random": Shuffled,
        "popularity": Popularity,
        "itemknn": ItemKnn,
        "content": ContentNeighbours,
        "ease": Ease,
        "ials": ImplicitAls,
        "ncf": NeuralCollaborativeFiltering,
    }
)


def make_baseline(name: str, **options: Any) -> Baseline:
    """A baseline that is not yet fitted.

    Args:
        name: a key of `BASELINES`.
        options: of its constructor, ``regularization=300.0`` for instance.

    Raises:
        InputError: no such name, or no such option.
    """
    if name not in BASELINES:
        near = difflib.get_close_matches(name, BASELINES, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise InputError(f"baseline: expected one of {', '.join(BASELINES)}, found {name!r}; {hint}choose one by name")
    try:
        return BASELINES[name](**options)
    except TypeError as error:
        raise InputError(f"baseline {name!r}: {error}; leave that option out") from error
