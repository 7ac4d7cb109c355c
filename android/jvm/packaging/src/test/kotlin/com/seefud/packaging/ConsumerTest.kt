package com.seefud.packaging

import com.google.gson.JsonParser
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.junit.runners.Parameterized
import java.io.File

/** The AAR in another project's hands, as it is and shrunk. */
@RunWith(Parameterized::class)
class ConsumerTest(tool: String) {
    private val shrunk = shrunk(ShrinkTool.valueOf(tool))

    @Test
    fun `a project that has only the published files compiles and ranks`() {
        val folder = Parts.scratch("consumer")
        val consumer = Consumer.compile(folder)
        assertEquals(EXPECTED, Consumer.run(Shrinker.library(folder) + consumer, Parts.bundle, LIKED))
    }

    @Test
    fun `shrunk with the library's rules it ranks the same`() {
        assertEquals(EXPECTED, Consumer.run(listOf(shrunk), Parts.bundle, LIKED))
    }

    @Test
    fun `shrunk it still says what is wrong with a file`() {
        val text = File(Parts.scratch("damaged"), "text.tflite").apply { writeText("not a model at all") }
        val said = Consumer.run(listOf(shrunk), text, LIKED).single()
        assertTrue(said, said.startsWith("text.tflite: expected "))
    }

    @Test
    fun `shrunk it is a tenth of what went in`() {
        val before = Shrinker.library(Parts.scratch("before")).sumOf { it.length() }
        println("shrunk from $before to ${shrunk.length()} bytes, Kotlin's libraries included")
        assertTrue("${shrunk.length()} of $before bytes", shrunk.length() < before / 10)
    }

    companion object {
        private val made = HashMap<ShrinkTool, File>()

        @JvmStatic
        @Parameterized.Parameters(name = "{0}")
        fun tools(): List<String> = ShrinkTool.entries.map { it.name }

        /** It takes its time: once for all tests. The runtime stays outside: here it is the stand-in of its names. */
        private fun shrunk(tool: ShrinkTool): File = made.getOrPut(tool) {
            val folder = Parts.scratch("shrunk-$tool")
            val output = File(folder, "shrunk.jar")
            val program = Shrinker.library(folder) + Consumer.compile(folder)
            val rules = listOf(Consumer.RULES, Parts.consumerRules.readText())
            val warnings = tool.shrink(program, listOf(Parts.tensorflowLite), rules, output)
            assertEquals(emptyList<String>(), warnings)
            output
        }

        private val CASE = JsonParser.parseString(File(Parts.bundle.parentFile, "golden.json").readText())
            .asJsonObject.getAsJsonArray("cases").map { it.asJsonObject }
            .first { it["history"].asJsonArray.size() == 1 && it["weights"].asJsonArray[0].asFloat == 1f }
        private val LIKED: String = CASE["history_titles"].asJsonArray[0].asString

        /** Rows and titles are the golden file's. */
        private val EXPECTED = CASE["rows"].asJsonArray.take(5).mapIndexed { place, row ->
            "${row.asInt} ${CASE["titles"].asJsonArray[place].asString}, $LIKED"
        }
    }
}
