package com.seefud.recommender.core

import com.seefud.recommender.BundleException
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import java.nio.ByteBuffer
import kotlin.random.Random

/** Thousands of random damages: none passes, and none leads to anything but a named error. */
class BundleMutationTest {
    private val good = Fixtures.RECIPES.map { Fixtures.bytes("good/$it.tflite") }

    @Test
    fun `no random damage passes`() {
        val random = Random(SEED)
        repeat(ROUNDS) { round ->
            val content = good[round % good.size]
            val damaged = damage(content, random)
            if (damaged.contentEquals(content)) return@repeat
            assertThrows("round $round", BundleException::class.java) { read(damaged) }
        }
    }

    @Test
    fun `every byte of the archive counts`() {
        val content = good[0]
        val random = Random(SEED)
        for (at in Resealed(content).modelLength until content.size) {
            val damaged = content.clone()
            damaged[at] = (damaged[at].toInt() xor (1 shl random.nextInt(8))).toByte()
            assertThrows("byte $at", BundleException::class.java) { read(damaged) }
        }
    }

    @Test
    fun `a model overwritten on purpose gives a named error or is read`() {
        val random = Random(SEED)
        var refused = 0
        repeat(ROUNDS) { round ->
            val resealed = Resealed(good[round % good.size])
            repeat(random.nextInt(1, 4)) {
                val bytes = if (random.nextBoolean()) random.nextBytes(random.nextInt(1, 5)) else HARD.random(random)
                resealed.model(random.nextInt(8, resealed.modelLength - bytes.size), bytes)
            }
            // Anything but a BundleException fails the test: an index out of bounds, an endless loop.
            try {
                read(resealed.seal())
            } catch (_: BundleException) {
                refused++
            }
        }
        // Most bytes are weights and texts, which may be anything.
        assertTrue("$refused of $ROUNDS", refused in ROUNDS / 10..ROUNDS)
    }

    @Test
    fun `a document overwritten on purpose gives a named error or is read`() {
        val random = Random(SEED)
        val signs = "{}[]\",:0123456789-+.eEnulltrueNaN\\ \u0000\u007f"
        repeat(ROUNDS) { round ->
            val resealed = Resealed(good[round % good.size])
            val text = resealed.text()
            repeat(random.nextInt(1, 4)) {
                val at = random.nextInt(text.length)
                resealed.documentAt(at, signs.random(random))
            }
            try {
                read(resealed.seal())
            } catch (_: BundleException) {
            }
        }
    }

    private fun damage(content: ByteArray, random: Random): ByteArray {
        val at = random.nextInt(content.size)
        return when (random.nextInt(6)) {
            0 -> content.clone().also { it[at] = (it[at].toInt() xor (1 shl random.nextInt(8))).toByte() }
            1 -> content.copyOf(at)
            2 -> content.copyOf(at) + random.nextBytes(random.nextInt(1, 9)) + content.copyOfRange(at, content.size)
            3 -> content.copyOf(at) + content.copyOfRange(minOf(at + random.nextInt(1, 99), content.size), content.size)
            4 -> content.clone().also { random.nextBytes(it, at, minOf(at + random.nextInt(1, 99), it.size)) }
            // The end, where the archive is.
            else -> content.clone().also { it[it.size - 1 - random.nextInt(300)] = HARD.random(random)[0] }
        }
    }

    private fun read(content: ByteArray): Bundle = Bundle.read(ByteBuffer.wrap(content), "model.tflite")

    private companion object {
        const val SEED = 20_240_417
        const val ROUNDS = 1_500

        /** What is hard for a reader of lengths and offsets: 0, 1, -1, the largest and smallest numbers. */
        val HARD = listOf(
            byteArrayOf(0, 0, 0, 0),
            byteArrayOf(1, 0, 0, 0),
            byteArrayOf(-1, -1, -1, -1),
            byteArrayOf(-1, -1, -1, 0x7f),
            byteArrayOf(0, 0, 0, -0x80),
            byteArrayOf(0x7f, 0x7f),
        )
    }
}
