"""The end of `make model`: what the new file recommends, to people, to a search, and among new products."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from seefud.build_options import BuildOptions
from seefud.catalogue import read_catalogue
from seefud.cli.rendering import print_recommendations
from seefud.interactions import read_interactions
from seefud.recommender import Product, Recommender
from seefud.sources import Source
from seefud.user_profile import catalogue_of, user_profile

__all__ = ["print_demonstration"]

LENGTH = 5
SHOWN = 4


def print_demonstration(
    model: Path, interactions: Source, arrivals: Path, options: BuildOptions, console: Console
) -> None:
    """Prints recommendations for two users, for one search and for one product that the model never saw.

    Args:
        model: the `.tflite`.
        interactions: where the users and the search come from.
        arrivals: a catalogue of new products.
        options: column names and weights.
        console: where to.
    """
    recommender = Recommender.open(model)
    events = read_interactions(interactions, catalogue_of(recommender), options.columns, options.weights)
    sizes = events.frame.groupby("user").size()
    # Two people of ordinary activity, always the same ones.
    users = sorted(sizes[sizes >= sizes.median()].index)[:2]
    for user in users:
        profile = user_profile(
            recommender, interactions, user, columns=options.columns, weights=options.weights, searches=False
        )
        weighted = zip(profile.weights or (), profile.liked, strict=True)
        ranked = sorted((pair for pair in weighted if pair[0] > 0), key=lambda pair: -pair[0])
        liked = ", ".join(str(title) for _, title in ranked[:SHOWN])
        more = f" and {len(ranked) - SHOWN} more" if len(ranked) > SHOWN else ""
        found = recommender.recommend(profile, LENGTH, explain=True)
        console.print()
        print_recommendations(found, f"For user {user}, who liked {liked}{more}", console)
    searched = (str(text) for text in events.searches["text"].value_counts().index)
    text = next((text for text in searched if recommender.text_vector(text).any()), None)
    if text is not None:
        console.print()
        print_recommendations(recommender.search(text, LENGTH), f"For the search {text!r}", console)
    new = read_catalogue(arrivals, options.columns)
    product = Product(new.titles[0], new.ingredients[0])
    console.print()
    title = f"Like {product.title!r}, which the model never saw ({product.ingredients})"
    print_recommendations(recommender.similar(f"{product.title} | {product.ingredients}", LENGTH), title, console)
    candidates = [Product(name, text) for name, text in zip(new.titles, new.ingredients, strict=True)]
    if users:
        profile = user_profile(
            recommender, interactions, users[0], columns=options.columns, weights=options.weights, searches=False
        )
        console.print()
        ranked_new = recommender.rank(profile, candidates)[:LENGTH]
        print_recommendations(ranked_new, f"New products, ranked for user {users[0]}", console)
