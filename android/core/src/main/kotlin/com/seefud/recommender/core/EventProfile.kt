package com.seefud.recommender.core

import com.seefud.recommender.Interaction
import com.seefud.recommender.InteractionType
import com.seefud.recommender.Product
import com.seefud.recommender.Profile
import com.seefud.recommender.ProfileRules
import kotlin.math.sqrt

/**
 * A profile from what a person did; python/seefud/event_profile.py is the twin, tests/golden/profile.json pins both.
 *
 * The items carry no times, as their weights have faded already: a model that fades by itself does not do it twice.
 */
internal fun eventProfile(interactions: Iterable<Interaction>, rules: ProfileRules): Profile {
    val events = interactions.filter { it.type in rules.weights }.sortedBy { it.time }
    val newest = events.lastOrNull()?.time ?: return Profile.empty()
    val products = LinkedHashMap<String, ProductStanding>()
    val searches = LinkedHashMap<String, Interaction>()
    for (event in events) {
        if (event.type == InteractionType.SEARCH) {
            searches[canonicalTitle(event.text.orEmpty())] = event
        } else {
            products.getOrPut(key(event)) { ProductStanding() }.add(event, rules.weight(event) ?: 0.0)
        }
    }
    fun faded(weight: Double, event: Interaction): Float {
        if (!rules.recency) return weight.toFloat()
        return (weight * (1 / sqrt(1 + (newest - event.time) / MILLISECONDS_PER_DAY))).toFloat()
    }
    val builder = Profile.Builder()
    for (product in products.values) {
        val weight = if (product.strongest > 0) product.strongest else 0.0 - rules.dislike
        builder.like(product(product.last), faded(weight, product.last))
    }
    for (search in searches.values) {
        builder.search(collapse(search.text.orEmpty()), faded(rules.weight(search) ?: 0.0, search))
    }
    return builder.build()
}

/** What stands of one product. */
private class ProductStanding {
    lateinit var last: Interaction

    /** Of the likings that were not taken back; 0 if none is left. */
    var strongest = 0.0

    fun add(event: Interaction, weight: Double) {
        last = event
        strongest = if (weight > 0) maxOf(strongest, weight) else 0.0
    }
}

/** Titles meet in their canonical form, ids as they are; no title is an id, as a canonical title has no NUL. */
private fun key(event: Interaction): String = event.title?.let { canonicalTitle(it) } ?: "\u0000${event.productId}"

private fun product(event: Interaction) = Product(event.title ?: event.productId.orEmpty(), id = event.productId)

private const val MILLISECONDS_PER_DAY = 86_400_000.0
