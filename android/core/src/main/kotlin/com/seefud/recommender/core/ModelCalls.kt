package com.seefud.recommender.core

/** Calls a model with buffers that are used again: what a call gives is valid until the next one. */
internal class ModelCalls(private val model: Model, document: BundleDocument) {
    private val dimension = document.dimension
    private val slots = IntArray(document.historyLength)
    private val vectors = FloatArray(document.historyLength * dimension)
    private val tokens = IntArray(document.textLength)
    private val scores = FloatArray(document.products)

    /** Scores of all products; the caller may write into them. */
    fun score(profile: FloatArray): FloatArray {
        model.score(profile, scores)
        return scores
    }

    /**
     * Stored vectors of any number of rows, in calls of H.
     *
     * @param rows -1 gives zeros
     * @param into gets a vector of D numbers for each row, one after the other
     */
    fun embedProducts(rows: IntArray, into: FloatArray) {
        var done = 0
        while (done < rows.size) {
            val count = minOf(slots.size, rows.size - done)
            rows.copyInto(slots, 0, done, done + count)
            slots.fill(-1, count, slots.size)
            model.embedProducts(slots, vectors)
            vectors.copyInto(into, done * dimension, 0, count * dimension)
            done += count
        }
    }

    /** A new unit vector of at most T token ids; zeros if there are none. */
    fun embedText(ids: IntArray): FloatArray {
        val vector = FloatArray(dimension)
        if (ids.isEmpty()) return vector
        ids.copyInto(tokens)
        tokens.fill(-1, ids.size, tokens.size)
        model.embedText(tokens, vector)
        return vector
    }
}
