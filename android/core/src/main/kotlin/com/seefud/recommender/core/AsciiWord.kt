package com.seefud.recommender.core

/**
 * Eight bytes of text in a long, looked at together. Marks are the top bits of the bytes that are meant; in ASCII no
 * byte has that bit itself, and sums of a byte and a constant below 128 stay in their byte.
 *
 * The method is that of H. S. Warren, Hacker's Delight, section 6-1.
 */
internal object AsciiWord {
    /** The top bit of every byte. */
    const val TOPS: Long = -0x7f7f7f7f7f7f7f80L
    private const val ONES = 0x0101010101010101L

    /** Whether every byte is below 128. */
    fun isAscii(word: Long): Boolean = word and TOPS == 0L

    /** Marks the bytes that equal [byte], in a word of any bytes. */
    fun equal(word: Long, byte: Byte): Long {
        val apart = word xor byte * ONES
        return ((apart and TOPS.inv()) + TOPS.inv() or apart).inv() and TOPS
    }

    /** Marks the bytes that are ASCII and below [limit], in a word of any bytes. */
    fun below(word: Long, limit: Int): Long = (atLeast(word and TOPS.inv(), limit) or word).inv() and TOPS

    /** The word, of any bytes, with its capitals of ASCII in lower case. */
    fun lower(word: Long): Long {
        val ascii = word and TOPS.inv()
        val capitals = atLeast(ascii, 'A'.code) and (atLeast(ascii, 'Z'.code + 1) or word).inv()
        return word or (capitals ushr 2)
    }

    /** Marks the bytes that are at least [least], in a word of ASCII. */
    private fun atLeast(word: Long, least: Int): Long = word + (0x80 - least) * ONES and TOPS

    /** A mask of the first [count] bytes, at most eight. */
    fun first(count: Int): Long = if (count >= Long.SIZE_BYTES) -1L else (1L shl count * Byte.SIZE_BITS) - 1
}
