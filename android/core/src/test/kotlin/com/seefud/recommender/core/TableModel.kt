package com.seefud.recommender.core

import java.nio.FloatBuffer
import kotlin.math.sqrt

/**
 * The four signatures as plain loops in double precision, over tables of numbers: what a model means, without a runtime.
 *
 * @param products [N, D + 1], the prior divided by [gain] last
 * @param tokens [max(V, 1), D]
 */
class TableModel(
    private val products: Array<FloatArray>,
    private val tokens: Array<FloatArray>,
    private val gain: Float,
) : Model {
    private val dimension = products[0].size - 1

    /** Calls of each signature, to see what was asked of the model. */
    val calls = HashMap<String, Int>()

    override fun recommend(history: IntArray, weights: FloatArray, items: IntArray, scores: FloatArray) {
        count("recommend")
        val sum = FloatArray(dimension)
        for ((slot, row) in history.withIndex()) {
            if (row >= 0) for (at in 0 until dimension) sum[at] += weights[slot] * products[row][at]
        }
        val all = scored(sum)
        for (row in history) if (row >= 0) all[row] -= 10_000f
        val best = all.indices.sortedByDescending { all[it] }
        for (place in items.indices) {
            items[place] = best[place]
            scores[place] = all[best[place]]
        }
    }

    override fun embedProducts(products: IntArray, vectors: FloatArray) {
        count("embed_products")
        for ((slot, row) in products.withIndex()) {
            for (at in 0 until dimension) {
                vectors[slot * dimension + at] = if (row < 0) 0f else this.products[row][at]
            }
        }
    }

    override fun embedText(tokens: IntArray, vector: FloatArray) {
        count("embed_text")
        val sum = DoubleArray(dimension)
        for (token in tokens) if (token >= 0) for (at in sum.indices) sum[at] += this.tokens[token][at].toDouble()
        val scale = 1 / sqrt(sum.sumOf { it * it } + 1e-12)
        for (at in sum.indices) vector[at] = (sum[at] * scale).toFloat()
    }

    override fun score(profile: FloatArray): FloatBuffer {
        count("score")
        return FloatBuffer.wrap(scored(profile)).asReadOnlyBuffer()
    }

    private fun scored(profile: FloatArray): FloatArray {
        val scale = 1 / sqrt(profile.sumOf { it.toDouble() * it } + 1e-12)
        return FloatArray(products.size) { row ->
            var score = gain.toDouble() * products[row][dimension]
            for (at in profile.indices) score += profile[at] * scale * products[row][at]
            score.toFloat()
        }
    }

    private fun count(signature: String) {
        calls[signature] = (calls[signature] ?: 0) + 1
    }

    companion object {
        /** The model of a bundle whose tables are not quantized. */
        fun of(bundle: Bundle): TableModel =
            TableModel(numbers(bundle.productTable), numbers(bundle.tokenTable), bundle.document.prior.gain)

        private fun numbers(table: StoredTable) =
            Array(table.rows) { row -> FloatArray(table.columns) { table.value(row, it) } }
    }
}
