package com.seefud.sample

import com.seefud.recommender.Product
import com.seefud.recommender.ReasonKind
import com.seefud.recommender.Recommendation

/** One row of the list. */
sealed interface ShelfRow {
    /** @property axisEnd where the bars below end, or null where there are none */
    data class Heading(val section: Section, val axisEnd: Float? = null, val count: Int = 0) : ShelfRow

    /** A dish with its probability and reason. */
    data class Ranked(
        val recommendation: Recommendation,
        val liked: Boolean,
        val arrival: Boolean,
        val axisEnd: Float,
    ) : ShelfRow {
        val pick: Pick get() = Pick(recommendation.product, if (arrival) Section.ARRIVALS else Section.FOR_YOU)
    }

    /** A dish with its ingredients only. */
    data class Plain(val pick: Pick, val liked: Boolean) : ShelfRow

    /** What to do where a section is empty. */
    data class Note(val section: Section, val query: String = "") : ShelfRow
}

enum class Section { FOUND, FOR_YOU, POPULAR, ARRIVALS, DISHES }

/** The rows from top to bottom. What was searched for comes first, and then stands in for the whole menu. */
fun rowsOf(state: ShelfState.Ready): List<ShelfRow> {
    val advice = state.advice
    val taste = state.taste
    val end = axisEnd((advice.forYou + advice.arrivals).map { it.probability })
    val rows = ArrayList<ShelfRow>()

    fun ranked(of: List<Recommendation>, arrival: Boolean) =
        of.mapTo(rows) { ShelfRow.Ranked(it, taste.likes(it.title), arrival, end) }

    fun plain(of: List<Product>, section: Section) =
        of.mapTo(rows) { ShelfRow.Plain(Pick(it, section), taste.likes(it.title)) }

    if (advice.found != null) {
        rows.add(ShelfRow.Heading(Section.FOUND))
        if (advice.found.isEmpty()) rows.add(ShelfRow.Note(Section.FOUND, taste.query.trim()))
        plain(advice.found, Section.FOUND)
    }
    // A search of which the model knows no word tells nothing of the person.
    val section = if (taste.liked.isNotEmpty() || advice.forYou.any(::isPersonal)) Section.FOR_YOU else Section.POPULAR
    rows.add(ShelfRow.Heading(section, end.takeIf { advice.forYou.isNotEmpty() }))
    if (advice.forYou.isEmpty()) rows.add(ShelfRow.Note(if (advice.dishes.isEmpty()) Section.POPULAR else section))
    ranked(advice.forYou, arrival = false)
    rows.add(ShelfRow.Heading(Section.ARRIVALS))
    if (advice.arrivals.isEmpty()) rows.add(ShelfRow.Note(Section.ARRIVALS))
    ranked(advice.arrivals, arrival = true)
    if (advice.found == null && advice.dishes.isNotEmpty()) {
        rows.add(ShelfRow.Heading(Section.DISHES, count = advice.dishes.size))
        plain(advice.dishes, Section.DISHES)
    }
    return rows
}

private fun isPersonal(recommendation: Recommendation): Boolean =
    recommendation.reasons.any { it.kind == ReasonKind.LIKED || it.kind == ReasonKind.SEARCHED }
