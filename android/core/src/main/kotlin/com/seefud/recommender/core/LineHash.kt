package com.seefud.recommender.core

import java.nio.ByteBuffer
import java.nio.ByteOrder
import kotlin.random.Random

/**
 * The form in which the lines of a vocabulary are looked up, and a hash of its UTF-8. A line that is plain, as most are,
 * is hashed from its bytes, eight at a time and without a string.
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
        val bytes = form.toByteArray()
        val words = ByteBuffer.wrap(bytes.copyOf(bytes.size + Long.SIZE_BYTES)).order(ByteOrder.LITTLE_ENDIAN)
        var hash = bytes.size.toLong()
        for (at in bytes.indices step Long.SIZE_BYTES) hash = step(hash, words.getLong(at))
        return folded(hash)
    }

    /**
     * The hash of the form of a line of UTF-8.
     *
     * @param bytes holds the line from [from] to before [to]
     * @param words the same bytes, little-endian, readable for eight bytes from any byte of the line
     */
    fun of(bytes: ByteArray, words: ByteBuffer, from: Int, to: Int): Int {
        if (from == to || !endsPlain(bytes[to - 1])) return ofDecoded(bytes, from, to)
        var hash = (to - from).toLong()
        var before = 0L
        var isAscii = true
        var at = from
        while (at < to) {
            val mask = AsciiWord.first(to - at)
            val word = words.getLong(at) and mask
            if (!isPlain(word, before, mask)) return ofDecoded(bytes, from, to)
            if (isAscii && !AsciiWord.isAscii(word)) {
                if (!arePlain(bytes, at, to)) return ofDecoded(bytes, from, to)
                isAscii = false
            }
            hash = step(hash, plainForm(word))
            before = word
            at += Long.SIZE_BYTES
        }
        return folded(hash)
    }

    /**
     * Whether [plainForm] gives this word the form that it has in its line, as far as its ASCII is asked.
     *
     * @param before the word before it, 0 at the start of the line
     * @param mask of the bytes that belong to the line
     */
    protected abstract fun isPlain(word: Long, before: Long, mask: Long): Boolean

    /** Whether all letters beyond ASCII are their own form, in UTF-8 that begins at [from]. */
    protected abstract fun arePlain(bytes: ByteArray, from: Int, to: Int): Boolean

    /** Whether a line may end with this byte and still be plain. */
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

        override fun arePlain(bytes: ByteArray, from: Int, to: Int): Boolean = true

        override fun endsPlain(byte: Byte): Boolean = true

        override fun plainForm(word: Long): Long = word
    }

    /**
     * Lines in the form in which titles meet: see [canonicalTitle]. Plain are ASCII and the small letters of Latin 1,
     * which stay what they are, with single spaces inside.
     */
    class Canonical : LineHash() {
        override fun form(text: String): String = canonicalTitle(text)

        override fun isPlain(word: Long, before: Long, mask: Long): Boolean {
            if ((AsciiWord.below(word, ' '.code) and mask) != 0L) return false
            val spaces = AsciiWord.equal(word, SPACE)
            // The last byte of the word before; a space too at the start of the line, where nothing may be left out.
            val last = if (before == 0L) FIRST else AsciiWord.equal(before, SPACE) ushr LAST
            return spaces and (spaces shl Byte.SIZE_BITS or last) == 0L
        }

        override fun arePlain(bytes: ByteArray, from: Int, to: Int): Boolean {
            var at = from
            while (at < to) {
                if (bytes[at] < 0) {
                    if (bytes[at] != LATIN || at + 1 == to || bytes[at + 1] < FIRST_SMALL) return false
                    at++
                }
                at++
            }
            return true
        }

        override fun endsPlain(byte: Byte): Boolean = byte != SPACE

        override fun plainForm(word: Long): Long = AsciiWord.lower(word)

        private companion object {
            const val SPACE = ' '.code.toByte()

            /** The first byte of U+00C0 to U+00FF in UTF-8. */
            const val LATIN = 0xc3.toByte()

            /** The second byte of U+00E0; bytes are signed, so that those of the letters up to U+00FF are greater. */
            const val FIRST_SMALL = 0xa0.toByte()

            /** Bits from the last byte of a word to the first. */
            const val LAST = Long.SIZE_BITS - Byte.SIZE_BITS

            /** The mark of a word's first byte. */
            const val FIRST = 0x80L
        }
    }
}
