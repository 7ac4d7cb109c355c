package com.seefud.recommender.core

import com.seefud.recommender.VocabularyException

/**
 * Finds the row of a text: an open-addressing table of row numbers (linear probing, at most half full), 12 to 20 bytes
 * of heap a line. A hit is compared with the line itself, which is decoded for that. Immutable once built; several
 * threads may read.
 */
internal class LineIndex private constructor(private val lines: LineTable, private val hash: LineHash) {
    private val hashes = IntArray(lines.size)

    /** Row + 1; 0 is a free place. */
    private val places = IntArray(placesFor(lines.size))

    private val shift = Integer.numberOfLeadingZeros(places.size) + 1

    /** The lowest row whose line has the form of [text], or -1. */
    fun find(text: String): Int {
        val form = hash.form(text)
        return findOrPlace(hash.ofForm(form)) { row -> hash.form(lines.line(row)) == form }.coerceAtLeast(-1)
    }

    /** The first row of that hash that [matches], or -2 minus the free place where it would be. */
    private inline fun findOrPlace(hash: Int, matches: (row: Int) -> Boolean): Int {
        // The high bits of a product depend on all bits of its factors.
        var place = (hash * SPREAD) ushr shift
        while (true) {
            val row = places[place] - 1
            if (row < 0) return -2 - place
            if (hashes[row] == hash && matches(row)) return row
            place = (place + 1) and (places.size - 1)
        }
    }

    /** Puts a line where no lower row has its form; the row that has, or -1. */
    private fun putIfAbsent(row: Int, itsHash: Int, bytes: ByteArray, from: Int, to: Int): Int {
        hashes[row] = itsHash
        val found = findOrPlace(itsHash) { other ->
            hash.form(lines.line(other)) == hash.form(String(bytes, from, to - from, Charsets.UTF_8))
        }
        if (found >= 0) return found
        places[-2 - found] = row + 1
        return -1
    }

    internal companion object {
        private const val SPREAD = -0x61c88647
        private const val MOST_PLACES = 1 shl 30

        private fun placesFor(lines: Int): Int {
            var places = 4
            while (places < 2L * lines && places < MOST_PLACES) places *= 2
            return places
        }

        /**
         * An index of lines that all differ as they stand. Where two have one form, as titles may, the lower row, which
         * is the more popular product, is found.
         *
         * @param hash gives the form in which lines are looked up
         * @param where named in errors
         * @throws VocabularyException a line is blank or repeated
         */
        fun of(lines: LineTable, hash: LineHash, where: String): LineIndex {
            val index = LineIndex(lines, hash)
            // Lines that a lower row of the same form hides: they must still differ from one another.
            val hidden = HashMap<String, Int>()
            lines.forEach { number, bytes, words, from, to ->
                if (isBlank(bytes, from, to)) {
                    throw VocabularyException("$where line ${number + 1}", "text", "an empty line", REBUILD)
                }
                val found = index.putIfAbsent(number, hash.of(bytes, words, from, to), bytes, from, to)
                if (found >= 0) {
                    val line = String(bytes, from, to - from, Charsets.UTF_8)
                    val equal = if (lines.line(found) == line) found else hidden.put(line, number)
                    if (equal != null) throw repeated(line, number, equal, where)
                }
            }
            return index
        }

        private fun repeated(line: String, number: Int, equal: Int, where: String) = VocabularyException(
            "$where line ${number + 1}",
            "a line of its own",
            "'$line', which is also line ${equal + 1}",
            REBUILD,
        )

        private fun isBlank(bytes: ByteArray, from: Int, to: Int): Boolean {
            // A plain letter decides it for nearly every line.
            for (at in from until to) if (bytes[at] > ' '.code) return false
            return String(bytes, from, to - from, Charsets.UTF_8).all { isWhiteSpace(it.code) }
        }
    }
}
