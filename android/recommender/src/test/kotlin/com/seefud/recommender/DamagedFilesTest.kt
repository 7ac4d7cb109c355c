package com.seefud.recommender

import com.google.gson.JsonParser
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File

/** What an app sees of a file that it cannot use. */
class DamagedFilesTest {
    /** A damaged model that reached the interpreter would end in a RuntimeFailureException, or in a crash. */
    @Test
    fun `every damaged file is refused with its own error, a damaged model before the interpreter sees it`() {
        val damages = JsonParser.parseString(TestModels.path("damaged/damaged.json").readText()).asJsonArray
        assertTrue("only ${damages.size()}", damages.size() > 40)
        for (damage in damages.map { it.asJsonObject }) {
            val file = TestModels.path("damaged/" + damage["file"].asString)
            val problem = assertThrows(damage["name"].asString, BundleException::class.java) {
                Recommender.openBlocking(file)
            }
            val expected = damage["error"].asString.replace("Error", "Exception")
            assertEquals(problem.message, expected, problem.javaClass.simpleName)
            assertTrue(problem.message, problem.where.startsWith(file.name))
        }
        assertEquals("threads left behind", emptyList<String>(), RankingThreads.waitForEnd())
    }

    @Test
    fun `a file that is not there and a folder are told apart`() {
        val nothing = assertThrows(MissingFileException::class.java) { Recommender.openBlocking(File("no.tflite")) }
        assertEquals("no.tflite: expected a .tflite file, found nothing; check the path", nothing.message)
        val folder = assertThrows(MissingFileException::class.java) {
            Recommender.openBlocking(TestModels.path("damaged"))
        }
        assertEquals("a folder", folder.found)
    }

    @Test
    fun `no threads at all are refused`() {
        val problem = assertThrows(InvalidRequestException::class.java) { Recommender.Options(threads = 0) }
        assertEquals("threads: expected at least 1, found 0; leave it out", problem.message)
    }
}
