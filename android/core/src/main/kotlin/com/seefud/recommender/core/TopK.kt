package com.seefud.recommender.core

/** Decides whether a row may enter a list. Asked only for rows whose score is good enough. */
internal fun interface RowTest {
    fun accepts(row: Int): Boolean
}

/**
 * The k best rows of an array of scores: best first, equal scores in the order of the rows. Minus infinity and NaN are
 * never returned.
 *
 * A heap with the worst row of the list on top (Knuth, The Art of Computer Programming 5.2.3). Nearly no row is good
 * enough for it, so the maximum of several scores is compared with that worst one first: maxima of arrays are what
 * processors, and compilers for them, take many at once. Reused from call to call: nothing is allocated unless k grows.
 */
internal class TopK {
    private var rows = IntArray(0)
    private var scores = FloatArray(0)
    private val block = FloatArray(BLOCK)
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
        if (size > 0 && size == limit) {
            // While the list is young many scores are good enough; after one block few are.
            val young = minOf(count, row + BLOCK)
            scan(all, row, young, test)
            row = young
            while (row <= count - BLOCK) {
                pass(all, row, test)
                row += BLOCK
            }
            scan(all, row, count, test)
        }
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

    /**
     * The full list against a block of rows. Halved again and again, the block ends as maxima of columns: the rows that
     * lie [COLUMNS] apart. NaN is no maximum that is known to be too small, so it hides no score of its column.
     */
    private fun pass(all: FloatArray, from: Int, test: RowTest) {
        all.copyInto(block, 0, from, from + BLOCK)
        halve(block, 16 * COLUMNS)
        halve(block, 8 * COLUMNS)
        halve(block, 4 * COLUMNS)
        halve(block, 2 * COLUMNS)
        halve(block, COLUMNS)
        // Rows of before the block win ties, so a score must be larger than the worst of theirs.
        val floor = scores[0]
        for (column in 0 until COLUMNS) {
            if (block[column] <= floor) continue
            for (row in from + column until from + BLOCK step COLUMNS) {
                if (all[row] > floor) consider(row, all[row], test)
            }
        }
    }

    /** The full list against some rows in their order: nearly always none of four is good enough. */
    private fun scan(all: FloatArray, from: Int, to: Int, test: RowTest) {
        var row = from
        var worst = scores[0]
        while (row <= to - STEP) {
            if (all[row] > worst || all[row + 1] > worst || all[row + 2] > worst || all[row + 3] > worst) {
                for (each in row until row + STEP) consider(each, all[each], test)
                worst = scores[0]
            }
            row += STEP
        }
        while (row < to) {
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

    /** Takes a row that is good enough, whatever the order of the rows. */
    private fun consider(row: Int, score: Float, test: RowTest) {
        if (size == limit) {
            if (limit > 0 && isBetter(row, score) && test.accepts(row)) sink(row, score, size)
        } else if (score > Float.NEGATIVE_INFINITY && test.accepts(row)) {
            rise(row, score)
        }
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

    private fun isBetter(row: Int, score: Float): Boolean =
        score > scores[0] || (score == scores[0] && row < rows[0])

    private fun isWorse(row: Int, score: Float, than: Int): Boolean =
        score < scores[than] || (score == scores[than] && row > rows[than])

    private fun move(from: Int, to: Int) = put(to, rows[from], scores[from])

    private fun put(place: Int, row: Int, score: Float) {
        rows[place] = row
        scores[place] = score
    }

    private companion object {
        const val COLUMNS = 128
        const val BLOCK = 32 * COLUMNS
        const val STEP = 4

        /** Inline, because compilers see by a constant [half] that the halves are apart, and take many at once. */
        @Suppress("NOTHING_TO_INLINE")
        inline fun halve(block: FloatArray, half: Int) {
            for (at in 0 until half) block[at] = maxOf(block[at], block[at + half])
        }
    }
}
