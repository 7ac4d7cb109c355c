package com.seefud.recommender.core

import com.google.gson.JsonArray
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import org.junit.Assert.assertEquals
import org.junit.Test
import java.io.File
import java.text.Normalizer
import java.util.Locale
import java.util.Random

class TextTest {
    private val golden = JsonParser.parseString(
        File(System.getProperty("project.root"), "tests/golden/text.json").readText(),
    ).asJsonObject

    private fun cases(check: (name: String, text: String, case: JsonObject) -> Unit) {
        val cases = golden.getAsJsonArray("cases").map { it.asJsonObject }
        assertEquals("cases were lost", true, cases.size > 40)
        for (case in cases) check(case["name"].asString, case["text"].asString, case)
    }

    @Test
    fun `the golden file speaks of the rule that this is`() {
        assertEquals("nfkc-lower-letters-digits", golden["rule"].asString)
        assertEquals(1, golden["schema"].asInt)
    }

    @Test
    fun `every golden text is normalised as Python does it`() = cases { name, text, case ->
        assertEquals(name, case["normalised"].asString, normalise(text))
        assertEquals(name, case["words"].strings(), wordSequence(text).distinct())
        assertEquals(name, case["bigrams"].strings(), wordSequence(text).zipWithNext { a, b -> "$a $b" }.distinct())
    }

    @Test
    fun `every golden title meets in the form that Python gives it`() = cases { name, text, case ->
        assertEquals(name, case["canonical_title"].asString, canonicalTitle(text))
    }

    @Test
    fun `every golden text has the ids that Python gives it`() {
        val vocabulary = golden.getAsJsonObject("vocabulary")
        val ids = vocabulary["tokens"].strings().withIndex().associate { (id, token) -> token to id }
        val tokens = Tokens({ ids[it] ?: -1 }, vocabulary["bigrams"].asBoolean, ids.size)
        cases { name, text, case ->
            assertEquals(name, case["tokens"].asJsonArray.map { it.asInt }, tokens.of(text).ids.toList())
        }
    }

    @Test
    fun `a Turkish phone normalises like any other`() {
        val before = Locale.getDefault()
        try {
            Locale.setDefault(Locale("tr", "TR"))
            assertEquals("ikan bilis", normalise("IKAN BILIS"))
            assertEquals("ikan bilis", canonicalTitle("IKAN BILIS"))
        } finally {
            Locale.setDefault(before)
        }
    }

    @Test
    fun `full case folding knows letters that become several, and those that stay`() {
        val folded = mapOf(
            "Stra\u00DFe" to "strasse",
            "\u1E9E" to "ss",
            "\u0130" to "i\u0307",
            "\u0131" to "\u0131",
            "\u01F0" to "j\u030C",
            "\u0390" to "\u03B9\u0308\u0301",
            "\u1F88\u1F99\u1FAF" to "\u1F00\u03B9\u1F21\u03B9\u1F67\u03B9",
            "\u1FB7\u1FFC" to "\u03B1\u0342\u03B9\u03C9\u03B9",
            "\u03A3\u03C2\u03C3" to "\u03C3\u03C3\u03C3",
            "\u13F8\u13A0\uAB70\uABBF" to "\u13F0\u13A0\u13A0\u13EF",
            "\uFB03" to "ffi",
            "\uD801\uDC00" to "\uD801\uDC28",
        )
        for ((text, expected) in folded) assertEquals(expected, canonicalTitle(text))
    }

    @Test
    fun `a sigma ends a word only where a letter is before it and none after, whatever stands between`() {
        val lowered = mapOf(
            "\u039F\u03A3" to "\u03BF\u03C2",
            "\u039F\u03A3.\u0391" to "\u03BF\u03C3 \u03B1",
            "\u039F\u03A3. \u0391" to "\u03BF\u03C2 \u03B1",
            "\u039F.\u03A3" to "\u03BF \u03C2",
            "1\u03A3" to "1\u03C3",
            "\u03A3" to "\u03C3",
            "A\u0301\u03A3\u0301\u03A3" to "\u00E1\u03C3 \u03C2",
            "\uD801\uDC00\u03A3\uD801\uDC28" to "\uD801\uDC28\u03C3\uD801\uDC28",
        )
        for ((text, expected) in lowered) assertEquals(text, expected, normalise(text))
    }

    @Test
    fun `what skips normalisation is in that form, whatever stands beside it`() {
        val skipped = ('\u0000'..'\u007f') + ('À'..'ÿ')
        for (one in skipped) {
            for (other in skipped) {
                val text = "$one$other"
                assertEquals(text, Normalizer.normalize(text, Normalizer.Form.NFKC))
            }
        }
        assertEquals("crème brûlée", normalise("CRE\u0300ME BRU\u0302LE\u0301E"))
        assertEquals("crème brûlée", normalise("CRÈME BRÛLÉE"))
    }

    @Test
    fun `white space of titles is a fixed set of 29 code points`() {
        val found = (0..0x10FFFF).filter { isWhiteSpace(it) }
        assertEquals(29, found.size)
        assertEquals("a b", canonicalTitle(found.joinToString("") { it.toChar().toString() } + "A\u001C\u00A0\u2028b\u0085"))
    }

    @Test
    fun `normalising twice changes nothing, and what comes out is words and single spaces`() {
        val random = Random(4)
        repeat(20_000) {
            val text = randomText(random)
            val once = normalise(text)
            assertEquals(once, wordSequence(text).joinToString(" "))
            assertEquals(false, once.startsWith(' ') || once.endsWith(' ') || once.contains("  "))
            for (word in wordSequence(text)) {
                assertEquals(true, word.codePoints().allMatch { Character.isLetterOrDigit(it) })
            }
        }
    }

    @Test
    fun `a title meets itself in capitals and with other spaces`() {
        val random = Random(5)
        repeat(2_000) {
            val words = List(1 + random.nextInt(5)) { List(1 + random.nextInt(6)) { LETTERS.random(random) }.joinToString("") }
            val title = words.joinToString(" ")
            val loud = words.joinToString("\u2003\t", " ", "\n") { it.uppercase(Locale.ROOT) }
            assertEquals(canonicalTitle(title), canonicalTitle(loud))
        }
    }

    private fun randomText(random: Random): String = buildString {
        repeat(random.nextInt(12)) {
            when (random.nextInt(4)) {
                0 -> append(('a'.code + random.nextInt(26)).toChar())
                1 -> append(" -.\u0301\u0130\u03A3A1"[random.nextInt(8)])
                2 -> append(random.nextInt(0x3000).toChar())
                else -> appendCodePoint(random.nextInt(0xD800))
            }
        }
    }

    private fun String.random(random: Random): Char = this[random.nextInt(length)]

    private companion object {
        const val LETTERS = "abcdefghijklmnopqrstuvwxyz\u00E9\u00F6\u00DF\u03B1\u03C9\u0434\u0436"
    }
}

internal fun com.google.gson.JsonElement.strings(): List<String> = (this as JsonArray).map { it.asString }
