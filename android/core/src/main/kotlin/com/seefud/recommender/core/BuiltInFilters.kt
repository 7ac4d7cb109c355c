package com.seefud.recommender.core

import com.seefud.recommender.Candidate
import com.seefud.recommender.Filter
import com.seefud.recommender.InvalidRequestException

/** A filter of which more is known than its answers. */
internal sealed class BuiltInFilter : Filter {
    /** Titles outside of which it accepts nothing, by their canonical form; null if it may accept any. */
    open val titles: Map<String, String>? get() = null

    /** Whether it leaves out every product whose ingredients are unknown. */
    open val needsIngredients: Boolean get() = false
}

/** See [BuiltInFilter.titles]; null for a filter of the app's own. */
internal val Filter.onlyTitles: Map<String, String>? get() = (this as? BuiltInFilter)?.titles

/** See [BuiltInFilter.needsIngredients]; false for a filter of the app's own. */
internal val Filter.asksIngredients: Boolean get() = (this as? BuiltInFilter)?.needsIngredients == true

internal object Unfiltered : BuiltInFilter() {
    override fun accepts(candidate: Candidate): Boolean = true
}

internal class BothFilter(private val one: Filter, private val other: Filter) : BuiltInFilter() {
    override val titles: Map<String, String>?
        get() {
            val first = one.onlyTitles ?: return other.onlyTitles
            val second = other.onlyTitles ?: return first
            return first.filterKeys { it in second }
        }
    override val needsIngredients: Boolean get() = one.asksIngredients || other.asksIngredients

    override fun accepts(candidate: Candidate): Boolean = one.accepts(candidate) && other.accepts(candidate)
}

internal class EitherFilter(private val one: Filter, private val other: Filter) : BuiltInFilter() {
    override val titles: Map<String, String>?
        get() {
            val first = one.onlyTitles ?: return null
            return other.onlyTitles?.let { first + it }
        }
    override val needsIngredients: Boolean get() = one.asksIngredients || other.asksIngredients

    override fun accepts(candidate: Candidate): Boolean = one.accepts(candidate) || other.accepts(candidate)
}

internal class NegatedFilter(private val filter: Filter) : BuiltInFilter() {
    override val needsIngredients: Boolean get() = filter.asksIngredients

    override fun accepts(candidate: Candidate): Boolean = !filter.accepts(candidate)

    override fun not(): Filter = filter
}

internal class ExcludedTitles(titles: Collection<String>) : BuiltInFilter() {
    private val canonical = titles.mapTo(HashSet(), ::canonicalTitle)

    override fun accepts(candidate: Candidate): Boolean = candidate.canonicalTitle !in canonical
}

internal class OnlyTitles(titles: Collection<String>) : BuiltInFilter() {
    override val titles: Map<String, String> = titles.associateBy(::canonicalTitle)

    override fun accepts(candidate: Candidate): Boolean = candidate.canonicalTitle in titles
}

/** Words are compared in their normalised form, in which a phrase is a run of whole words. */
internal class UnwantedIngredients(words: Collection<String>, private val keepUnknown: Boolean) : BuiltInFilter() {
    private val phrases = words.map { framed(it).takeIf { phrase -> phrase.isNotBlank() } ?: throw wordless(it) }

    override val needsIngredients: Boolean get() = !keepUnknown

    override fun accepts(candidate: Candidate): Boolean {
        val ingredients = candidate.ingredients
        if (ingredients == null) return keepUnknown && isFree(candidate.title)
        return isFree(ingredients) && isFree(candidate.title)
    }

    private fun isFree(text: String): Boolean {
        val words = framed(text)
        return phrases.none { it in words }
    }

    private fun framed(text: String): String = " ${normalise(text)} "

    private fun wordless(word: String) = InvalidRequestException(
        "unwanted ingredient \"$word\"",
        "at least one letter or digit",
        "none",
        "leave it out",
    )
}
