package com.seefud.recommender.core

import com.seefud.recommender.Candidate
import com.seefud.recommender.Filter
import com.seefud.recommender.Product
import java.nio.FloatBuffer

/** The best products that a filter accepts; it is asked only about those that are good enough. */
internal class Shortlist(private val view: CatalogueView, private val known: KnownProducts) {
    private val top = TopK()

    /**
     * The model's own products.
     *
     * @param scores of all rows
     * @param out rows left out
     * @param asked products of the question, by row
     */
    fun rows(scores: FloatBuffer, out: Set<Int>, limit: Int, filter: Filter, asked: Map<Int, Product>): List<Offer> {
        val test = if (filter === Unfiltered) {
            RowTest { it !in out }
        } else {
            RowTest { it !in out && filter.accepts(candidate(Offer(it, scores.get(it), asked[it], null))) }
        }
        val only = filter.onlyTitles
        if (only == null) {
            top.rank(scores, limit, test)
        } else {
            val rows = only.values.map { view.row(it) }.filter { it >= 0 }.distinct().sorted()
            top.rankSome(scores, rows.toIntArray(), limit, test)
        }
        return List(top.size) { Offer(top.row(it), top.score(it), asked[top.row(it)], null) }
    }

    /** Products without a row; ties keep their order. */
    fun offers(offers: List<Offer>, limit: Int, filter: Filter): List<Offer> {
        if (offers.isEmpty()) return offers
        val scores = FloatBuffer.wrap(FloatArray(offers.size) { offers[it].score })
        top.rank(scores, limit) { filter.accepts(candidate(offers[it])) }
        return List(top.size) { offers[top.row(it)] }
    }

    /** What a filter sees of a product. */
    fun candidate(offer: Offer): Candidate {
        val row = offer.row
        val entry = offer.entry
        if (row < 0 && entry != null) return Candidate(null, offer.asked?.id, { entry.title }, { entry.ingredients })
        val id = (offer.asked ?: known.ofRow(row))?.id
        return Candidate(row, id, { view.title(row) }, { known.ingredients(row, offer.asked) })
    }
}
