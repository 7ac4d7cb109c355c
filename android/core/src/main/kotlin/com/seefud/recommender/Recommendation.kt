package com.seefud.recommender

/** What a share of a score comes from. */
public enum class ReasonKind {
    /** A product that the profile holds. */
    LIKED,

    /** A search that the profile holds. */
    SEARCHED,

    /** How popular the product is. */
    POPULARITY,

    /** What every product that the model never saw gets. */
    NEW_PRODUCT,
}

/**
 * One history item's, search's or the prior's share of a score.
 *
 * @property kind what it comes from
 * @property text the title or the search, as the profile gave it; empty for the prior
 * @property share added to the score; negative where it speaks against the product
 */
public data class Reason(
    public val kind: ReasonKind,
    public val text: String,
    public val share: Float,
)

/**
 * One ranked product.
 *
 * @property title display title: the model's where it knows the product, the caller's otherwise
 * @property row row of the model, or null for a product that it never saw
 * @property score cosine with the profile plus the prior; compares with every other score of the same profile
 * @property probability calibrated probability of an interaction, 0 to 1; rises with the score
 * @property known false if the model knows neither the product nor a word of its text
 * @property product what the caller gave, or the model's own title and ingredients
 * @property reasons shares of the score, largest first; they sum to it. Empty if they were not asked for
 */
public data class Recommendation(
    public val title: String,
    public val row: Int?,
    public val score: Float,
    public val probability: Float,
    public val known: Boolean,
    public val product: Product,
    public val reasons: List<Reason>,
)

/**
 * Ranked products, best first: a list, and what a person should know about it.
 *
 * @property ignored titles and searches of the profile of which the model knows no word; they took no part
 * @property shortened texts that hold more known words than the model takes; the most common words were used
 * @property modelId the model that ranked, 12 hexadecimal digits
 */
public class Ranking(
    private val recommendations: List<Recommendation>,
    public val ignored: List<String>,
    public val shortened: List<String>,
    public val modelId: String,
) : List<Recommendation> by recommendations {
    override fun equals(other: Any?): Boolean = recommendations == other

    override fun hashCode(): Int = recommendations.hashCode()

    override fun toString(): String = recommendations.toString()
}
