package com.seefud.recommender.core

import com.seefud.recommender.ProfileItem
import kotlin.math.sqrt

/**
 * `1 / sqrt(1 + age in days)`, counted back from the newest product of the profile; python/seefud/recency.py is the twin.
 *
 * A product without a time counts as old as the oldest one that has one. A search without a time does not fade: it is
 * what the person looks for now, and in Python searches have no time. One with a time fades like a product, and is not
 * older than nothing if it came after the newest product.
 *
 * @param items of the profile, or none if the model does not fade
 */
internal class Fading(items: List<ProfileItem>) {
    private val products = items.filterIsInstance<ProfileItem.Liked>().mapNotNull { it.time }
    private val newest = products.maxOrNull() ?: items.mapNotNull { it.time }.maxOrNull()
    private val oldest = products.minOrNull()

    /** The weight of an item, faded. */
    fun weight(item: ProfileItem): Float {
        val time = item.time ?: if (item is ProfileItem.Liked) oldest else null
        if (newest == null || time == null) return item.weight
        // Times are anything, so their difference may not fit a Long.
        val days = maxOf(0.0, (newest.toDouble() - time.toDouble()) / MILLISECONDS_PER_DAY)
        return (item.weight / sqrt(1 + days)).toFloat()
    }

    private companion object {
        const val MILLISECONDS_PER_DAY = 86_400_000.0
    }
}
