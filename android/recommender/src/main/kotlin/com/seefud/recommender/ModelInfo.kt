package com.seefud.recommender

import com.seefud.recommender.core.BundleDocument

/**
 * What a model says of itself.
 *
 * @property modelId tells models apart: 12 hexadecimal digits
 * @property size bytes of the file
 * @property products number of products that it knows
 * @property tokens number of words and word pairs that it knows; 0 if it ignores texts
 * @property dimension length of a vector
 * @property kind what products were learned from: `hybrid`, `collaborative` or `content`
 * @property recipe how numbers are stored: `dynamic_wi8`, `float16` or `float32`
 * @property minimumRuntime the oldest TFLite release that can run it
 * @property hasIngredients whether it carries the ingredients of its products
 * @property interactionWeights type of an interaction, such as `order`, and what it was worth in training: use the same
 *     weights in a [Profile]
 * @property metrics what was measured: `holdout` and `popularity`, each a map of a metric's name to a map of `value`
 *     and mostly `low` and `high` (95 %); empty if nothing was measured
 */
public class ModelInfo internal constructor(
    public val modelId: String,
    public val size: Long,
    public val products: Int,
    public val tokens: Int,
    public val dimension: Int,
    public val kind: String,
    public val recipe: String,
    public val minimumRuntime: String,
    public val hasIngredients: Boolean,
    public val interactionWeights: Map<String, Float>,
    public val metrics: Map<String, Any?>,
) {
    internal constructor(document: BundleDocument, size: Long, hasIngredients: Boolean) : this(
        modelId = document.modelId,
        size = size,
        products = document.products,
        tokens = document.tokens,
        dimension = document.dimension,
        kind = document.kind,
        recipe = document.recipe,
        minimumRuntime = document.minimumRuntime,
        hasIngredients = hasIngredients,
        interactionWeights = document.interactionWeights,
        metrics = document.metrics,
    )

    override fun toString(): String =
        "ModelInfo($modelId: $products products, $tokens tokens, dimension $dimension, $recipe, $size bytes)"
}
