package com.seefud.recommender

import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/**
 * What a profile costs: a measurement, no test, and not run with the tests. From android/jvm:
 *
 *     mvn -pl log -am -Dtest=ProfileCost -Dsurefire.failIfNoSpecifiedTests=false test
 */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], manifest = Config.NONE)
class ProfileCost {
    @get:Rule
    internal val files = LogFiles()

    @Test
    fun `a profile of 10,000 events against reading their rows`() = files.log { log ->
        log.append(
            List(EVENTS) {
                val product = Product("Dish number ${it * 7919L % 1500}", id = "SKU-${it * 7919L % 1500}")
                when (it % 5) {
                    0 -> Interaction.search("word ${it % 97} word", time = NOW + it * 1000L)
                    1 -> Interaction.rating(product, 1 + it % 5, time = NOW + it * 1000L)
                    else -> Interaction.click(product, Origin("0123456789ab", 1 + it % 20, 0.5f, it / 20L), NOW + it * 1000L)
                }
            },
        )
        val rows = best { log.interactions() }
        val profile = best { log.profile() }
        println("$EVENTS events: rows %.1f ms, profile (rows included) %.1f ms, %.2f times".format(rows, profile, profile / rows))
    }

    /** Milliseconds of the fastest of some rounds. */
    private suspend fun best(work: suspend () -> Any): Double = List(ROUNDS) {
        val start = System.nanoTime()
        work()
        (System.nanoTime() - start) / 1e6
    }.min()

    private companion object {
        const val EVENTS = 10_000
        const val ROUNDS = 15
    }
}
