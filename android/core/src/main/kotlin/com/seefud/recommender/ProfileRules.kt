package com.seefud.recommender

/**
 * What interactions say of a person's taste; see [Profile.from]. The defaults are those of Python
 * (python/seefud/event_profile.py). Measured on ratings (benchmarks/profile_rules.py): [recency] helps, and a [dislike] of
 * 0.25 costs nothing that can be measured, larger ones do. The weights of the types are a choice, as no open data has
 * them all.
 *
 * @property weights by type, 0 to 5: 1 is a certain liking, 0 says that it is none and takes back what was done before.
 *     A type that is left out counts nothing, and impressions never do
 * @property dislike what a product counts, negatively, whose last word is a dismissal or a low rating; 0 to 5. With 0
 *     it pushes nothing away but still is not recommended itself
 * @property recency whether weights fade with age: `1 / sqrt(1 + age in days)`, counted back from the newest event
 * @throws InvalidRequestException a weight is not from 0 to 5, or impressions have one
 */
public class ProfileRules @JvmOverloads constructor(
    weights: Map<InteractionType, Double> = DEFAULT_WEIGHTS,
    public val dislike: Double = DEFAULT_DISLIKE,
    public val recency: Boolean = true,
) {
    public val weights: Map<InteractionType, Double> = LinkedHashMap(weights)

    init {
        for ((type, weight) in weights) check("weight of ${type.wireName}", weight)
        check("dislike", dislike)
        if (InteractionType.IMPRESSION in weights) {
            val remedy = "leave it out: what was shown says nothing of what is liked"
            val found = "${weights[InteractionType.IMPRESSION]}"
            throw InvalidRequestException("weight of impression", "none", found, remedy)
        }
    }

    private fun check(where: String, weight: Double) {
        if (weight in 0.0..MOST_WEIGHT) return
        throw InvalidRequestException(where, "a number from 0 to 5", "$weight", "leave it out for the default")
    }

    /** What one event is worth, or null if it counts nothing. Not for searches alone: their weight is their type's. */
    internal fun weight(interaction: Interaction): Double? {
        val weight = weights[interaction.type] ?: return null
        val stars = interaction.value ?: return weight
        return weight * maxOf(0.0, (stars - LOW_RATING) / (BEST_RATING - LOW_RATING))
    }

    public companion object {
        /** Search and click .5, view .3, favorite, purchase and rating 1, dismiss 0. */
        @JvmField
        public val DEFAULT_WEIGHTS: Map<InteractionType, Double> = mapOf(
            InteractionType.SEARCH to 0.5,
            InteractionType.VIEW to 0.3,
            InteractionType.CLICK to 0.5,
            InteractionType.FAVORITE to 1.0,
            InteractionType.PURCHASE to 1.0,
            InteractionType.RATING to 1.0,
            InteractionType.DISMISS to 0.0,
        )

        /** Of [dislike]: the largest that was measured to cost nothing. */
        public const val DEFAULT_DISLIKE: Double = 0.25

        private const val MOST_WEIGHT = 5.0

        /** The best rating that still is a bad one. */
        private const val LOW_RATING = 2.0
        private const val BEST_RATING = 5.0
    }
}
