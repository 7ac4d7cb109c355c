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
    inline fun forEach(action: (number: Int, bytes: ByteArray, words: ByteBuffer, from: Int, to: Int) -> Unit) =
        forEachBlock { numbers, start, bytes, words ->
            for (number in numbers) action(number, bytes, words, startOf(number) - start, ends[number] - start)
        }

    /**
     * All lines in order, many at once, as copying each on its own would cost more than reading it: [action] gets their
     * numbers, the place of the first, and their bytes as [forEach] has them.
     */
    private inline fun forEachBlock(
        action: (numbers: IntRange, start: Int, bytes: ByteArray, words: ByteBuffer) -> Unit,
    ) {
        var bytes = ByteArray(0)
        var words = ByteBuffer.wrap(bytes)
        var first = 0
        while (first < size) {
            val start = startOf(first)
            var last = first
            while (last + 1 < size && ends[last + 1] - start <= FileBytes.PIECE) last++
            val length = ends[last] - start
            if (bytes.size < length + Long.SIZE_BYTES) {
                bytes = ByteArray(maxOf(length, minOf(FileBytes.PIECE, text.length)) + Long.SIZE_BYTES)
                words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)
            }
            text.copyInto(bytes, start, length)
            action(first..last, start, bytes, words)
            first = last + 1
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
            val survey = Survey()
            text.forEachWords { words, length, _ -> survey.add(words, length) }
            val finished = text.length == 0 || text.copy(text.length - 1)[0] == LINE_END
            if (survey.lines != count || !finished) {
                val unfinished = if (finished) "" else " and a last line without its end"
                val lines = "$count lines, one per row of the model"
                throw VocabularySizeException(where, lines, "${survey.lines}$unfinished", REBUILD)
            }
            // Only now: a count that is not true must not cost memory.
            val ends = IntArray(count)
            var placed = 0
            text.forEachWords { words, length, start -> placed = placeEnds(words, length, start, ends, placed) }
            // ASCII is UTF-8, so only other texts need a look at every line.
            return LineTable(text, ends).also { if (!survey.isAscii) it.checkUtf8(where) }
        }

        /** The bytes in order, in pieces that can be read in words of eight: after the last byte stand zeros. */
        private inline fun FileBytes.forEachWords(action: (words: ByteBuffer, length: Int, start: Int) -> Unit) {
            var start = 0
            val room = ByteArray(FileBytes.PIECE)
            val words = ByteBuffer.wrap(room).order(ByteOrder.LITTLE_ENDIAN)
            while (start < length) {
                val count = minOf(room.size, length - start)
                copyInto(room, start, count)
                room.fill(0, count, room.size)
                action(words, count, start)
                start += count
            }
        }

        // Loops of their own that count up to a limit, which `step` does not make: a JVM compiles those well.

        /**
         * Writes the places of the line ends among [length] bytes to [ends], from index [placed] on.
         *
         * @param start place of the first byte in the file
         * @return the index after the last one written
         */
        private fun placeEnds(words: ByteBuffer, length: Int, start: Int, ends: IntArray, placed: Int): Int {
            var next = placed
            var at = 0
            while (at < length) {
                var marks = AsciiWord.equal(words.getLong(at), LINE_END)
                // A word has one end or none, mostly, and which of the two is no use to guess: written in any case.
                do {
                    if (next == ends.size) return next
                    ends[next] = start + at + java.lang.Long.numberOfTrailingZeros(marks) / Byte.SIZE_BITS
                    next += if (marks == 0L) 0 else 1
                    marks = marks and marks - 1
                } while (marks != 0L)
                at += Long.SIZE_BYTES
            }
            return next
        }
    }

    /** What the first look at a text finds. */
    private class Survey {
        var lines = 0
            private set
        private var seen = 0L

        val isAscii: Boolean get() = AsciiWord.isAscii(seen)

        fun add(words: ByteBuffer, length: Int) {
            var ends = 0
            var bits = seen
            var at = 0
            while (at < length) {
                val word = words.getLong(at)
                ends += java.lang.Long.bitCount(AsciiWord.equal(word, LINE_END))
                bits = bits or word
                at += Long.SIZE_BYTES
            }
            lines += ends
            seen = bits
        }
    }

    private fun checkUtf8(where: String) = forEachBlock { numbers, start, bytes, words ->
        val wrong = Utf8.firstMistake(bytes, words, ends[numbers.last] - start)
        if (wrong >= 0) {
            val byte = (bytes[wrong].toInt() and 0xff).toString(16)
            throw VocabularyException(where, "UTF-8", "byte 0x$byte at ${start + wrong}", REBUILD)
        }
    }
}
