package com.seefud.recommender.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.FloatBuffer
import java.util.Random

class TopKTest {
    private val top = TopK()

    private fun ranked(scores: FloatArray, k: Int, test: RowTest = RowTest { true }): List<Int> {
        top.rank(FloatBuffer.wrap(scores), k, test)
        for (place in 0 until top.size) assertEquals(scores[top.row(place)], top.score(place), 0f)
        return List(top.size) { top.row(it) }
    }

    private fun naive(scores: FloatArray, k: Int, test: RowTest = RowTest { true }): List<Int> =
        scores.indices.filter { scores[it] > Float.NEGATIVE_INFINITY && test.accepts(it) }
            .sortedWith { a, b -> if (scores[a] == scores[b]) a - b else if (scores[a] > scores[b]) -1 else 1 }
            .take(maxOf(k, 0))

    @Test
    fun `a tie goes to the lower row`() {
        assertEquals(listOf(1, 3, 0, 2), ranked(floatArrayOf(1f, 2f, 1f, 2f), 4))
        assertEquals(listOf(1, 3, 0), ranked(floatArrayOf(1f, 2f, 1f, 2f, 1f, 1f), 3))
        assertEquals(List(7) { it }, ranked(FloatArray(100), 7))
    }

    @Test
    fun `minus zero ties with zero`() {
        assertEquals(listOf(0, 1, 2), ranked(floatArrayOf(-0f, 0f, -0f), 3))
        assertEquals(listOf(1, 0), ranked(floatArrayOf(-0f, 1f, 0f, -0f), 2))
    }

    @Test
    fun `what is no number or minus infinity is never returned`() {
        val nothing = Float.NEGATIVE_INFINITY
        assertEquals(listOf(2), ranked(floatArrayOf(Float.NaN, nothing, -9f, nothing, Float.NaN, Float.NaN), 3))
        assertEquals(listOf(5, 4), ranked(floatArrayOf(Float.NaN, nothing, -9f, Float.NaN, 1f, 2f), 2))
        assertEquals(emptyList<Int>(), ranked(FloatArray(9) { nothing }, 3))
    }

    @Test
    fun `no scores or no length give an empty list`() {
        assertEquals(emptyList<Int>(), ranked(FloatArray(0), 3))
        assertEquals(emptyList<Int>(), ranked(FloatArray(3), 0))
        assertEquals(emptyList<Int>(), ranked(FloatArray(3), -1))
    }

    @Test
    fun `random scores are ranked like a stable sort, ties or not, with and without rows left out`() {
        val random = Random(20)
        repeat(4_000) { round ->
            val values = if (round % 2 == 0) 4 else 1_000_000
            val scores = FloatArray(random.nextInt(70)) { (random.nextInt(values) - values / 2) / 7f }
            if (scores.isNotEmpty() && round % 5 == 0) scores[random.nextInt(scores.size)] = Float.NEGATIVE_INFINITY
            val k = random.nextInt(30)
            val out = random.nextInt(4)
            val test = RowTest { out == 0 || it % (out + 1) != 0 }
            assertEquals("round $round", naive(scores, k, test), ranked(scores, k, test))
            val some = scores.indices.filter { random.nextInt(3) == 0 }.toIntArray()
            top.rankSome(FloatBuffer.wrap(scores), some, k, test)
            val expected = naive(scores, k, RowTest { it in some && test.accepts(it) })
            assertEquals("round $round, some", expected, List(top.size) { top.row(it) })
        }
    }

    @Test
    fun `long arrays too, with ties across them and with what is no number among them`() {
        val random = Random(21)
        repeat(300) { round ->
            val values = listOf(3, 50, 1_000_000)[round % 3]
            val scores = FloatArray(4_000 + random.nextInt(20_000)) { (random.nextInt(values) - values / 2) / 7f }
            if (round % 2 == 0) for (row in scores.indices step 2 + random.nextInt(300)) scores[row] = Float.NaN
            if (round % 5 == 0) scores.sort()
            val k = 1 + random.nextInt(60)
            val out = random.nextInt(3)
            val test = RowTest { out == 0 || it % (out + 1) != 0 }
            assertEquals("round $round", naive(scores, k, test), ranked(scores, k, test))
        }
    }

    @Test
    fun `of equal scores in one block the lower row is taken, though a higher one is seen first`() {
        val scores = FloatArray(20_000) { if (it < 10_000) 0f else -1f }
        for (row in listOf(15_001, 15_000 + 128, 15_000 + 256 + 3)) scores[row] = 5f
        assertEquals(listOf(15_001), ranked(scores, 1))
        assertEquals(listOf(15_001, 15_128), ranked(scores, 2))
        assertEquals(listOf(15_001, 15_128, 15_259, 0), ranked(scores, 4))
    }

    @Test
    fun `direct memory that cannot be written to is read, from its start to its limit, and left as it was`() {
        val random = Random(22)
        val scores = FloatArray(9_000) { random.nextFloat() }
        val bytes = ByteBuffer.allocateDirect(4 * scores.size + 4).order(ByteOrder.nativeOrder())
        bytes.asFloatBuffer().put(scores).put(9f)
        val direct = bytes.asReadOnlyBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer()
        direct.limit(scores.size).position(3)
        repeat(2) { top.rank(direct, 30, RowTest { true }) }
        assertEquals(naive(scores, 30), List(top.size) { top.row(it) })
        assertEquals(3, direct.position())
    }

    @Test
    fun `a row is tested only if its score would enter the list`() {
        val scores = FloatArray(10_000) { -it.toFloat() }
        val tested = ArrayList<Int>()
        ranked(scores, 5, RowTest { tested.add(it) })
        assertEquals(listOf(0, 1, 2, 3, 4), tested)
        tested.clear()
        scores.shuffle(kotlin.random.Random(3))
        ranked(scores, 5, RowTest { tested.add(it) })
        assertTrue("${tested.size} of 10,000 rows were tested", tested.size < 150)
        assertEquals("a row was tested twice", tested.size, tested.distinct().size)
    }
}
