package com.seefud.recommender.core

import com.seefud.recommender.DocumentException

/**
 * The fields of a parsed `bundle.json`, each taken with its check, in the order in which the converter checks them.
 *
 * @property where named in errors
 */
internal class DocumentFields(private val document: Map<String, Any?>, private val where: String) {
    fun whole(field: String, least: Int): Int {
        val value = value(field)
        if (value is Long && value >= least && value <= Int.MAX_VALUE) return value.toInt()
        throw wrong(field, "a whole number of at least $least")
    }

    fun number(field: String): Double = finite(value(field)) ?: throw wrong(field, "a finite number")

    /** For a field that older files lack. */
    fun numberOr(field: String, missing: Double): Double = if (has(field)) number(field) else missing

    fun notNegative(field: String): Double =
        finite(value(field))?.takeIf { it >= 0 } ?: throw wrong(field, "a finite number of at least 0")

    fun single(field: String): Float = finiteSingle(value(field)) ?: throw wrong(field, "a finite number")

    /** Null counts as 0. */
    fun singleOrNull(field: String): Float {
        if (has(field) && value(field) == null) return 0f
        return finiteSingle(value(field)) ?: throw wrong(field, "a finite number or null")
    }

    /** A multiple of 1/64 is exact as a float and in every language's text form. */
    fun gain(field: String): Double {
        val gain = finite(value(field))
        if (gain != null && gain > 0 && gain <= 64 && gain * 64 % 1 == 0.0) return gain
        throw wrong(field, "a multiple of 1/64 above 0 and up to 64")
    }

    fun ceiling(field: String): Double {
        val ceiling = finite(value(field))
        if (ceiling != null && ceiling > 0 && ceiling <= 1) return ceiling
        throw wrong(field, "a number above 0 and up to 1")
    }

    fun words(field: String, expected: String): String {
        val value = value(field)
        return if (value is String && value.isNotEmpty()) value else throw wrong(field, expected)
    }

    fun oneOf(field: String, choices: List<String>, expected: String): String =
        choices.find { it == value(field) } ?: throw wrong(field, expected)

    fun truth(field: String): Boolean = value(field) as? Boolean ?: throw wrong(field, "true or false")

    @Suppress("UNCHECKED_CAST") // Keys of a parsed object are strings.
    fun mapping(field: String): Map<String, Any?> =
        value(field) as? Map<String, Any?> ?: throw wrong(field, "an object")

    fun numbers(field: String): Map<String, Float> {
        val expected = "an object of finite numbers"
        val value = value(field) as? Map<*, *> ?: throw wrong(field, expected)
        return value.entries.associate { (name, number) ->
            name as String to (finiteSingle(number) ?: throw wrong(field, expected))
        }
    }

    fun hexadecimal(field: String, length: Int, expected: String): String {
        val value = value(field)
        return if (isHexadecimal(value, length)) value as String else throw wrong(field, expected)
    }

    fun digests(field: String): Map<String, String> {
        val expected = "an object of SHA-256 digests"
        val value = value(field) as? Map<*, *> ?: throw wrong(field, expected)
        return value.entries.associate { (name, digest) ->
            name as String to (if (isHexadecimal(digest, 64)) digest as String else throw wrong(field, expected))
        }
    }

    /** The value of `name` or of `outer.name`; null where there is none. Names of files have dots of their own. */
    private fun value(field: String): Any? = holder(field)?.get(field.substringAfter('.', field))

    private fun has(field: String): Boolean = holder(field)?.containsKey(field.substringAfter('.', field)) ?: false

    private fun holder(field: String): Map<*, *>? =
        if ('.' in field) document[field.substringBefore('.')] as? Map<*, *> else document

    private fun finite(value: Any?): Double? = when (value) {
        is Long -> value.toDouble()
        is Double -> value.takeIf { it.isFinite() }
        else -> null
    }

    private fun finiteSingle(value: Any?): Float? = finite(value)?.toFloat()?.takeIf { it.isFinite() }

    private fun isHexadecimal(value: Any?, length: Int): Boolean =
        value is String && value.length == length && value.all { it in "0123456789abcdef" }

    private fun wrong(field: String, expected: String): DocumentException {
        val found = if (has(field)) shown(value(field)) else "nothing"
        return DocumentException("$where: $field", expected, found, "build the bundle again")
    }

    internal companion object {
        /** A parsed value as a message shows it. */
        fun shown(value: Any?): String = (if (value is String) "'$value'" else value.toString()).take(MOST_SHOWN)

        private const val MOST_SHOWN = 80
    }
}
