package com.seefud.recommender

import com.seefud.recommender.core.GoldenReplay
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

/** Every question of every golden file, answered by the real runtime. */
class RuntimeReplayTest {
    @Test
    fun `dynamic_wi8 on one thread`() = replay("dynamic_wi8", 1)

    @Test
    fun `dynamic_wi8 on two threads`() = replay("dynamic_wi8", 2)

    @Test
    fun `float16 on one thread`() = replay("float16", 1)

    @Test
    fun `float16 on two threads`() = replay("float16", 2)

    @Test
    fun `float32 on one thread`() = replay("float32", 1)

    @Test
    fun `float32 on two threads`() = replay("float32", 2)

    @Test
    fun `a model without tokens`() = replay("collaborative", 1)

    private fun replay(folder: String, threads: Int) {
        val bundle = TestModels.bundle(TestModels.file(folder))
        TestModels.open(bundle, threads).use { model ->
            val replay = GoldenReplay(TestModels.path("$folder/golden.json"), bundle, model)
            assertTrue("${replay.cases} cases", replay.cases > 5)
            assertEquals(emptyList<String>(), replay.mismatches())
        }
    }
}
