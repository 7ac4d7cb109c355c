package com.seefud.recommender

/**
 * A list as a person was shown it: gives the impressions, and later interactions their [Origin].
 *
 * @property ranking what was shown, best first
 * @property number of the list within the installation; the log counts from 1
 */
public class ShownList(public val ranking: Ranking, public val number: Long) {
    /**
     * Where an interaction with a product of the list came from.
     *
     * @param rank place in the list, from 1
     * @throws InvalidRequestException the list has no such place
     */
    public fun origin(rank: Int): Origin {
        if (rank in 1..ranking.size) return Origin(ranking.modelId, rank, ranking[rank - 1].score, number)
        val remedy = "count the places of a list from 1"
        throw InvalidRequestException("rank", "1 to ${ranking.size}", "$rank", remedy)
    }

    /** Where an interaction with this product came from, or null if it is not in the list. */
    public fun origin(recommendation: Recommendation): Origin? {
        val place = ranking.indexOfFirst { it === recommendation }.takeIf { it >= 0 } ?: ranking.indexOf(recommendation)
        return if (place < 0) null else origin(place + 1)
    }

    /**
     * One impression for each product, in their order.
     *
     * @param time when the list was shown, milliseconds since 1970
     */
    public fun impressions(time: Long): List<Interaction> = ranking.mapIndexed { place, shown ->
        Interaction.impression(Product(shown.title, id = shown.product.id), origin(place + 1), time)
    }
}
