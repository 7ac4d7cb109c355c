"""Large bundles for benchmarks: made tables, and titles and tokens such as a real catalogue has."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from converter.made_model import make_saved_model
from seefud_converter.convert import convert_bundle

__all__ = ["made_catalogue", "write_large_bundle"]

SYLLABLES = (
    "ka ki ku ke ko ta ti tu te to sa si su se so ma mi mu me mo na ni nu la li lu le lo ra ri ru ro ga gi gu go ba bi "
    "bu be da di du de ja ju pa pi pu pe wa ya nga nyo rang dang teng jeng pis bal tan kan lam sam tur ris"
)
WORDS = 4_000
TITLE_WORDS = (2, 3, 4, 5)


def made_catalogue(products: int, tokens: int, seed: int = 0) -> tuple[list[str], list[str]]:
    """Distinct titles of two to five words, and the tokens of their vocabulary, the most common first.

    Words follow Zipf's law, as words do. Every twentieth title holds a letter outside ASCII.

    Args:
        products: how many titles.
        tokens: how many tokens: words of titles, then pairs of neighbouring words.
        seed: of everything drawn.
    """
    rng = np.random.default_rng(seed)
    syllables = SYLLABLES.split()
    made = ("".join(rng.choice(syllables, rng.integers(1, 5))) for _ in range(3 * WORDS))
    words = list(dict.fromkeys(made))[:WORDS]
    chance = 1 / np.arange(3, len(words) + 3)
    lengths = rng.choice(TITLE_WORDS, 2 * products)
    drawn = np.split(rng.choice(len(words), lengths.sum(), p=chance / chance.sum()), np.cumsum(lengths)[:-1])
    titles = list(dict.fromkeys(" ".join(words[place] for place in places) for places in drawn))[:products]
    if len(titles) < products:
        raise ValueError(f"only {len(titles)} distinct titles of {products}")
    pairs = dict.fromkeys(" ".join(title.split()[:2]) for title in titles)
    shown = [f"{title} à la mode" if row % 20 == 7 else title.capitalize() for row, title in enumerate(titles)]
    return shown, [*words, *pairs][:tokens]


def write_large_bundle(path: Path, products: int, dimension: int = 32, tokens: int = 5_000) -> None:
    """Converts a made model of that size, int8, to `path`."""
    with tempfile.TemporaryDirectory() as folder:
        vocabulary = make_saved_model(
            Path(folder),
            products=products,
            dimension=dimension,
            tokens=tokens,
            history_length=64,
            text_length=64,
            top_k=min(100, products),
            ingredients=False,
        )
        titles, words = made_catalogue(products, tokens)
        for name, lines in (("products.txt", titles), ("tokens.txt", words)):
            (vocabulary / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
        convert_bundle(folder, vocabulary, path)
