package com.seefud.recommender.core

import java.nio.FloatBuffer

/**
 * The four signatures of a model, as plain arrays. The one seam between this module and the runtime that executes the
 * model; the implementation need not be safe for several threads, [Ranker] calls it from one at a time.
 *
 * Row -1 and token -1 are padding.
 */
public interface Model {
    /**
     * The best products for a history, without the history's own.
     *
     * @param history rows, exactly H
     * @param weights exactly H
     * @param items gets K rows, best first
     * @param scores gets their K scores
     */
    public fun recommend(history: IntArray, weights: FloatArray, items: IntArray, scores: FloatArray)

    /**
     * Stored rows as unit vectors.
     *
     * @param products rows, exactly H
     * @param vectors gets H x D numbers, row after row; zeros for -1
     */
    public fun embedProducts(products: IntArray, vectors: FloatArray)

    /**
     * The unit vector of a text.
     *
     * @param tokens token ids, exactly T
     * @param vector gets D numbers; zeros if no token is known
     */
    public fun embedText(tokens: IntArray, vector: FloatArray)

    /**
     * Scores of all products.
     *
     * @param profile weighted sum of vectors, D numbers of any length
     * @return N scores, from position 0 to the limit: a view of the model's own memory, so that they are not copied only
     *     to be looked at. It may be read until the next call of the model
     */
    public fun score(profile: FloatArray): FloatBuffer
}
