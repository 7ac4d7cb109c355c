package com.seefud.recommender

import com.seefud.recommender.core.canonicalTitle

/**
 * A product that is good enough for a list, if the filter lets it in. Its texts are read only when they are asked for.
 *
 * @property row row of the model, or null for a product that it never saw
 * @property id the app's own id, where the app gave the product; see [Product.id]
 */
public class Candidate internal constructor(
    public val row: Int?,
    public val id: String?,
    title: () -> String,
    ingredients: () -> String?,
) {
    /** Display title. */
    public val title: String by lazy(LazyThreadSafetyMode.NONE, title)

    /** What it is made of; null where unknown. The app's own product comes first, then the model's file. */
    public val ingredients: String? by lazy(LazyThreadSafetyMode.NONE) { ingredients()?.takeIf { it.isNotBlank() } }

    internal val canonicalTitle: String by lazy(LazyThreadSafetyMode.NONE) { canonicalTitle(this.title) }

    override fun toString(): String = "Candidate($title)"
}
