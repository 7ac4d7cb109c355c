package com.seefud.recommender.core

import com.seefud.recommender.VocabularyException
import com.seefud.recommender.VocabularySizeException
import java.nio.ByteBuffer
import java.nio.ByteOrder

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
        val start = startOf(number)
        return text.copy(start, ends[number] - start)
    }

    /**
     * All lines in order: [action] gets the bytes from `from` to before `to` of an array that is used again, and the
     * same array as `words`, in little-endian order, of which eight bytes can be read from any byte of a line.
     */
    inline fun forEach(action: (number: Int, bytes: ByteArray, words: ByteBuffer, from: Int, to: Int) -> Unit) {
        var bytes = ByteArray(0)
        var words = ByteBuffer.wrap(bytes)
        var first = 0
        while (first < size) {
            val start = startOf(first)
            // Many lines at once: copying each on its own would cost more than reading it.
            var after = first + 1
            while (after < size && ends[after] - start <= FileBytes.PIECE) after++
            val length = ends[after - 1] - start
            if (bytes.size < length + Long.SIZE_BYTES) {
                bytes = ByteArray(maxOf(length, minOf(FileBytes.PIECE, text.length)) + Long.SIZE_BYTES)
                words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)
            }
            text.copyInto(bytes, start, length)
            for (number in first until after) {
                action(number, bytes, words, startOf(number) - start, ends[number] - start)
            }
            first = after
        }
    }

    private fun startOf(number: Int): Int = if (number == 0) 0 else ends[number - 1] + 1

    internal companion object {
        private const val LINE_END = '\n'.code.toByte()

        /**
         * Finds the lines of [text] and checks their number and that they are UTF-8.
         *
         * @param count how many there must be
         * @param where named in errors
         * @throws VocabularySizeException there are more or fewer, or the last one has no end
         * @throws VocabularyException one is not UTF-8
         */
        fun read(text: FileBytes, count: Int, where: String): LineTable {
            var found = 0
            text.forEachLineEnd { found++ }
            val finished = text.length == 0 || text.copy(text.length - 1)[0] == LINE_END
            if (found != count || !finished) {
                val unfinished = if (finished) "" else " and a last line without its end"
                val lines = "$count lines, one per row of the model"
                throw VocabularySizeException(where, lines, "$found$unfinished", REBUILD)
            }
            // Only now: a count that is not true must not cost memory.
            val ends = IntArray(count)
            var line = 0
            text.forEachLineEnd { ends[line++] = it }
            return LineTable(text, ends).also { it.checkUtf8(where) }
        }

        /** The places of all line ends in order, found in eight bytes at a time. */
        private inline fun FileBytes.forEachLineEnd(action: (place: Int) -> Unit) {
            var start = 0
            forEachPiece { piece, length ->
                val words = ByteBuffer.wrap(piece).order(ByteOrder.LITTLE_ENDIAN)
                var at = 0
                while (at <= length - Long.SIZE_BYTES) {
                    var marks = AsciiWord.equal(words.getLong(at), LINE_END)
                    while (marks != 0L) {
                        action(start + at + java.lang.Long.numberOfTrailingZeros(marks) / Byte.SIZE_BITS)
                        marks = marks and marks - 1
                    }
                    at += Long.SIZE_BYTES
                }
                for (rest in at until length) if (piece[rest] == LINE_END) action(start + rest)
                start += length
            }
        }
    }

    private fun checkUtf8(where: String) = forEach { number, bytes, words, from, to ->
        val wrong = if (AsciiWord.isAscii(words, from, to)) -1 else Utf8.firstMistake(bytes, from, to)
        if (wrong >= 0) {
            val byte = (bytes[wrong].toInt() and 0xff).toString(16)
            throw VocabularyException(where, "UTF-8", "byte 0x$byte at ${startOf(number) + wrong - from}", REBUILD)
        }
    }
}
