package com.seefud.recommender

import android.database.sqlite.SQLiteDatabase
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import java.io.File
import java.io.RandomAccessFile
import java.util.Random

/** A full disk and damaged files. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [24, 35], manifest = Config.NONE)
class UnluckyDiskTest {
    @get:Rule
    internal val files = LogFiles()

    private fun many(count: Int) = List(count) { click("a title of some length, for the pages $it") }

    /** No page may be added; what is deleted may be used again. */
    private fun fill(log: InteractionLog) {
        val database = log.storage.database.database()
        val pages = database.number("PRAGMA page_count")
        assertEquals(pages, database.number("PRAGMA max_page_count = $pages"))
    }

    @Test
    fun `on a full disk nothing is half-written, and the log goes on when there is room`() = files.log { log ->
        log.append(many(10))
        fill(log)
        val problem = assertThrows(LogFullException::class.java) { runBlocking { log.append(many(500)) } }
        assertEquals(
            "log.db: expected room on the disk, found none; free some space and try again; nothing of it was written",
            problem.message,
        )
        assertEquals(many(10), log.interactions())
        fill(log)
        assertThrows(LogFullException::class.java) { runBlocking { log.show(ranking(*Array(500) { "a title $it" })) } }
        assertEquals(many(10), log.interactions())
        assertEquals(many(10).size, log.lines().size)
        log.append(many(500))
        assertEquals(many(10) + many(500), log.interactions())
        assertEquals("the number of the list that was not shown is free", 1L, log.show(ranking("a")).number)
        assertNull(log.recovered)
    }

    @Test
    fun `a file that is no database is set aside, and a new one begun`() {
        files.file.writeText("this is no database at all".repeat(999))
        files.log { log ->
            val place = log.recovered!!
            assertEquals(File(files.root, "log.db.damaged-1"), place)
            assertTrue(place.readText().startsWith("this is no database"))
            log.append(click("a"))
            assertEquals(listOf(click("a")), log.interactions())
        }
        files.log { log ->
            assertNull("that was the last time", log.recovered)
            assertEquals(listOf(click("a")), log.interactions())
        }
        files.file.writeText("nor is this".repeat(999))
        files.log { log ->
            assertEquals("log.db.damaged-2", log.recovered!!.name)
            log.erase()
            assertNull(log.recovered)
        }
        assertEquals("erasing takes them too", emptyList<String>(), files.names().filter { "damaged" in it })
    }

    @Test
    fun `a database of another layout is set aside`() {
        SQLiteDatabase.openOrCreateDatabase(files.file, null).use { it.version = 2 }
        files.log { log ->
            assertEquals("log.db.damaged-1", log.recovered!!.name)
            assertEquals(emptyList<Interaction>(), log.interactions())
        }
    }

    @Test
    fun `a file that is damaged while the log is open is set aside too`() = files.log { log ->
        log.append(many(2_000))
        log.storage.database.close() // the log moves into the file itself
        val database = log.storage.database.database()
        RandomAccessFile(files.file, "rw").use { file ->
            file.seek(4096)
            file.write(ByteArray(file.length().toInt() - 4096) { 0x55 })
        }
        database.execSQL("PRAGMA shrink_memory") // what SQLite remembers of the file
        log.append(click("a"))
        assertEquals(listOf(click("a")), log.interactions())
        assertEquals("log.db.damaged-1", log.recovered!!.name)
    }

    @Test
    fun `whatever byte is changed, the log opens and keeps what it is given`() {
        val random = Random(7)
        val setAside = damage(150) { bytes, round ->
            repeat(1 + random.nextInt(3)) { bytes[random.nextInt(bytes.size)] = random.nextInt(256).toByte() }
            if (round % 5 == 0) bytes.copyOf(random.nextInt(bytes.size)) else bytes
        }
        assertTrue("$setAside were set aside", setAside in 20..149)
    }

    @Test
    fun `whatever byte of the header is changed, too`() {
        val setAside = damage(100) { bytes, round -> bytes.also { it[round] = (it[round] + 0x11).toByte() } }
        assertTrue("$setAside were set aside", setAside in 20..99)
    }

    private fun damage(rounds: Int, change: (bytes: ByteArray, round: Int) -> ByteArray): Int {
        val whole = File(files.root, "whole.db")
        files.log(whole) { it.append(many(100)) }
        return (0 until rounds).count { round ->
            val file = File(files.root, "round-$round.db")
            file.writeBytes(change(whole.readBytes(), round))
            files.log(file) { log ->
                log.append(click("new"))
                assertEquals("round $round", click("new"), log.interactions().lastOrNull())
                log.recovered != null
            }
        }
    }

    @Test
    fun `a folder that cannot be is named`() {
        File(files.root, "file").writeText("")
        val problem = assertThrows(LogFailureException::class.java) {
            runBlocking { InteractionLog.open(File(files.root, "file/log.db")) }
        }
        assertTrue(problem.message, problem.message!!.startsWith("log.db: expected a database that can be read and written"))
        assertTrue(problem.message, problem.message!!.endsWith("; check its path"))
    }
}
