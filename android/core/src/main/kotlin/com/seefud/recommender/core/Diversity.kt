package com.seefud.recommender.core

/**
 * Maximal marginal relevance (Carbonell and Goldstein 1998): each next product is the one with the largest
 * `(1 - diversity) * place - diversity * cosine to the most similar product that was chosen before`. Ties keep the order.
 *
 * @param offers best first
 * @param vectors D numbers for each, unit or zero
 * @param count how many are wanted
 * @param diversity 0 to 1
 * @return places in [offers], in their new order
 */
internal fun diversified(
    offers: List<Offer>,
    vectors: FloatArray,
    dimension: Int,
    count: Int,
    diversity: Float,
): IntArray {
    val nearest = DoubleArray(offers.size) { Double.NEGATIVE_INFINITY }
    val isChosen = BooleanArray(offers.size)
    val order = IntArray(minOf(count, offers.size))
    for (place in order.indices) {
        var best = -1
        var bestValue = 0.0
        for (at in offers.indices) {
            if (isChosen[at]) continue
            val penalty = if (place == 0) 0.0 else diversity * nearest[at]
            val value = (1.0 - diversity) * offers[at].place - penalty
            if (best < 0 || value > bestValue) {
                best = at
                bestValue = value
            }
        }
        isChosen[best] = true
        order[place] = best
        for (at in offers.indices) {
            if (isChosen[at]) continue
            nearest[at] = maxOf(nearest[at], dot(vectors, best * dimension, vectors, at * dimension, dimension))
        }
    }
    return order
}
