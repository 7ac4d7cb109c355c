package com.seefud.recommender.core

import java.nio.Buffer
import java.nio.FloatBuffer

/** Decides whether a row may enter a list. Asked only for rows whose score is good enough. */
internal fun interface RowTest {
    fun accepts(row: Int): Boolean
}

/**
 * The k best rows of a buffer of scores: best first, equal scores in the order of the rows. Minus infinity and NaN are
 * never returned.
 *
 * A heap with the worst row of the list on top (Knuth, The Art of Computer Programming 5.2.3). Nearly no row is good
 * enough for it, so the maximum of several scores is compared with that worst one first: maxima of arrays are what
 * processors, and compilers for them, take many at once. Scores lie in memory of the interpreter and come from there
 * in blocks that stay in the processor's nearest cache. Reused from call to call: nothing but a view of the buffer is
 * allocated unless k grows.
 */
internal class TopK {
    private var rows = IntArray(0)
    private var scores = FloatArray(0)
    private val block = FloatArray(BLOCK)
    private val maxima = FloatArray(BLOCK / 2)
    private var limit = 0

    /** Length of the list of the last call. */
    var size: Int = 0
        private set

    /** The row at a place of the list, 0 being the best. */
    fun row(place: Int): Int = rows[place]

    /** The score at a place of the list. */
    fun score(place: Int): Float = scores[place]

    /** Ranks the rows of [all], which are numbered from its start to its limit; see the class. */
    fun rank(all: FloatBuffer, k: Int, test: RowTest) {
        val count = all.limit()
        start(minOf(k, count))
        val rest = all.duplicate()
        // As a Buffer: that this returns a FloatBuffer is newer than Android 7.
        (rest as Buffer).rewind()
        var from = 0
        while (from < count && limit > 0) {
            val length = minOf(BLOCK, count - from)
            rest.get(block, 0, length)
            // While the list is young many scores are good enough; after one block few are.
            val isYoung = from == 0 || size < limit
            if (isYoung || length < BLOCK) scan(from, length, test) else pass(from, test)
            from += length
        }
        sort()
    }

    /**
     * Ranks some rows.
     *
     * @param some ascending, without repetition
     */
    fun rankSome(all: FloatBuffer, some: IntArray, k: Int, test: RowTest) {
        start(minOf(k, some.size))
        for (row in some) consider(row, all.get(row), test)
        sort()
    }

    /**
     * The full list against a whole block of rows, of which the first is [from]. Halved again and again, the block ends
     * as maxima of columns: the rows that lie [COLUMNS] apart. NaN is no maximum that is known to be too small, so it
     * hides no score of its column.
     */
    private fun pass(from: Int, test: RowTest) {
        for (at in 0 until BLOCK / 2) maxima[at] = maxOf(block[at], block[at + BLOCK / 2])
        halve(maxima, 8 * COLUMNS)
        halve(maxima, 4 * COLUMNS)
        halve(maxima, 2 * COLUMNS)
        halve(maxima, COLUMNS)
        // Rows of before the block win ties, so a score must be larger than the worst of theirs.
        val floor = scores[0]
        for (column in 0 until COLUMNS) {
            if (maxima[column] <= floor) continue
            for (at in column until BLOCK step COLUMNS) {
                if (block[at] > floor) consider(from + at, block[at], test)
            }
        }
    }

    /** The first [length] rows of the block in their order: once the list is full, nearly always none of four is good enough. */
    private fun scan(from: Int, length: Int, test: RowTest) {
        var at = 0
        while (at < length && size < limit) {
            consider(from + at, block[at], test)
            at++
        }
        if (size < limit) return
        var worst = scores[0]
        while (at <= length - STEP) {
            if (block[at] > worst || block[at + 1] > worst || block[at + 2] > worst || block[at + 3] > worst) {
                for (each in at until at + STEP) consider(from + each, block[each], test)
                worst = scores[0]
            }
            at += STEP
        }
        while (at < length) {
            consider(from + at, block[at], test)
            at++
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
