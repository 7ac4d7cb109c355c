package com.seefud.recommender.core

import com.seefud.recommender.Product

/**
 * A product on the way into a list.
 *
 * @property row -1 if the model does not know it
 * @property asked what the caller gave, if it was the caller
 * @property entry of the text; null for a row that the caller did not give
 */
internal class Offer(val row: Int, val score: Float, val asked: Product?, val entry: TextEntry?) {
    /** Whether the model has a row for it. */
    val hasRow: Boolean get() = row >= 0
}

/** Best first; a tie goes to the product with a row, then to the lower row, then (the sort is stable) to the first given. */
internal val BEST_FIRST: Comparator<Offer> = Comparator { one, other ->
    when {
        one.score != other.score -> if (one.score > other.score) -1 else 1
        one.hasRow != other.hasRow -> if (one.hasRow) -1 else 1
        else -> one.row.compareTo(other.row)
    }
}

/**
 * Two lists in one, best first: the model's own products and new ones. A cap on the share of new ones belongs here.
 *
 * @param known with rows, best first
 * @param new without, best first
 */
internal fun mixed(known: List<Offer>, new: List<Offer>, limit: Int): List<Offer> {
    val list = ArrayList<Offer>(minOf(limit, known.size + new.size))
    var fromKnown = 0
    var fromNew = 0
    while (list.size < limit && fromKnown + fromNew < known.size + new.size) {
        val takesKnown = when {
            fromNew == new.size -> true
            fromKnown == known.size -> false
            else -> BEST_FIRST.compare(known[fromKnown], new[fromNew]) <= 0
        }
        list.add(if (takesKnown) known[fromKnown++] else new[fromNew++])
    }
    return list
}
