package com.seefud.recommender.core

import com.seefud.recommender.BundleException
import com.seefud.recommender.InvalidEventException
import com.seefud.recommender.NewerEventException
import com.seefud.recommender.RecommenderException
import com.seefud.recommender.ReleaseException
import com.seefud.recommender.TrustedKeys
import com.sun.management.ThreadMXBean
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer
import java.security.MessageDigest
import java.util.TreeMap
import kotlin.random.Random

/**
 * What becomes of damaged copies of everything that comes from outside: none is accepted, every refusal has a name, and
 * none takes much memory. 500 copies of each; `-Dmutations=10000` takes more and prints what was found.
 */
class DamageCountTest {
    private val count = Integer.getInteger("mutations", 500)
    private val prints = System.getProperty("mutations") != null
    private val memory = ManagementFactory.getThreadMXBean() as ThreadMXBean
    private val golden = File(System.getProperty("project.root"), "tests/golden")
    private val bundle = Fixtures.bytes("dynamic_wi8/seefud.tflite")

    @Test
    fun `damaged bundles`() {
        val read = { content: ByteArray -> Bundle.read(ByteBuffer.wrap(content), "x") }
        repeat(3) { read(bundle) } // the first one loads classes
        val whole = allocated { read(bundle) }
        val most = count("bundle", bundle, BundleException::class.java) { read(it) }
        // What the undamaged file takes, and a message.
        assertTrue("$most bytes, $whole for the undamaged file", most <= whole + 50_000)
    }

    @Test
    fun `damaged files beside a good signature`() {
        val signed = ByteArray(20_000).also(Random(SEED)::nextBytes)
        val line = """{"schema":1,"key":"0123456789abcdef","release":7,"model_id":"0123456789ab","size":${signed.size},""" +
            """"sha256":"${sha256(signed)}","signature":"$ANY_DER"}""" + "\n"
        val signature = ReleaseSignature.parse(line.toByteArray(), "x.sig")
        signature.checkContent(ByteBuffer.wrap(signed), "x")
        // The first refusals load classes.
        for (damaged in listOf(signed.copyOf(9), ByteArray(signed.size))) {
            assertThrows(ReleaseException::class.java) { signature.checkContent(ByteBuffer.wrap(damaged), "x") }
        }
        val most = count("signed file", signed, ReleaseException::class.java) {
            signature.checkContent(ByteBuffer.wrap(it), "x")
        }
        assertTrue("$most bytes", most < 100_000)
    }

    @Test
    fun `damaged signatures`() {
        val trusted = TrustedKeys.ofPem(File(golden, "signature/test-keys.public.pem").readText())
        val good = File(golden, "signature/content.bin.sig").readBytes()
        ReleaseSignature.parse(good, "x.sig").check(trusted)
        val most = count("signature", good, ReleaseException::class.java) { ReleaseSignature.parse(it, "x.sig").check(trusted) }
        assertTrue("$most bytes", most < 4_000_000)
    }

    @Test
    fun `damaged lines of an export`() {
        val lines = File(golden, "export.jsonl").readLines().map { it.toByteArray() }
        lines.forEach { EventRecord.decode(String(it)) }
        val named = setOf(InvalidEventException::class.java, NewerEventException::class.java)
        val most = count("export line", lines, { it.javaClass in named }) { EventRecord.decode(String(it)) }
        assertTrue("$most bytes", most < 1_000_000)
    }

    private fun count(what: String, good: ByteArray, named: Class<out RecommenderException>, read: (ByteArray) -> Unit): Long =
        count(what, listOf(good), named::isInstance, read)

    /** [good] takes turns; the most bytes that reading one damaged copy allocated. */
    private fun count(
        what: String,
        good: List<ByteArray>,
        isNamed: (RecommenderException) -> Boolean,
        read: (ByteArray) -> Unit,
    ): Long {
        val found = TreeMap<String, Int>()
        val random = Random(SEED)
        var most = 0L
        repeat(count) { round ->
            val whole = good[round % good.size]
            var damaged = damage(whole, random)
            while (damaged.contentEquals(whole)) damaged = damage(whole, random)
            var outcome = "accepted"
            // Anything else that is thrown fails the test.
            most = maxOf(
                most,
                allocated {
                    try {
                        read(damaged)
                    } catch (problem: RecommenderException) {
                        assertTrue("$problem", isNamed(problem))
                        outcome = problem.javaClass.simpleName
                    }
                },
            )
            found.merge(outcome, 1, Int::plus)
        }
        tell(what, found, most)
        assertEquals("$what: $found", null, found["accepted"])
        assertEquals(count, found.values.sum())
        return most
    }

    private fun tell(what: String, found: Map<String, Int>, most: Long) {
        if (prints) println("$count damaged copies, $what: $found; at most $most bytes allocated for one")
    }

    private fun allocated(work: () -> Unit): Long {
        val thread = Thread.currentThread().id
        val before = memory.getThreadAllocatedBytes(thread)
        work()
        return memory.getThreadAllocatedBytes(thread) - before
    }

    /** As benchmarks/mutations.py damages: half of it near the ends, where headers and directories are. */
    private fun damage(content: ByteArray, random: Random): ByteArray {
        val near = random.nextInt(minOf(1024, content.size))
        val at = when (random.nextInt(4)) {
            0 -> near
            1 -> content.size - 1 - near
            else -> random.nextInt(content.size)
        }
        val end = minOf(at + random.nextInt(1, 33), content.size)
        val head = content.copyOf(at)
        return when (random.nextInt(8)) {
            0 -> content.clone().also { it[at] = (it[at].toInt() xor (1 shl random.nextInt(8))).toByte() }
            1 -> content.clone().also { random.nextBytes(it, at, end) }
            2 -> content.clone().also { it.fill(0, at, end) }
            3 -> head
            4 -> head + content.copyOfRange(end, content.size)
            5 -> head + random.nextBytes(random.nextInt(1, 33)) + content.copyOfRange(at, content.size)
            6 -> content.copyOf(end) + content.copyOfRange(at, content.size)
            else -> content.clone().also { it[at] = "0123456789abcdef".random(random).code.toByte() }
        }
    }

    private fun sha256(content: ByteArray) =
        MessageDigest.getInstance("SHA-256").digest(content).joinToString("") { "%02x".format(it) }

    private companion object {
        const val SEED = 5

        /** DER of r = s = 1. */
        const val ANY_DER = "MAYCAQECAQE="
    }
}
