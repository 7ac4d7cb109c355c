package com.seefud.recommender.core

import kotlin.random.Random

/**
 * The form in which the lines of a vocabulary are looked up, and a hash of it. ASCII lines, which are most, are hashed
 * from their bytes, without a string.
 */
internal sealed class LineHash {
    // Not the same in every process, so that no file can be made whose lines all meet in one place.
    private val seed = Random.nextInt()
    private val factor = Random.nextInt() or 1

    /** The form of a text. */
    abstract fun form(text: String): String

    /** The hash of a text that has the [form] already. */
    fun ofForm(form: String): Int {
        var hash = seed
        for (char in form) hash = step(hash, char.code)
        return hash
    }

    /** The hash of the form of the UTF-8 from [from] to before [to]. */
    abstract fun of(bytes: ByteArray, from: Int, to: Int): Int

    protected fun ofDecoded(bytes: ByteArray, from: Int, to: Int): Int =
        ofForm(form(String(bytes, from, to - from, Charsets.UTF_8)))

    protected fun start(): Int = seed

    protected fun step(hash: Int, unit: Int): Int = (Integer.rotateLeft(hash, 5) xor unit) * factor

    /** Lines as they stand: tokens. */
    class Exact : LineHash() {
        override fun form(text: String): String = text

        override fun of(bytes: ByteArray, from: Int, to: Int): Int {
            var hash = start()
            for (at in from until to) {
                if (bytes[at] < 0) return ofDecoded(bytes, from, to)
                hash = step(hash, bytes[at].toInt())
            }
            return hash
        }
    }

    /** Lines in the form in which titles meet: see [canonicalTitle]. */
    class Canonical : LineHash() {
        override fun form(text: String): String = canonicalTitle(text)

        override fun of(bytes: ByteArray, from: Int, to: Int): Int {
            var hash = start()
            var empty = true
            var apart = false
            for (at in from until to) {
                val code = bytes[at].toInt()
                if (code < 0) return ofDecoded(bytes, from, to)
                if (code <= ' '.code && isWhiteSpace(code)) {
                    apart = true
                    continue
                }
                if (apart && !empty) hash = step(hash, ' '.code)
                empty = false
                apart = false
                hash = step(hash, if (code in 'A'.code..'Z'.code) code + ('a' - 'A') else code)
            }
            return hash
        }
    }
}
