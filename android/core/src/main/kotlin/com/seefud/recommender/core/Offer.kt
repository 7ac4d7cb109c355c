package com.seefud.recommender.core

import com.seefud.recommender.Product

/**
 * A product on the way into a list.
 *
 * @property row -1 if the model does not know it
 * @property asked what the caller gave, if it was the caller
 * @property entry of the text; null for a row that the caller did not give
 * @property place what decides where in the list it stands: the score, but for new products among others
 */
internal class Offer(
    val row: Int,
    val score: Float,
    val asked: Product?,
    val entry: TextEntry?,
    val place: Double = score.toDouble(),
) {
    /** Whether the model has a row for it. */
    val hasRow: Boolean get() = row >= 0

    /** As the [rank]-th best new product of a list. */
    fun placed(mixing: Mixing, rank: Int): Offer = Offer(row, score, asked, entry, mixing.place(score, rank))
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
 * Two lists in one, best place first: the model's own products and new ones. A tie goes to the product with a row.
 *
 * @param known with rows, best first
 * @param new without, best first
 * @param mixing where new ones belong
 */
internal fun mixed(known: List<Offer>, new: List<Offer>, limit: Int, mixing: Mixing): List<Offer> {
    val list = ArrayList<Offer>(minOf(limit, known.size + new.size))
    var fromKnown = 0
    var fromNew = 0
    while (list.size < limit && fromKnown + fromNew < known.size + new.size) {
        val next = new.getOrNull(fromNew)?.placed(mixing, fromNew)
        if (next == null || fromKnown < known.size && known[fromKnown].place >= next.place) {
            list.add(known[fromKnown++])
        } else {
            list.add(next)
            fromNew++
        }
    }
    return list
}
