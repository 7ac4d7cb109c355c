package com.seefud.recommender.core

import com.seefud.recommender.Filter
import com.seefud.recommender.Profile
import com.sun.management.ThreadMXBean
import org.junit.Assert.assertTrue
import org.junit.Test
import java.lang.management.ManagementFactory
import java.nio.FloatBuffer

class AllocationTest {
    private val counter = ManagementFactory.getThreadMXBean() as ThreadMXBean
    private val thread = Thread.currentThread().id

    /** A model that allocates nothing: what is counted is the ranker's own. */
    private class Still(private val dimension: Int, products: Int) : Model {
        private val scores = FloatBuffer.wrap(FloatArray(products) { 1f / (1 + it) })

        override fun recommend(history: IntArray, weights: FloatArray, items: IntArray, scores: FloatArray) = Unit

        override fun embedProducts(products: IntArray, vectors: FloatArray) {
            for (slot in products.indices) vectors[slot * dimension] = if (products[slot] < 0) 0f else 1f
        }

        override fun embedText(tokens: IntArray, vector: FloatArray) = Unit

        override fun score(profile: FloatArray): FloatBuffer = scores
    }

    private fun bytesPerQuestion(products: Int, question: (Ranker, Profile) -> Unit): Long {
        val made = MadeModel(seed = 1, rows = products, dimension = 8, historyLength = 16)
        val ranker = Ranker(made, Still(8, products), emptyList())
        val profile = Profile.of(made.titles.take(20))
        repeat(50) { question(ranker, profile) }
        // The least of several: a garbage collection or the compiler may add to one, never take away.
        return (1..20).minOf {
            val before = counter.getThreadAllocatedBytes(thread)
            question(ranker, profile)
            counter.getThreadAllocatedBytes(thread) - before
        }
    }

    private fun assertFlat(question: (Ranker, Profile) -> Unit) {
        val few = bytesPerQuestion(10_000, question)
        val many = bytesPerQuestion(100_000, question)
        assertTrue("$few bytes of 10,000 products, $many of 100,000", many <= few + 1_024)
        assertTrue("$many bytes", many < 100_000)
    }

    @Test
    fun `what a question allocates does not grow with the catalogue`() {
        assertFlat { ranker, profile -> ranker.recommend(profile, 20) }
    }

    @Test
    fun `nor with a filter`() {
        val filter = Filter.exclude("Dish 21 w1", "Dish 22 w2") and Filter { it.row != 25 }
        assertFlat { ranker, profile -> ranker.recommend(profile, 20, filter, explain = false) }
    }
}
