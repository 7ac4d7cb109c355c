package com.seefud.recommender.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.nio.FloatBuffer

/** The sample market's golden files on [TableModel]. The int8 file's arithmetic is the runtime's, which replays it too. */
class GoldenReplayTest {
    private fun golden(name: String) = Fixtures.file("$name/golden.json")

    private fun assertReplays(name: String) {
        val bundle = Fixtures.bundle(name)
        val replay = GoldenReplay(golden(name), bundle, TableModel.of(bundle))
        assertTrue("${replay.cases} cases", replay.cases > 15)
        assertEquals(emptyList<String>(), replay.mismatches())
    }

    @Test
    fun `the float32 file gives every golden answer`() = assertReplays("float32")

    @Test
    fun `the float16 file gives every golden answer`() = assertReplays("float16")

    @Test
    fun `a wrong model is found out`() {
        val bundle = Fixtures.bundle("float32")
        val right = TableModel.of(bundle)
        val wrong = object : Model by right {
            override fun score(profile: FloatArray): FloatBuffer {
                val scores = FloatArray(bundle.document.products).also { right.score(profile).get(it) }
                scores[0] += 0.001f
                return FloatBuffer.wrap(scores)
            }
        }
        val lines = GoldenReplay(golden("float32"), bundle, wrong).mismatches()
        assertTrue(lines.toString(), lines.any { it.startsWith("empty: scores: off by ") })
    }

    @Test
    fun `every golden text has the tokens that Python gave it, under every recipe`() {
        for (name in listOf("dynamic_wi8", "float16", "float32", "collaborative")) {
            val bundle = Fixtures.bundle(name)
            val document = bundle.document
            val tokens = Tokens(bundle::token, document.bigrams, document.textLength)
            val cases = Fixtures.json("$name/golden.json").asJsonObject["cases"].asJsonArray
            for (case in cases.map { it.asJsonObject }) {
                for (text in case["searches"].asJsonArray + case["cold"].asJsonArray) {
                    val written = text.asJsonObject["tokens"].asJsonArray.map { it.asInt }
                    val asked = text.asJsonObject["text"].asString
                    assertEquals("$name: $asked", written, tokens.of(asked).ids.asList())
                }
            }
        }
    }
}
