package com.seefud.recommender.core

import kotlin.math.exp
import kotlin.math.ln1p

/** How the weight of an interaction fades with its age. */
public enum class Recency {
    /** It does not. */
    NONE,

    /** `1 / sqrt(1 + days)`, counted to the person's newest interaction. */
    INVERSE_SQRT_AGE_DAYS,
}

/**
 * What is added to the cosine of profile and product.
 *
 * @property beta weight of popularity; for information, the prior itself is in the product table
 * @property gain constant of the graph that multiplies the table's last column
 * @property cold prior of a product that the model never saw, without a known word
 * @property words added to it times `log(1 + n)` for n known words
 */
public class Prior internal constructor(
    public val beta: Float,
    public val gain: Float,
    public val cold: Float,
    public val words: Double,
) {
    /** The prior of a product that the model never saw, with so many known tokens. */
    internal fun ofNew(tokens: Int): Double = cold + words * ln1p(tokens.toDouble())
}

/**
 * How products that the model never saw find their places in a list with others: the r-th best of them, r counted from
 * 0, takes the place of a score that is `lift - r * crowding` higher. Scores stay what they are.
 *
 * @property lift what the best new product gets
 * @property crowding how much less each further one gets, at least 0
 */
public class Mixing internal constructor(
    public val lift: Double,
    public val crowding: Double,
) {
    /** Where the [rank]-th best new product of this score belongs. */
    internal fun place(score: Float, rank: Int): Double = score + (lift - crowding * rank)

    internal companion object {
        /** Lists sorted by their scores. */
        val NONE: Mixing = Mixing(0.0, 0.0)
    }
}

/**
 * Platt's calibration of scores (Platt 1999), with a ceiling.
 *
 * @property slope of the score
 * @property intercept added to it
 * @property ceiling the largest probability, above 0 and up to 1
 */
public class Calibration internal constructor(
    public val slope: Double,
    public val intercept: Double,
    public val ceiling: Double,
) {
    /** `ceiling / (1 + exp(-(slope * score + intercept)))`; rises with the score if the slope is positive. */
    public fun probability(score: Float): Float = (ceiling / (1 + exp(-(slope * score + intercept)))).toFloat()
}

/**
 * The checked content of `bundle.json`. Maps and lists in it cannot be changed.
 *
 * @property schema version of the format, 1
 * @property kind what rows were made of: `hybrid`, `collaborative` or `content`. Changes nothing for a reader
 * @property dimension D, the length of a vector
 * @property products N, rows of the product table
 * @property tokens V, lines of `tokens.txt`; may be 0
 * @property historyLength H, slots of a history in one call
 * @property textLength T, slots of a text in one call
 * @property topK K, the length of the list that the signature `recommend` gives
 * @property prior see there
 * @property mixing see there
 * @property calibration of scores to probabilities
 * @property bigrams whether pairs of neighbouring words of a title are tokens too
 * @property recency how the history's weights fade
 * @property interactionWeights type of an interaction, what it was worth in training; use the same for a profile
 * @property metrics what was measured: `holdout` and `popularity`, a metric's name, then `value`, `low` and `high`
 * @property data about the training data
 * @property recipe how the tables are stored: `dynamic_wi8`, `float16` or `float32`
 * @property minimumRuntime the oldest TFLite release that has every operator
 * @property modelId 12 hexadecimal digits
 */
public class BundleDocument internal constructor(
    public val schema: Int,
    public val kind: String,
    public val dimension: Int,
    public val products: Int,
    public val tokens: Int,
    public val historyLength: Int,
    public val textLength: Int,
    public val topK: Int,
    public val prior: Prior,
    public val mixing: Mixing,
    public val calibration: Calibration,
    public val bigrams: Boolean,
    public val recency: Recency,
    public val interactionWeights: Map<String, Float>,
    public val metrics: Map<String, Any?>,
    public val data: Map<String, Any?>,
    public val recipe: String,
    public val minimumRuntime: String,
    public val modelId: String,
    internal val digests: Map<String, String>,
    internal val probes: List<Probe>,
)
