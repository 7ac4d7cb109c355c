package com.seefud.recommender

import com.google.gson.JsonParser
import com.seefud.recommender.core.EventRecord
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import java.io.File
import java.io.IOException
import java.io.OutputStream
import kotlin.concurrent.thread

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [24, 35], manifest = Config.NONE)
class InteractionLogTest {
    @get:Rule
    internal val files = LogFiles()

    private val golden = File(System.getProperty("project.root"), "tests/golden/export.jsonl").readLines()
    private val events = golden.map { EventRecord.decode(it).interaction }

    @Test
    fun `what was kept is there after the app was started again`() {
        files.log { it.append(events) }
        files.log { log ->
            assertEquals(events, log.interactions())
            assertEquals(events.drop(4), log.interactions(since = 4))
            assertNull(log.recovered)
        }
    }

    @Test
    fun `the export is what Python's readers are tested with`() = files.log { log ->
        log.append(events)
        val lines = log.lines()
        val installation = EventRecord.decode(lines.first()).installation
        assertTrue(installation, Regex("[0-9a-f]{32}").matches(installation))
        val expected = golden.map { it.replace("0123456789abcdef0123456789abcdef", installation) }
        assertEquals(expected.map(::parsedWithoutSum), lines.map(::parsedWithoutSum))
        assertEquals(events, lines.map { EventRecord.decode(it).interaction })
    }

    /** Another installation, or another way to escape a letter, is another sum. */
    private fun parsedWithoutSum(line: String) =
        JsonParser.parseString(line).asJsonObject.apply { assertTrue(line, remove("sum") != null) }

    @Test
    fun `an export goes on where the last one ended`() = files.log { log ->
        log.append(events)
        val nothing = object : OutputStream() {
            override fun write(byte: Int) = throw AssertionError("nothing is new")
        }
        assertEquals(events.size.toLong(), log.size().lastSequence)
        assertEquals(15L, log.export(15, nothing))
        log.append(click("new"))
        assertEquals(listOf(16L), log.lines(since = 15).map { EventRecord.decode(it).sequence })
        assertEquals(listOf(click("new")), log.interactions(since = 15))
    }

    @Test
    fun `a stream that fails says so, and the log goes on`() = files.log { log ->
        log.append(events)
        val broken = object : OutputStream() {
            override fun write(byte: Int) = throw IOException("the card was pulled")
        }
        assertEquals("the card was pulled", assertThrows(IOException::class.java) { runBlocking { log.export(0, broken) } }.message)
        log.append(click("new"))
        assertEquals(16, log.lines().size)
    }

    @Test
    fun `the profile is that of all that was kept`() = files.log { log ->
        log.append(events)
        val rules = ProfileRules(dislike = 1.0)
        assertEquals(Profile.from(events, rules), log.profile(rules))
        assertEquals(Profile.from(events), log.profile())
    }

    @Test
    fun `a list that was shown is kept with numbers that go on`() {
        val first = files.log { it.show(ranking("sate", "soto"), NOW) }
        files.log { log ->
            val second = log.show(ranking("rawon"), NOW + 1)
            assertEquals(listOf(1L, 2L), listOf(first.number, second.number))
            log.append(Interaction.click(Product("soto"), first.origin(2), NOW + 2))
            assertEquals(
                listOf(
                    Interaction.impression(Product("sate", id = "SKU-0"), Origin("0123456789ab", 1, 0.75f, 1), NOW),
                    Interaction.impression(Product("soto", id = "SKU-1"), Origin("0123456789ab", 2, 0.5f, 1), NOW),
                    Interaction.impression(Product("rawon", id = "SKU-0"), Origin("0123456789ab", 1, 0.75f, 2), NOW + 1),
                    Interaction.click(Product("soto"), Origin("0123456789ab", 2, 0.5f, 1), NOW + 2),
                ),
                log.interactions(),
            )
        }
    }

    @Test
    fun `another installation takes the events from now on, and an event keeps its own`() = files.log { log ->
        log.append(click("before"))
        val before = log.lines()
        log.rotateInstallation()
        log.rotateInstallation()
        assertEquals("known again, so not counted twice", before, log.lines())
        log.append(click("after"))
        val (old, new) = log.lines().map { EventRecord.decode(it) }
        assertEquals(before.single(), old.encode())
        assertNotEquals(old.installation, new.installation)
        assertEquals(listOf(1L, 2L), listOf(old.sequence, new.sequence))
    }

    @Test
    fun `everything is erased, to the last byte`() {
        val secret = "rendang-rahasia"
        files.log { log ->
            log.append(List(2_000) { click("$secret $it") } + Interaction.search("$secret pedas", time = NOW))
            val installation = EventRecord.decode(log.lines().first()).installation
            assertTrue("it was never there", files.hold(secret) && files.hold(installation))
            assertTrue(files.names().toString(), File("${files.file}-wal").length() > 0)
            log.erase()
            assertTrue("${files.names()}", !files.hold(secret) && !files.hold(installation))
            assertEquals(LogSize(0, log.size().bytes, 0), log.size())
            assertEquals(emptyList<Interaction>(), log.interactions())
            log.append(click("new"))
            val begun = EventRecord.decode(log.lines().single())
            assertNotEquals(installation, begun.installation)
            assertEquals(1, begun.sequence)
        }
        assertTrue(!files.hold(secret))
    }

    @Test
    fun `an erasure that was cut short is finished when the log is opened`() {
        files.log { log ->
            log.append(click("secret"))
            // Dies after the first step of erase().
            val wal = File("${files.file}-wal").readBytes()
            files.file.delete()
            log.closeAndWait()
            File("${files.file}-wal").writeBytes(wal)
        }
        assertTrue(files.hold("secret"))
        files.log { log ->
            assertEquals(emptyList<Interaction>(), log.interactions())
            assertNull(log.recovered)
        }
        assertTrue(!files.hold("secret"))
    }

    @Test
    fun `the log is bounded by events, the oldest impressions first`() = files.log(InteractionLog.Limits(maxEvents = 4)) { log ->
        log.append(click("a"))
        log.show(ranking("b", "c"), NOW)
        log.append(click("d"))
        log.append(click("e"))
        assertEquals("the older impression went", listOf("a", "c", "d", "e"), log.interactions().map { it.title })
        log.append(listOf(click("f"), click("g")))
        assertEquals("then the oldest event", listOf("d", "e", "f", "g"), log.interactions().map { it.title })
        log.append(List(9) { click("$it") })
        assertEquals("of a batch, too", listOf("5", "6", "7", "8"), log.interactions().map { it.title })
        assertEquals(LogSize(4, log.size().bytes, 16), log.size())
    }

    @Test
    fun `the log is bounded by bytes`() {
        val limits = InteractionLog.Limits(maxBytes = 200_000)
        files.log(limits) { log ->
            repeat(100) { n -> log.append(List(50) { click("a title of some length, for the bytes $n $it") }) }
            assertTrue("${log.size()}", log.size().events in 500..4_500)
            assertEquals("a title of some length, for the bytes 99 49", log.interactions().last().title)
        }
        assertTrue("${files.file.length()}", files.file.length() in 100_000..250_000)
    }

    @Test
    fun `limits that keep nothing are refused`() {
        assertEquals(
            "maxEvents: expected at least 1, found 0; leave it out",
            assertThrows(InvalidRequestException::class.java) { InteractionLog.Limits(maxEvents = 0) }.message,
        )
        assertEquals(
            "maxBytes: expected at least 65536, found 65535; leave it out",
            assertThrows(InvalidRequestException::class.java) { InteractionLog.Limits(maxBytes = 65_535) }.message,
        )
    }

    @Test
    fun `eight threads append, and each event is there once, those of one thread in order`() = files.log { log ->
        val threads = List(8) { thread ->
            thread { repeat(50) { log.appendBlocking(listOf(click("$thread"), click("$thread-$it"))) } }
        }
        threads.forEach { it.join() }
        val titles = log.interactions().map { it.title }
        assertEquals(800, titles.size)
        for (thread in 0 until 8) {
            val own = titles.filter { it!!.startsWith("$thread-") }
            assertEquals(List(50) { "$thread-$it" }, own)
        }
        for ((first, second) in titles.chunked(2)) assertTrue("$first, $second", second!!.startsWith("$first-"))
        assertEquals((1L..800L).toList(), log.lines().map { EventRecord.decode(it).sequence })
    }

    @Test
    fun `a closed log refuses by name`() {
        val log = runBlocking { InteractionLog.open(files.file) }
        log.closeAndWait()
        log.close()
        val message = "log log.db: expected an open log, found a closed one; open it again, or close it later"
        val calls = listOf<suspend () -> Any>(
            { log.append(click("a")) },
            { log.append(listOf(click("a"))) },
            { log.show(ranking("a")) },
            { log.interactions() },
            { log.profile() },
            { log.export(0, OutputStream.nullOutputStream()) },
            { log.size() },
            { log.rotateInstallation() },
            { log.erase() },
        )
        for (call in calls) {
            assertEquals(message, assertThrows(ClosedLogException::class.java) { runBlocking { call() } }.message)
        }
    }

    @Test
    fun `the twins for Java do the same`() {
        thread {
            InteractionLog.openBlocking(files.file).use { log ->
                log.appendBlocking(click("a"))
                log.appendBlocking(listOf(click("b")))
                log.showBlocking(ranking("c"), NOW)
                assertEquals(listOf("a", "b", "c"), log.interactionsBlocking().map { it.title })
                assertEquals(Profile.from(listOf(click("a"), click("b"))), log.profileBlocking())
                log.rotateInstallationBlocking()
                assertEquals(3L, log.exportBlocking(0, OutputStream.nullOutputStream()))
                assertEquals(3L, log.sizeBlocking().events)
                log.eraseBlocking()
                assertEquals(0L, log.sizeBlocking().events)
            }
        }.joinOrThrow()
    }

    @Test
    fun `the twins for Java refuse the main thread`() = files.log { log ->
        val problem = assertThrows(MainThreadException::class.java) { log.appendBlocking(click("a")) }
        assertEquals(
            "appendBlocking: expected a background thread, found the main thread; " +
                "call the suspending function instead, or hand this to an executor",
            problem.message,
        )
    }

    @Test
    fun `a stream that asks the log back is refused`() {
        thread {
            InteractionLog.openBlocking(files.file).use { log ->
                log.appendBlocking(click("a"))
                val asking = object : OutputStream() {
                    override fun write(byte: Int) = log.eraseBlocking()
                }
                assertEquals(
                    "log log.db: expected a question from another thread, found one from its own; " +
                        "the stream of an export must not call the log",
                    assertThrows(InvalidRequestException::class.java) { log.exportBlocking(0, asking) }.message,
                )
            }
        }.joinOrThrow()
    }

    @Test
    fun `an app's log is among its databases`() {
        val context = RuntimeEnvironment.getApplication()
        val log = runBlocking { InteractionLog.open(context) }
        runBlocking { log.append(click("a")) }
        log.closeAndWait()
        assertEquals(listOf("interactions.db"), context.databaseList().filter { "-" !in it })
    }

    /** An assertion that failed on the thread fails the test. */
    private fun Thread.joinOrThrow() {
        var problem: Throwable? = null
        setUncaughtExceptionHandler { _, each -> problem = each }
        join()
        problem?.let { throw it }
    }
}
