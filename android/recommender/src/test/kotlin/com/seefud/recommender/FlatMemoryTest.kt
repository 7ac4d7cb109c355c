package com.seefud.recommender

import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File
import java.lang.management.BufferPoolMXBean
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer

private const val RANKINGS = 10_000
private const val PAGE = 4_096L
private const val MEGABYTE = 1L shl 20

/**
 * The memory of the whole process, the native runtime's too. The build gives the JVM a heap that is resident from the
 * start, so that what grows is not the heap. A leak of the scores of one ranking is about 2 kB, 20 MB in all.
 */
class FlatMemoryTest {
    @Test
    fun `ten thousand rankings leave memory as it was`() {
        Recommender.openBlocking(TestModels.file("dynamic_wi8")).use { recommender ->
            val profiles = List(50) { Profile.of(listOf(recommender.products[it].title), listOf("ayam pedas")) }
            repeat(RANKINGS / 2) { recommender.recommendBlocking(profiles[it % profiles.size]) }
            val before = Memory.now()
            val started = System.nanoTime()
            repeat(RANKINGS) { recommender.recommendBlocking(profiles[it % profiles.size]) }
            val each = (System.nanoTime() - started) / RANKINGS / 1_000
            val after = Memory.now()
            println("$RANKINGS rankings, $each us each: $before -> $after")
            assertTrue("direct buffers: $before -> $after", after.directBuffers <= before.directBuffers)
            assertTrue("heap: $before -> $after", after.heap - before.heap < 2 * MEGABYTE)
            assertTrue("resident: $before -> $after", after.resident - before.resident < RESIDENT_BOUND)

            // The bound means something: had each ranking left its scores behind, it would be broken.
            val leaked = List(RANKINGS) { ByteBuffer.allocateDirect(4 * recommender.info.products).put(0, 1) }
            val leaking = Memory.now()
            assertTrue("$after -> $leaking", leaking.directBuffers - after.directBuffers == leaked.size.toLong())
            assertTrue("$after -> $leaking", leaking.resident - after.resident > RESIDENT_BOUND)
        }
    }

    private data class Memory(val heap: Long, val resident: Long, val directBuffers: Long) {
        companion object {
            fun now(): Memory {
                repeat(3) { System.gc() }
                val direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean::class.java)
                    .single { it.name == "direct" }.count
                return Memory(ManagementFactory.getMemoryMXBean().heapMemoryUsage.used, resident(), direct)
            }

            /** Second number of /proc/self/statm, in pages. */
            private fun resident() = File("/proc/self/statm").readText().split(' ')[1].toLong() * PAGE
        }
    }

    private companion object {
        const val RESIDENT_BOUND = 12 * MEGABYTE
    }
}
