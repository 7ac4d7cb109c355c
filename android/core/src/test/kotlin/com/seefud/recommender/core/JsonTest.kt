package com.seefud.recommender.core

import com.google.gson.JsonElement
import com.google.gson.JsonParser
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test

class JsonTest {
    @Test
    fun `values are what they say`() {
        val known = mapOf(
            "null" to null,
            " \t\r\n true " to true,
            "false" to false,
            "0" to 0L,
            "-0" to 0L,
            "9007199254740993" to 9007199254740993L,
            "-9223372036854775808" to Long.MIN_VALUE,
            "9223372036854775808" to 9223372036854775808.0,
            "1.0" to 1.0,
            "-0.5e-3" to -0.0005,
            "1E+2" to 100.0,
            "1e999" to Double.POSITIVE_INFINITY,
            "\"\"" to "",
            "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"" to "\"\\/\b\u000c\n\r\t",
            "\"\\u00e9\\uD83C\\udf5c é🍜\"" to "é🍜 é🍜",
            "[]" to emptyList<Any>(),
            "[ 1 , [ ] , { } ]" to listOf(1L, emptyList<Any>(), emptyMap<String, Any>()),
            "{\"a\":1,\"b\":{\"a\":[null]},\"a\":2}" to mapOf("a" to 2L, "b" to mapOf("a" to listOf(null))),
        )
        for ((text, value) in known) assertEquals(text, value, Json.parse(text))
    }

    @Test
    fun `what is not JSON is refused with the place`() {
        val wrong = mapOf(
            "" to "no value at character 0",
            "nul" to "no value at character 0",
            "True" to "no value at character 0",
            "{" to "no key in quotes at character 1",
            "{a:1}" to "no key in quotes at character 1",
            "{\"a\":1,}" to "no key in quotes at character 7",
            "{\"a\" 1}" to "no colon after a key at character 5",
            "[1,]" to "no value at character 3",
            "[1 2]" to "neither a comma nor the end of what was begun at character 3",
            "[1" to "neither a comma nor the end of what was begun at character 2",
            "1 2" to "more after the value at character 2",
            "01" to "more after the value at character 1",
            "\ufeff1" to "no value at character 0",
            "\u00a01" to "no value at character 0",
            "+1" to "no value at character 0",
            ".5" to "no value at character 0",
            "1." to "a number without digits at character 2",
            "-" to "a number without digits at character 1",
            "1e" to "a number without digits at character 2",
            "٣" to "no value at character 0",
            "NaN" to "the number NaN at character 0",
            "-Infinity" to "the number Infinity at character 1",
            "\"" to "a string without its end at character 1",
            "\"\\" to "a string without its end at character 2",
            "\"a\nb\"" to "a control character in a string at character 2",
            "\"\\x\"" to "an unknown escape at character 3",
            "\"\\u12g4\"" to "an escape without its four digits at character 5",
            "\"\\u１234\"" to "an escape without its four digits at character 3",
            "[".repeat(100_000) to "more than 64 levels at character 64",
        )
        for ((text, message) in wrong) {
            assertEquals(message, assertThrows(text, JsonException::class.java) { Json.parse(text) }.message)
        }
        Json.parse("[".repeat(64) + "]".repeat(64))
    }

    @Test
    fun `golden files read as another parser reads them`() {
        for (path in listOf("damaged/damaged.json") + (Fixtures.RECIPES + "collaborative").map { "$it/golden.json" }) {
            val text = Fixtures.bytes(path).toString(Charsets.UTF_8)
            assertEquals(path, plain(JsonParser.parseString(text)), Json.parse(text))
        }
    }

    private fun plain(element: JsonElement): Any? = when {
        element.isJsonNull -> null
        element.isJsonArray -> element.asJsonArray.map(::plain)
        element.isJsonObject -> element.asJsonObject.entrySet().associate { it.key to plain(it.value) }
        element.asJsonPrimitive.isString -> element.asString
        element.asJsonPrimitive.isBoolean -> element.asBoolean
        else -> element.asString.toLongOrNull() ?: element.asString.toDouble()
    }
}
