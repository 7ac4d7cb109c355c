package com.seefud.recommender.core

import java.nio.FloatBuffer

/** Calls a model with buffers that are used again: what a call gives is valid until the next one. */
internal class ModelCalls(private val model: Model, document: BundleDocument) {
    private val dimension = document.dimension
    private val slots = IntArray(document.historyLength)
    private val vectors = FloatArray(document.historyLength * dimension)
    private val tokens = IntArray(document.textLength)

    /** Scores of all products, not to be written into. */
    fun score(profile: FloatArray): FloatBuffer = model.score(profile)

    /**
     * Stored vectors of any number of rows, in calls of H.
     *
     * @param rows -1 takes no slot, and leaves its place as it is
     * @param into gets a vector of D numbers at the place of each row
     */
    fun embedProducts(rows: IntArray, into: FloatArray) {
        val places = IntArray(slots.size)
        var next = 0
        while (next < rows.size) {
            var count = 0
            while (next < rows.size && count < slots.size) {
                if (rows[next] >= 0) {
                    slots[count] = rows[next]
                    places[count++] = next
                }
                next++
            }
            if (count == 0) return
            slots.fill(-1, count, slots.size)
            model.embedProducts(slots, vectors)
            for (slot in 0 until count) {
                vectors.copyInto(into, places[slot] * dimension, slot * dimension, (slot + 1) * dimension)
            }
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
