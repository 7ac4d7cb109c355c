package com.seefud.recommender.core

/**
 * Eight bytes of ASCII text in a long, looked at together. Marks are the top bits of the bytes that are meant; in ASCII
 * no byte has that bit itself, and sums of a byte and a constant below 128 stay in their byte.
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

    /** Marks the bytes that are at least [least], in a word of ASCII. */
    fun atLeast(word: Long, least: Int): Long = word + (0x80 - least) * ONES and TOPS

    /** The word in lower case. */
    fun lower(word: Long): Long {
        val capitals = atLeast(word, 'A'.code) and atLeast(word, 'Z'.code + 1).inv()
        return word or (capitals ushr 2)
    }

    /** A mask of the first [count] bytes, at most eight. */
    fun first(count: Int): Long = if (count >= Long.SIZE_BYTES) -1L else (1L shl count * Byte.SIZE_BITS) - 1
}
