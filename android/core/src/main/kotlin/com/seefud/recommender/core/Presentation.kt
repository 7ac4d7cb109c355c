package com.seefud.recommender.core

import com.seefud.recommender.Ranking
import com.seefud.recommender.Recommendation

/** Turns a list of offers into what the caller sees: diverse if asked, with titles, probabilities and reasons. */
internal class Presentation(
    private val view: CatalogueView,
    private val known: KnownProducts,
    private val calls: ModelCalls,
) {
    private val document = view.document

    /**
     * @param offers best first
     * @param limit how many of them to show
     * @param shortened titles of offered products with more known words than the model takes
     */
    fun present(
        query: ProfileVector,
        offers: List<Offer>,
        limit: Int,
        diversity: Float,
        explain: Boolean,
        shortened: List<String>,
    ): Ranking {
        val isDiverse = diversity > 0f
        val vectors = if (isDiverse || explain) vectors(offers) else FloatArray(0)
        val order = when {
            isDiverse -> diversified(offers, vectors, document.dimension, limit, diversity)
            else -> IntArray(minOf(limit, offers.size)) { it }
        }
        val list = order.map { recommendation(query, offers[it], vectors, it * document.dimension, explain) }
        return Ranking(list, query.ignored, (query.shortened + shortened).distinct(), document.modelId)
    }

    private fun vectors(offers: List<Offer>): FloatArray {
        val dimension = document.dimension
        val vectors = FloatArray(offers.size * dimension)
        calls.embedProducts(IntArray(offers.size) { offers[it].row }, vectors)
        for ((place, offer) in offers.withIndex()) {
            if (!offer.hasRow) offer.entry?.vector?.copyInto(vectors, place * dimension)
        }
        return vectors
    }

    private fun recommendation(
        query: ProfileVector,
        offer: Offer,
        vectors: FloatArray,
        start: Int,
        explain: Boolean,
    ): Recommendation {
        val product = if (offer.hasRow) known.product(offer.row, offer.asked) else checkNotNull(offer.asked)
        return Recommendation(
            title = if (offer.hasRow) view.title(offer.row) else product.title,
            row = if (offer.hasRow) offer.row else null,
            score = offer.score,
            probability = document.calibration.probability(offer.score),
            known = offer.hasRow || offer.entry?.isKnown == true,
            product = product,
            reasons = if (explain) reasons(query, offer, vectors, start) else emptyList(),
        )
    }
}
