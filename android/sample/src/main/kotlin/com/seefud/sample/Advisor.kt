package com.seefud.sample

import com.seefud.recommender.Product
import com.seefud.recommender.Ranking
import java.io.Closeable

/** Answers a taste. The app's is [ModelAdvisor]. */
interface Advisor : Closeable {
    val model: ModelCard

    /** @throws com.seefud.recommender.RecommenderException it cannot be answered */
    suspend fun advise(taste: Taste): Advice
}

/**
 * What the footer says about the model.
 *
 * @property id 12 hexadecimal digits
 * @property size bytes of the file
 */
data class ModelCard(val id: String, val size: Long)

/**
 * One answer. Nothing in it has an ingredient that the taste leaves out.
 *
 * @property found dishes for the search, best first; null where nothing is searched for
 * @property forYou best first, without what is liked already or refused
 * @property arrivals dishes that the model never saw, best first, without those that are refused
 * @property dishes the whole menu, A to Z
 * @property nanoseconds that ranking [forYou] took
 */
data class Advice(
    val found: List<Product>?,
    val forYou: Ranking,
    val arrivals: Ranking,
    val dishes: List<Product>,
    val nanoseconds: Long,
)
