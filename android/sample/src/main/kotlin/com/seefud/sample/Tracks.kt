package com.seefud.sample

import com.seefud.recommender.Interaction
import com.seefud.recommender.Origin
import com.seefud.recommender.Ranking
import com.seefud.recommender.ShownList

/**
 * What a person leaves in the journal: every list once, every search once, and every touch of a dish with the list that
 * it came from. Not safe for several threads: [ShelfPresenter] calls it for one thing after another.
 */
class Tracks(private val journal: Journal) {
    private val searches = HashSet<String>()
    private var shown: ShownList? = null

    /** Whether this text was searched for, and not only typed on the way to another. */
    fun isSettled(query: String): Boolean = searchKey(query).let { it.isEmpty() || it in searches }

    /** The dishes of this list were shown. The same dishes in the same order are the same list. */
    suspend fun show(ranking: Ranking) {
        val before = shown?.let { titles(it.ranking) }
        if (ranking.isNotEmpty() && titles(ranking) != before) shown = journal.show(ranking)
    }

    /** The search, unless it was kept already since the app began. */
    fun search(query: String, time: Long): List<Interaction> {
        val key = searchKey(query)
        if (key.isEmpty() || !searches.add(key)) return emptyList()
        return listOf(Interaction.search(query.trim(), time = time))
    }

    /** A tap that likes a dish. From a shown list it is a click too: those are counted against what was shown. */
    suspend fun like(pick: Pick, advice: Advice?, time: Long): List<Interaction> {
        val origin = origin(pick, advice)
        val click = if (origin?.list == null) emptyList() else listOf(Interaction.click(pick.product, origin, time))
        return click + Interaction.favorite(pick.product, origin, time)
    }

    suspend fun dismiss(pick: Pick, advice: Advice?, time: Long): List<Interaction> =
        listOf(Interaction.dismiss(pick.product, origin(pick, advice), time))

    suspend fun rate(pick: Pick, stars: Int, advice: Advice?, time: Long): List<Interaction> =
        listOf(Interaction.rating(pick.product, stars, origin(pick, advice), time))

    fun forget() {
        searches.clear()
        shown = null
    }

    /** Null for a dish that was found or stood in the menu: no model put it there. */
    private suspend fun origin(pick: Pick, advice: Advice?): Origin? =
        when (pick.section) {
            Section.FOR_YOU, Section.POPULAR ->
                advice?.forYou?.let { list ->
                    // A list that flew by while somebody typed counts as shown once it is touched.
                    show(list)
                    shown?.let { kept -> place(kept.ranking, pick)?.let { kept.origin(it) } }
                }
            Section.ARRIVALS ->
                advice?.arrivals?.let { list ->
                    place(list, pick)?.let { Origin(list.modelId, it, list[it - 1].score) }
                }
            Section.FOUND, Section.DISHES -> null
        }

    /** From 1. */
    private fun place(ranking: Ranking, pick: Pick): Int? =
        ranking.indexOfFirst { it.title == pick.product.title }.takeIf { it >= 0 }?.plus(1)

    private fun titles(ranking: Ranking) = ranking.map { it.title }
}
