package com.seefud.recommender.core

/** Writes one JSON object on one line that ends in its sum, whatever its texts hold. */
internal class JsonLine {
    private val out = StringBuilder("{")

    /** Adds a number as it is written; nothing if it is null. */
    fun add(key: String, number: String?) {
        if (number == null) return
        if (out.length > 1) out.append(',')
        out.append('"').append(key).append("\":").append(number)
    }

    /** Adds a text; nothing if it is null. */
    fun addText(key: String, text: String?) {
        if (text == null) return
        add(key, "")
        out.append('"')
        for (each in text) append(each)
        out.append('"')
    }

    /** The object; its last key is `sum`. There must be another. */
    override fun toString(): String = LineSum.append(out.toString())

    private fun append(each: Char) {
        when {
            each == '"' || each == '\\' -> out.append('\\').append(each)
            // Control characters must be escaped; some readers take the others for the end of a line.
            each < ' ' || each == '\u0085' || each == '\u2028' || each == '\u2029' -> {
                out.append("\\u").append(each.code.toString(HEXADECIMAL).padStart(ESCAPED_DIGITS, '0'))
            }
            else -> out.append(each)
        }
    }

    private companion object {
        const val HEXADECIMAL = 16
        const val ESCAPED_DIGITS = 4
    }
}
