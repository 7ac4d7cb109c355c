package com.seefud.recommender.core

import java.nio.ByteBuffer
import java.nio.ByteOrder

/** UTF-8 as RFC 3629 has it: no surrogates, no longer forms than needed, nothing above U+10FFFF. */
internal object Utf8 {
    /** Place of the first byte that cannot stand where it does, or -1. */
    fun firstMistake(bytes: ByteArray): Int {
        val padded = bytes.copyOf(bytes.size + Long.SIZE_BYTES)
        return firstMistake(padded, ByteBuffer.wrap(padded).order(ByteOrder.LITTLE_ENDIAN), bytes.size)
    }

    /**
     * Place of the first byte that cannot stand where it does, or -1.
     *
     * @param bytes of which the first [length] are looked at
     * @param words the same bytes, little-endian, readable for eight bytes from each of them
     */
    fun firstMistake(bytes: ByteArray, words: ByteBuffer, length: Int): Int {
        var at = 0
        while (at < length) {
            if (AsciiWord.isAscii(words.getLong(at))) {
                at += Long.SIZE_BYTES
                continue
            }
            if (bytes[at] >= 0) {
                at++
                continue
            }
            val first = bytes[at].toInt() and 0xff
            val more = when (first) {
                in 0xc2..0xdf -> 1
                in 0xe0..0xef -> 2
                in 0xf0..0xf4 -> 3
                else -> return at
            }
            // The second byte's range is narrower after four of the first ones (RFC 3629, section 4).
            val low = if (first == 0xe0) 0xa0 else if (first == 0xf0) 0x90 else 0x80
            val high = if (first == 0xed) 0x9f else if (first == 0xf4) 0x8f else 0xbf
            for (next in 1..more) {
                if (at + next >= length) return at
                val follower = bytes[at + next].toInt() and 0xff
                if (follower !in (if (next == 1) low..high else 0x80..0xbf)) return at
            }
            at += more + 1
        }
        return -1
    }
}
