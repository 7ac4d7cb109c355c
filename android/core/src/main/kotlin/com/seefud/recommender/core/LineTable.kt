package com.seefud.recommender.core

import com.seefud.recommender.VocabularyException
import com.seefud.recommender.VocabularySizeException

/**
 * The lines of a vocabulary file, left where they are in the file: four bytes of heap a line. Immutable; several
 * threads may read.
 *
 * @property ends place after the last byte of each line, where its line end stands
 */
internal class LineTable private constructor(private val text: FileBytes, private val ends: IntArray) {
    /** How many lines there are. */
    val size: Int get() = ends.size

    /**
     * Line [number], from 0, without its end.
     *
     * @throws IndexOutOfBoundsException there is no such line
     */
    fun line(number: Int): String = String(bytes(number), Charsets.UTF_8)

    /** The UTF-8 of line [number]. */
    fun bytes(number: Int): ByteArray {
        val start = if (number == 0) 0 else ends[number - 1] + 1
        return text.copy(start, ends[number] - start)
    }

    /** All lines in order: [action] gets the bytes from `from` to before `to` of an array that is used again. */
    inline fun forEach(action: (number: Int, bytes: ByteArray, from: Int, to: Int) -> Unit) {
        text.forEachLine(action)
    }

    internal companion object {
        /**
         * Finds the lines of [text] and checks their number and that they are UTF-8.
         *
         * @param count how many there must be
         * @param where named in errors
         * @throws VocabularySizeException there are more or fewer, or the last one has no end
         * @throws VocabularyException one is not UTF-8
         */
        fun read(text: FileBytes, count: Int, where: String): LineTable {
            checkCount(text, count, where)
            val ends = IntArray(count)
            var start = 0
            text.forEachLine { number, bytes, from, to ->
                val wrong = Utf8.firstMistake(bytes, from, to)
                if (wrong >= 0) {
                    val found = "byte 0x${(bytes[wrong].toInt() and 0xff).toString(16)} at ${start + wrong - from}"
                    throw VocabularyException(where, "UTF-8", found, REBUILD)
                }
                ends[number] = start + to - from
                start = ends[number] + 1
            }
            return LineTable(text, ends)
        }

        private fun checkCount(text: FileBytes, count: Int, where: String) {
            var found = 0
            var last = LINE_END
            text.forEachPiece { piece, length ->
                found += countLineEnds(piece, length)
                last = piece[length - 1]
            }
            if (found == count && last == LINE_END) return
            val unfinished = if (last == LINE_END) "" else " and a last line without its end"
            throw VocabularySizeException(where, "$count lines, one per row of the model", "$found$unfinished", REBUILD)
        }
    }
}

private const val LINE_END = '\n'.code.toByte()

private fun countLineEnds(bytes: ByteArray, length: Int): Int {
    var count = 0
    for (at in 0 until length) if (bytes[at] == LINE_END) count++
    return count
}

/** Place of the next line end from [from], or [to] if there is none. */
private fun nextLineEnd(bytes: ByteArray, from: Int, to: Int): Int {
    var at = from
    while (at < to && bytes[at] != LINE_END) at++
    return at
}

/** Lines that have an end, in windows of many lines: copying each on its own would cost more than reading it. */
private inline fun FileBytes.forEachLine(action: (number: Int, bytes: ByteArray, from: Int, to: Int) -> Unit) {
    var window = ByteArray(0)
    var number = 0
    var start = 0
    var size = FileBytes.PIECE
    while (start < length) {
        val count = minOf(size, length - start)
        if (window.size < count) window = ByteArray(count)
        copyInto(window, start, count)
        var from = 0
        var end = nextLineEnd(window, 0, count)
        while (end < count) {
            action(number, window, from, end)
            number++
            from = end + 1
            end = nextLineEnd(window, from, count)
        }
        // A line longer than the window needs a larger one; what follows the last line end is read again.
        size = if (from == 0) size * 2 else FileBytes.PIECE
        if (from == 0 && count == length - start) return
        start += from
    }
}
