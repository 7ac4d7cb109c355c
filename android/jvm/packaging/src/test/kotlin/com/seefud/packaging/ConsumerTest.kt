package com.seefud.packaging

import com.google.gson.JsonParser
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File

/** The AAR in another project's hands, as it is and shrunk by R8. */
class ConsumerTest {
    @Test
    fun `a project that has only the published files compiles and ranks`() {
        val folder = Parts.scratch("consumer")
        val consumer = Consumer.compile(folder)
        assertEquals(EXPECTED, Consumer.run(Shrinker.library(folder) + consumer, Parts.bundle, LIKED))
    }

    @Test
    fun `shrunk with the library's rules it ranks the same`() {
        val folder = Parts.scratch("shrunk")
        val program = Shrinker.library(folder) + Consumer.compile(folder)
        val shrunk = File(folder, "shrunk.jar")
        // The runtime stays outside, since here it is the stand-in that is called by the real one's names.
        val libraries = listOf(Parts.androidAll, Parts.tensorflowLite)
        val rules = listOf(Consumer.RULES, Parts.consumerRules.readText())
        assertEquals(emptyList<String>(), Shrinker.shrink(program, libraries, rules, shrunk))
        val before = program.sumOf { it.length() }
        println("shrunk from $before to ${shrunk.length()} bytes, Kotlin's libraries included")
        assertTrue("${shrunk.length()} bytes", shrunk.length() < before / 5)
        assertEquals(EXPECTED, Consumer.run(listOf(shrunk), Parts.bundle, LIKED))
    }

    @Test
    fun `shrunk it still says what is wrong with a file`() {
        val folder = Parts.scratch("shrunk-error")
        val shrunk = File(folder, "shrunk.jar")
        val program = Shrinker.library(folder) + Consumer.compile(folder)
        val rules = listOf(Consumer.RULES, Parts.consumerRules.readText())
        Shrinker.shrink(program, listOf(Parts.androidAll, Parts.tensorflowLite), rules, shrunk)
        val text = File(folder, "text.tflite").apply { writeText("not a model at all") }
        val said = Consumer.run(listOf(shrunk), text, LIKED).single()
        assertTrue(said, said.startsWith("text.tflite: expected "))
    }

    private companion object {
        val CASE = JsonParser.parseString(File(Parts.bundle.parentFile, "golden.json").readText())
            .asJsonObject.getAsJsonArray("cases").map { it.asJsonObject }
            .first { it["history"].asJsonArray.size() == 1 && it["weights"].asJsonArray[0].asFloat == 1f }
        val LIKED: String = CASE["history_titles"].asJsonArray[0].asString

        /** Rows and titles are the golden file's. */
        val EXPECTED = CASE["rows"].asJsonArray.take(5).mapIndexed { place, row ->
            "${row.asInt} ${CASE["titles"].asJsonArray[place].asString}, $LIKED"
        }
    }
}
