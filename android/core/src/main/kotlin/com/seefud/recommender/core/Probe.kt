package com.seefud.recommender.core

import com.seefud.recommender.WrongAnswerException
import kotlin.math.abs

/**
 * A question that a file carries together with its answer.
 *
 * @property history rows, at most H
 * @property weights one for each row
 * @property tokens ids of a text, at most T; its vector is added to the history's
 * @property items the best rows without the history's
 * @property scores of these
 */
internal class Probe(
    val history: IntArray,
    val weights: FloatArray,
    val tokens: IntArray,
    val items: IntArray,
    val scores: FloatArray,
)

/** Asks a model the questions that its file carries, on the runtime that will rank with it. */
public object ProbeReplay {
    /** Largest difference of two scores. Runtimes that compute rightly differ by less than 1e-6, wrong ones by far more. */
    public const val TOLERANCE: Float = 1e-4f

    /**
     * Compares the scores place by place, and the scores of the very products that were written: two products may change
     * places within a tie, and nothing else.
     *
     * @param model may be asked from this thread
     * @param document of its file; without probes nothing is asked
     * @param name of the file, for messages
     * @throws WrongAnswerException an answer is another
     */
    public fun check(model: Model, document: BundleDocument, name: String) {
        val calls = ModelCalls(model, document)
        for ((number, probe) in document.probes.withIndex()) {
            val scores = calls.score(profile(calls, document, probe))
            val best = TopK().apply { rank(scores, probe.items.size) { it !in probe.history } }
            for ((place, expected) in probe.scores.withIndex()) {
                val found = if (place < best.size) best.score(place) else Float.NaN
                compare("$name: probe $number", "score $expected at place ${place + 1}", expected, found)
                val row = probe.items[place]
                compare("$name: probe $number", "score $expected of product $row", expected, scores.get(row))
            }
        }
    }

    private fun profile(calls: ModelCalls, document: BundleDocument, probe: Probe): FloatArray {
        val dimension = document.dimension
        val sum = calls.embedText(probe.tokens)
        val vectors = FloatArray(probe.history.size * dimension)
        calls.embedProducts(probe.history, vectors)
        for (at in vectors.indices) sum[at % dimension] += vectors[at] * probe.weights[at / dimension]
        return sum
    }

    private fun compare(where: String, what: String, expected: Float, found: Float) {
        if (abs(found - expected) <= TOLERANCE) return // not so if it is NaN
        val remedy = "do not use the file with this runtime: report its model id and the phone's processor"
        throw WrongAnswerException(where, what, found.toString(), remedy)
    }
}
