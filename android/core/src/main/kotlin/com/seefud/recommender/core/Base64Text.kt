package com.seefud.recommender.core

/** Base64 of RFC 4648 with padding, in its one spelling; `java.util.Base64` is on phones from API 26 only. */
internal object Base64Text {
    private const val ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    private val VALUES = IntArray(128) { ALPHABET.indexOf(it.toChar()) }

    /** The bytes, or null if the text is not base64 or not the spelling that an encoder writes. */
    fun decode(text: String): ByteArray? {
        val padding = text.takeLast(2).count { it == '=' }
        val digits = text.length - padding
        if (text.length % 4 != 0 || (padding > 0 && text[digits] != '=')) return null
        val bytes = ByteArray(digits * 6 / 8)
        var bits = 0
        var held = 0
        var next = 0
        for (index in 0 until digits) {
            val value = VALUES.getOrElse(text[index].code) { -1 }
            if (value < 0) return null
            held = held shl 6 or value
            bits += 6
            if (bits >= 8) {
                bits -= 8
                bytes[next++] = (held shr bits).toByte()
                held = held and ((1 shl bits) - 1)
            }
        }
        // What is left over of the last digit says nothing, so only 0 is written there.
        return if (held == 0) bytes else null
    }
}
