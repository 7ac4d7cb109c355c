package com.seefud.recommender.core

import com.seefud.recommender.InvalidRequestException
import com.seefud.recommender.Profile
import com.seefud.recommender.ProfileItem
import com.seefud.recommender.ReasonKind
import kotlin.math.sqrt

/**
 * One item of a profile.
 *
 * @property text as the profile gave it
 * @property weight faded, if the model fades
 */
internal class Source(val kind: ReasonKind, val text: String, val weight: Float, val entry: TextEntry)

/**
 * A profile in the terms of the model.
 *
 * @property sources items of which something is known: products first, then searches
 * @property weighted a vector of D numbers for each source, times its weight
 * @property sum of them, of any length
 * @property scale `1 / sqrt(|sum|^2 + 1e-12)`: times [sum], the unit vector that is ranked by
 * @property ignored texts of which nothing is known
 * @property shortened texts with more known words than the model takes
 */
internal class ProfileVector(
    val sources: List<Source>,
    val weighted: FloatArray,
    val sum: FloatArray,
    val scale: Double,
    val ignored: List<String>,
    val shortened: List<String>,
) {
    /** Whether it says nothing, so that popularity alone ranks. */
    val isZero: Boolean get() = sum.all { it == 0f }
}

/** Sums profiles up. */
internal class ProfileSum(
    private val document: BundleDocument,
    private val entries: TextEntries,
    private val calls: ModelCalls,
) {
    private val dimension = document.dimension

    /**
     * @throws InvalidRequestException the weights are so large that the sum's length is no float
     */
    fun of(profile: Profile): ProfileVector {
        val all = sources(profile)
        val (known, unknown) = all.partition { it.entry.isKnown }
        val weighted = weighted(known)
        val sum = FloatArray(dimension)
        for (at in weighted.indices) sum[at % dimension] += weighted[at]
        val shortened = known.filter { it.entry.isShortened }.map { it.text }.distinct()
        return ProfileVector(known, weighted, sum, scale(sum), unknown.map { it.text }.distinct(), shortened)
    }

    /** Products first, then searches, as in Python, so that both add floats in one order. */
    private fun sources(profile: Profile): List<Source> {
        val fading = Fading(if (document.recency == Recency.NONE) emptyList() else profile.items)
        val liked = profile.items.filterIsInstance<ProfileItem.Liked>().map {
            Source(ReasonKind.LIKED, it.product.title, fading.weight(it), entries.of(it.product))
        }
        val searched = profile.items.filterIsInstance<ProfileItem.Searched>().map {
            Source(ReasonKind.SEARCHED, it.text, fading.weight(it), entries.ofSearch(it.text))
        }
        return liked + searched
    }

    private fun weighted(sources: List<Source>): FloatArray {
        val vectors = FloatArray(sources.size * dimension)
        calls.embedProducts(IntArray(sources.size) { sources[it].entry.row }, vectors)
        for ((place, source) in sources.withIndex()) {
            val start = place * dimension
            if (source.entry.row < 0) source.entry.vector.copyInto(vectors, start)
            for (at in start until start + dimension) vectors[at] *= source.weight
        }
        return vectors
    }

    private fun scale(sum: FloatArray): Double {
        val squared = dot(sum, 0, sum, 0, dimension)
        if (squared <= Float.MAX_VALUE) return 1 / sqrt(squared + EPSILON)
        throw InvalidRequestException(
            "weights of the profile",
            "a sum whose square is at most ${Float.MAX_VALUE}",
            squared.toString(),
            "divide all weights by one number: only their proportions count",
        )
    }

    private companion object {
        /** Of the graph: keeps a zero profile at zero. */
        const val EPSILON = 1e-12
    }
}
