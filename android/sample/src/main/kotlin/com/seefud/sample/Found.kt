package com.seefud.sample

import com.seefud.recommender.Product
import java.util.Locale

/**
 * Dishes for a search that may not be typed to its end: first those whose title has every piece of what was typed,
 * then what the model finds alike, then those with it among their ingredients. The model knows whole words only, and
 * somebody who has typed "say" wants to see sayur.
 *
 * @param alike what the model found, best first
 */
fun found(query: String, dishes: List<Product>, alike: List<Product>, limit: Int): List<Product> {
    val pieces = query.lowercase(Locale.ROOT).split(' ').filter { it.isNotEmpty() }
    val named = dishes.filter { dish -> pieces.all { it in dish.title.lowercase(Locale.ROOT) } }
    val containing = dishes.filter { dish -> pieces.all { it in dish.ingredients.lowercase(Locale.ROOT) } }
    return (named + alike + containing).distinctBy { it.title }.take(limit)
}
