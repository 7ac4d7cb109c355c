package com.seefud.recommender.core

import java.nio.ByteBuffer
import kotlin.random.Random

/**
 * The form in which the lines of a vocabulary are looked up, and a hash of it. ASCII lines, which are most, are hashed
 * from their bytes, eight at a time and without a string.
 *
 * Each word of eight is multiplied half by half, with a secret added to each half: words that differ meet by chance
 * only (after NH of UMAC: Black and others, CRYPTO 1999).
 */
internal sealed class LineHash {
    // Not the same in every process, so that no file can be made whose lines all meet in one place.
    private val lowSecret = Random.nextInt()
    private val highSecret = Random.nextInt()
    private val factor = Random.nextLong() or 1

    /** The form of a text. */
    abstract fun form(text: String): String

    /** The hash of a text that has the [form] already. */
    fun ofForm(form: String): Int {
        var all = 0
        for (char in form) all = all or char.code
        val bits = if (all < 0x80) Byte.SIZE_BITS else Char.SIZE_BITS
        var hash = form.length.toLong()
        var word = 0L
        var shift = 0
        for (char in form) {
            word = word or (char.code.toLong() shl shift)
            shift += bits
            if (shift == Long.SIZE_BITS) {
                hash = step(hash, word)
                word = 0
                shift = 0
            }
        }
        return folded(if (shift == 0) hash else step(hash, word))
    }

    /**
     * The hash of the form of a line of UTF-8.
     *
     * @param bytes holds the line from [from] to before [to]
     * @param words the same bytes, little-endian, readable for eight bytes from any byte of the line
     */
    fun of(bytes: ByteArray, words: ByteBuffer, from: Int, to: Int): Int {
        var hash = (to - from).toLong()
        var before = 0L
        var at = from
        while (at < to) {
            val mask = AsciiWord.first(to - at)
            val word = words.getLong(at) and mask
            if (!AsciiWord.isAscii(word) || !isPlain(word, before, mask)) return ofDecoded(bytes, from, to)
            hash = step(hash, plainForm(word))
            before = word
            at += Long.SIZE_BYTES
        }
        return if (from < to && endsPlain(bytes[to - 1])) folded(hash) else ofDecoded(bytes, from, to)
    }

    /**
     * Whether [plainForm] gives this word of ASCII the form that it has in its line.
     *
     * @param before the word before it, 0 at the start of the line
     * @param mask of the bytes that belong to the line
     */
    protected abstract fun isPlain(word: Long, before: Long, mask: Long): Boolean

    /** Whether a line may end with this byte of ASCII and still be plain. */
    protected abstract fun endsPlain(byte: Byte): Boolean

    /** The form of a plain word. */
    protected abstract fun plainForm(word: Long): Long

    private fun ofDecoded(bytes: ByteArray, from: Int, to: Int): Int =
        ofForm(form(String(bytes, from, to - from, Charsets.UTF_8)))

    private fun step(hash: Long, word: Long): Long {
        val low = (word.toInt() + lowSecret).toLong() and HALF
        val high = ((word ushr Int.SIZE_BITS).toInt() + highSecret).toLong() and HALF
        return (hash + low * high) * factor
    }

    private fun folded(hash: Long): Int = (hash ushr Int.SIZE_BITS).toInt()

    private companion object {
        const val HALF = 0xffffffffL
    }

    /** Lines as they stand: tokens. */
    class Exact : LineHash() {
        override fun form(text: String): String = text

        override fun isPlain(word: Long, before: Long, mask: Long): Boolean = true

        override fun endsPlain(byte: Byte): Boolean = true

        override fun plainForm(word: Long): Long = word
    }

    /** Lines in the form in which titles meet: see [canonicalTitle]. Plain are letters with single spaces inside. */
    class Canonical : LineHash() {
        override fun form(text: String): String = canonicalTitle(text)

        override fun isPlain(word: Long, before: Long, mask: Long): Boolean {
            if ((AsciiWord.atLeast(word, ' '.code).inv() and AsciiWord.TOPS and mask) != 0L) return false
            val spaces = AsciiWord.equal(word, SPACE)
            // The last byte of the word before; a space too at the start of the line, where nothing may be left out.
            val last = if (before == 0L) FIRST else AsciiWord.equal(before, SPACE) ushr LAST
            return spaces and (spaces shl Byte.SIZE_BITS or last) == 0L
        }

        override fun endsPlain(byte: Byte): Boolean = byte != SPACE

        override fun plainForm(word: Long): Long = AsciiWord.lower(word)

        private companion object {
            const val SPACE = ' '.code.toByte()

            /** Bits from the last byte of a word to the first. */
            const val LAST = Long.SIZE_BITS - Byte.SIZE_BITS

            /** The mark of a word's first byte. */
            const val FIRST = 0x80L
        }
    }
}
