package com.seefud.recommender.core

/** Thrown where a text is not JSON; its message says why and where. */
internal class JsonException(message: String) : Exception(message)

/**
 * Reads JSON (RFC 8259) strictly: no NaN, no trailing comma, nothing after the value. Objects become maps, arrays
 * lists, whole numbers [Long], other numbers [Double], null null. As in Python, the last of two equal keys counts, and
 * a number beyond a double's range is infinite.
 */
internal class Json private constructor(private val text: String) {
    private var at = 0

    private fun value(depth: Int): Any? {
        if (depth > MOST_DEPTH) throw mistake("more than $MOST_DEPTH levels")
        skipSpace()
        return when (peek()) {
            '{' -> objectValue(depth)
            '[' -> arrayValue(depth)
            '"' -> string()
            '-', in '0'..'9' -> number()
            else -> word()
        }
    }

    private fun objectValue(depth: Int): Map<String, Any?> {
        val fields = LinkedHashMap<String, Any?>()
        at++
        if (closes('}')) return fields
        do {
            skipSpace()
            if (peek() != '"') throw mistake("no key in quotes")
            val key = string()
            skipSpace()
            if (peek() != ':') throw mistake("no colon after a key")
            at++
            fields[key] = value(depth + 1)
        } while (goesOn('}'))
        return fields
    }

    private fun arrayValue(depth: Int): List<Any?> {
        val items = ArrayList<Any?>()
        at++
        if (closes(']')) return items
        do items += value(depth + 1) while (goesOn(']'))
        return items
    }

    /** Whether the array or object is empty; if so, its end is behind. */
    private fun closes(end: Char): Boolean {
        skipSpace()
        if (peek() != end) return false
        at++
        return true
    }

    /** Whether another item follows; either way, the comma or the end is behind. */
    private fun goesOn(end: Char): Boolean {
        skipSpace()
        val next = peek()
        if (next != ',' && next != end) throw mistake("neither a comma nor the end of what was begun")
        at++
        return next == ','
    }

    private fun string(): String {
        val out = StringBuilder()
        at++
        while (true) {
            when (val next = peek()) {
                null -> throw mistake("a string without its end")
                '"' -> {
                    at++
                    return out.toString()
                }
                '\\' -> out.append(escaped())
                else -> {
                    if (next < ' ') throw mistake("a control character in a string")
                    out.append(next)
                    at++
                }
            }
        }
    }

    private fun escaped(): Char {
        at++
        val kind = peek() ?: throw mistake("a string without its end")
        at++
        if (kind == 'u') return hexadecimal()
        val which = "\"\\/bfnrt".indexOf(kind)
        if (which < 0) throw mistake("an unknown escape")
        return "\"\\/\b\u000c\n\r\t"[which]
    }

    private fun hexadecimal(): Char {
        var code = 0
        repeat(4) {
            val digit = peek()?.let { "0123456789abcdef".indexOf(it.lowercaseChar()) } ?: -1
            if (digit < 0) throw mistake("an escape without its four digits")
            code = code * 16 + digit
            at++
        }
        return code.toChar()
    }

    private fun number(): Any {
        val start = at
        if (peek() == '-') at++
        if (peek() == 'I') word()
        if (peek() == '0') at++ else digits()
        var whole = true
        if (peek() == '.') {
            whole = false
            at++
            digits()
        }
        if (peek() == 'e' || peek() == 'E') {
            whole = false
            at++
            if (peek() == '+' || peek() == '-') at++
            digits()
        }
        val literal = text.substring(start, at)
        return (if (whole) literal.toLongOrNull() else null) ?: literal.toDouble()
    }

    private fun digits() {
        val start = at
        while (peek() in '0'..'9') at++
        if (at == start) throw mistake("a number without digits")
    }

    private fun word(): Any? {
        for (number in NOT_NUMBERS) {
            if (text.startsWith(number, at)) throw mistake("the number $number")
        }
        for ((word, value) in WORDS) {
            if (!text.startsWith(word, at)) continue
            at += word.length
            return value
        }
        throw mistake("no value")
    }

    private operator fun CharRange.contains(char: Char?): Boolean = char != null && char in first..last

    private fun peek(): Char? = if (at < text.length) text[at] else null

    private fun skipSpace() {
        while (at < text.length && text[at] in " \t\n\r") at++
    }

    private fun mistake(what: String) = JsonException("$what at character $at")

    internal companion object {
        /** Objects and arrays inside one another; `bundle.json` has four levels. */
        const val MOST_DEPTH: Int = 64

        private val NOT_NUMBERS = listOf("NaN", "Infinity")
        private val WORDS = mapOf("null" to null, "true" to true, "false" to false)

        /**
         * The value of a whole text.
         *
         * @throws JsonException it is not JSON
         */
        fun parse(text: String): Any? {
            val json = Json(text)
            val value = json.value(1)
            json.skipSpace()
            if (json.at < text.length) throw json.mistake("more after the value")
            return value
        }
    }
}
