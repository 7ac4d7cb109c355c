package com.seefud.recommender.core

/** Decides whether a row may enter a list. Asked only for rows whose score is good enough. */
internal fun interface RowTest {
    fun accepts(row: Int): Boolean
}

/**
 * The k best rows of an array of scores: best first, equal scores in the order of the rows. Minus infinity and NaN are
 * never returned.
 *
 * A heap with the worst row of the list on top (Knuth, The Art of Computer Programming 5.2.3), so that one pass over N
 * scores compares each with one number. Reused from call to call: nothing is allocated unless k grows.
 */
internal class TopK {
    private var rows = IntArray(0)
    private var scores = FloatArray(0)
    private var limit = 0

    /** Length of the list of the last call. */
    var size: Int = 0
        private set

    /** The row at a place of the list, 0 being the best. */
    fun row(place: Int): Int = rows[place]

    /** The score at a place of the list. */
    fun score(place: Int): Float = scores[place]

    /** Ranks the first [count] rows of [all]; see the class. */
    fun rank(all: FloatArray, count: Int, k: Int, test: RowTest) {
        start(minOf(k, count))
        var row = 0
        while (row < count && size < limit) {
            consider(row, all[row], test)
            row++
        }
        if (limit > 0) pass(all, row, count, test)
        sort()
    }

    /**
     * Ranks some rows.
     *
     * @param some ascending, without repetition
     */
    fun rankSome(all: FloatArray, some: IntArray, k: Int, test: RowTest) {
        start(minOf(k, some.size))
        for (row in some) consider(row, all[row], test)
        sort()
    }

    /** The full list against the rest, four scores at a time: nearly always none of them is good enough. */
    private fun pass(all: FloatArray, from: Int, count: Int, test: RowTest) {
        var row = from
        var worst = scores[0]
        while (row < count - 3) {
            if (all[row] > worst || all[row + 1] > worst || all[row + 2] > worst || all[row + 3] > worst) {
                for (each in row..row + 3) consider(each, all[each], test)
                worst = scores[0]
            }
            row += 4
        }
        while (row < count) {
            consider(row, all[row], test)
            row++
        }
    }

    private fun start(capacity: Int) {
        size = 0
        limit = maxOf(capacity, 0)
        if (rows.size < limit) {
            rows = IntArray(limit)
            scores = FloatArray(limit)
        }
    }

    /** Takes a row that is good enough. All before it have lower numbers, so it loses ties. */
    private fun consider(row: Int, score: Float, test: RowTest) {
        val isGood = if (size < limit) score > Float.NEGATIVE_INFINITY else limit > 0 && score > scores[0]
        if (!isGood || !test.accepts(row)) return
        if (size == limit) sink(row, score, size) else rise(row, score)
    }

    /** Adds to a heap that has room. */
    private fun rise(row: Int, score: Float) {
        var place = size++
        while (place > 0) {
            val above = (place - 1) / 2
            if (!isWorse(row, score, above)) break
            move(above, place)
            place = above
        }
        put(place, row, score)
    }

    /** Replaces the worst of the first [count], which is on top. */
    private fun sink(row: Int, score: Float, count: Int) {
        var place = 0
        while (2 * place + 1 < count) {
            var below = 2 * place + 1
            if (below + 1 < count && isWorse(rows[below + 1], scores[below + 1], below)) below++
            if (isWorse(row, score, below)) break
            move(below, place)
            place = below
        }
        put(place, row, score)
    }

    /** Heap sort: the worst of what is left goes to the end. */
    private fun sort() {
        for (end in size - 1 downTo 1) {
            val row = rows[end]
            val score = scores[end]
            move(0, end)
            sink(row, score, end)
        }
    }

    private fun isWorse(row: Int, score: Float, than: Int): Boolean =
        score < scores[than] || (score == scores[than] && row > rows[than])

    private fun move(from: Int, to: Int) = put(to, rows[from], scores[from])

    private fun put(place: Int, row: Int, score: Float) {
        rows[place] = row
        scores[place] = score
    }
}
