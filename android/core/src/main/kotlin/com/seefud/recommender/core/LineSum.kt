package com.seefud.recommender.core

import java.nio.ByteBuffer
import java.security.MessageDigest

/**
 * The sum that ends an exported line: the first 64 bits of the SHA-256 of what stands before it. It tells damage, not
 * forging. python/seefud/store/line_sum.py is its twin.
 */
internal object LineSum {
    private const val BEGIN = ",\"sum\":\""
    private const val END = "\"}"
    private const val DIGITS = 16
    private const val HEXADECIMAL = 16
    private val ENDING = Regex("$BEGIN([0-9a-f]{$DIGITS})${Regex.escape(END)}")

    /** How a line ends, for a message. */
    const val FORM: String = "$BEGIN<$DIGITS of 0-9 and a-f>$END"

    /** Of the end of a line. */
    const val LENGTH: Int = BEGIN.length + DIGITS + END.length

    /** The sum of the line that begins with [begin]; of half a character that of the `?` that a stream writes for it. */
    fun of(begin: String): String {
        val digest = MessageDigest.getInstance("SHA-256").digest(begin.toByteArray())
        return ByteBuffer.wrap(digest).long.toULong().toString(HEXADECIMAL).padStart(DIGITS, '0')
    }

    /** [begin], an object without its closing brace, with its sum and the brace. */
    fun append(begin: String): String = begin + BEGIN + of(begin) + END

    /** The digits at the end of [line], or null if it does not end in a sum. */
    fun digitsAtEnd(line: String): String? = ENDING.matchEntire(line.takeLast(LENGTH))?.groupValues?.get(1)
}
