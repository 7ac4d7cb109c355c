package com.seefud.recommender.core

import com.seefud.recommender.Product
import java.util.Random
import kotlin.math.sqrt

/**
 * A random model with all its parts open: vectors, priors in few steps (so that ties are common), and a vocabulary of
 * words "w0", "w1", ... of which titles and ingredients are made. Row n has the title "Dish n w..".
 */
class MadeModel(
    seed: Long,
    val rows: Int = 40,
    val dimension: Int = 5,
    words: Int = 12,
    historyLength: Int = 4,
    textLength: Int = 6,
    recency: Recency = Recency.NONE,
    override val hasIngredients: Boolean = true,
    mixing: Mixing = Mixing.NONE,
    wordWeight: Double = 0.0,
) : CatalogueView {
    private val random = Random(seed)
    private val directions = List(rows) { unit() }
    val vectors = List(rows) { if (it % 4 == 3) directions[it - 1] else directions[it] }
    val priors = List(rows) { random.nextInt(3) / 4f }
    val tokenVectors = List(maxOf(words, 1)) { unit() }
    val vocabulary = List(words) { if (it % 4 == 3) "w${it - 1} w${it - 2}" else "w$it" }
    val titles = List(rows) { "Dish $it w${random.nextInt(words + 3)}" }
    private val byTitle = titles.withIndex().associate { (row, title) -> canonicalTitle(title) to row }
    private val contents = List(rows) { List(random.nextInt(4)) { "w${random.nextInt(words + 3)}" }.joinToString(", ") }
    val model = TableModel(
        Array(rows) { vectors[it] + priors[it] / GAIN },
        Array(tokenVectors.size) { tokenVectors[it] },
        GAIN,
    )

    override val document = BundleDocument(
        schema = 1,
        kind = "hybrid",
        dimension = dimension,
        products = rows,
        tokens = words,
        historyLength = historyLength,
        textLength = textLength,
        topK = 5,
        prior = Prior(1f, GAIN, COLD, wordWeight),
        mixing = mixing,
        calibration = Calibration(3.0, -2.0, 0.8),
        bigrams = true,
        recency = recency,
        interactionWeights = emptyMap(),
        metrics = emptyMap(),
        data = emptyMap(),
        recipe = "float32",
        minimumRuntime = "2.3.0",
        modelId = "0123456789ab",
        digests = emptyMap(),
        probes = emptyList(),
    )

    private fun unit(): FloatArray {
        val numbers = FloatArray(dimension) { random.nextGaussian().toFloat() }
        val length = sqrt(numbers.sumOf { it.toDouble() * it }).toFloat()
        return FloatArray(dimension) { numbers[it] / length }
    }

    override fun title(row: Int): String = titles[row]

    override fun ingredients(row: Int): String? = if (hasIngredients) contents[row] else null

    override fun row(title: String): Int = byTitle[canonicalTitle(title)] ?: -1

    override fun token(token: String): Int = vocabulary.indexOf(token)

    /** A product that the model does not know, of words that it may know. */
    fun newProduct(name: String): Product =
        Product("New $name w${random.nextInt(14)} w${random.nextInt(14)}", "w${random.nextInt(14)}", "id $name")

    companion object {
        const val GAIN = 2f
        const val COLD = 0.25f
    }
}
