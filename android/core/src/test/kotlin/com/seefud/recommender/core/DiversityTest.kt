package com.seefud.recommender.core

import com.seefud.recommender.Product
import com.seefud.recommender.Profile
import com.seefud.recommender.Recommendation
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class DiversityTest {
    private val made = MadeModel(seed = 31, rows = 200, dimension = 6)
    private val ranker = Ranker(made, made.model, emptyList())
    private val profile = Profile.of(made.titles.take(3))

    private fun meanSimilarity(list: List<Recommendation>): Double {
        val vectors = list.map { made.vectors[it.row!!] }
        val pairs = vectors.indices.flatMap { one -> (0 until one).map { one to it } }
        return pairs.map { (a, b) -> dot(vectors[a], 0, vectors[b], 0, made.dimension) }.average()
    }

    @Test
    fun `a known example`() {
        // Two twins, and one apart: with any diversity the second twin waits, if its lead is small enough.
        val offers = listOf(1f, 0.9f, 0.5f).mapIndexed { row, score -> Offer(row, score, null, null) }
        val vectors = floatArrayOf(1f, 0f, 1f, 0f, 0f, 1f)
        assertArrayEquals(intArrayOf(0, 1, 2), diversified(offers, vectors, 2, 3, 0f))
        assertArrayEquals(intArrayOf(0, 1, 2), diversified(offers, vectors, 2, 3, 0.2f))
        assertArrayEquals(intArrayOf(0, 2, 1), diversified(offers, vectors, 2, 3, 0.5f))
        assertArrayEquals(intArrayOf(0, 2), diversified(offers, vectors, 2, 2, 1f))
        assertArrayEquals(intArrayOf(), diversified(emptyList(), FloatArray(0), 2, 2, 1f))
    }

    @Test
    fun `without diversity nothing changes`() {
        assertEquals(ranker.recommend(profile, 20), ranker.recommend(profile, 20, diversity = 0f))
        val nearly = ranker.recommend(profile, 20, diversity = 1e-6f, explain = false)
        assertEquals(ranker.recommend(profile, 20, explain = false).map { it.row }, nearly.map { it.row })
    }

    @Test
    fun `more diversity makes the list less alike, and keeps the best product first`() {
        val lists = listOf(0f, 0.3f, 0.6f, 1f).map { ranker.recommend(profile, 15, diversity = it) }
        for ((less, more) in lists.zipWithNext()) {
            assertTrue(meanSimilarity(more) < meanSimilarity(less))
            assertEquals(less.first(), more.first())
        }
        for (list in lists) assertEquals(15, list.map { it.row }.distinct().size)
    }

    @Test
    fun `rank with diversity still gives every product, with the same score`() {
        val products = made.titles.take(30).map { Product(it) } + List(9) { made.newProduct("$it") }
        val plain = ranker.rank(profile, products)
        val diverse = ranker.rank(profile, products, diversity = 0.5f)
        assertEquals(plain.toSet(), diverse.toSet())
        assertTrue(plain.toList() != diverse.toList())
    }
}
