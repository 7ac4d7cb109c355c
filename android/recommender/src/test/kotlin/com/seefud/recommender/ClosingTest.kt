package com.seefud.recommender

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import java.util.concurrent.Callable
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.FutureTask
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger

/** Closing, cancelling, interrupting and sharing. A filter runs on the ranking thread, so it can hold a ranking up. */
class ClosingTest {
    private val file = TestModels.file("float32")

    /** Accepts everything once it is released, and tells when the ranking has come to it. */
    private class Gate : Filter {
        val entered = CountDownLatch(1)
        val released = CountDownLatch(1)

        override fun accepts(candidate: Candidate): Boolean {
            entered.countDown()
            check(released.await(30, TimeUnit.SECONDS)) { "nobody released the gate" }
            return true
        }

        fun awaitEntered() = check(entered.await(30, TimeUnit.SECONDS)) { "the ranking did not start" }
    }

    private class Counter : Filter {
        val asked = AtomicInteger()

        override fun accepts(candidate: Candidate): Boolean = asked.incrementAndGet() > 0
    }

    @Test
    fun `closing while ranking returns at once, lets the answer through and refuses what waits`() = runBlocking {
        val recommender = Recommender.open(file)
        val gate = Gate()
        val running = async(Dispatchers.Default) { recommender.recommend(Profile.empty(), 5, gate) }
        gate.awaitEntered()
        val counter = Counter()
        val waiting = async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) {
            runCatching { recommender.recommend(Profile.empty(), 5, counter) }
        }
        recommender.close()
        recommender.close()
        assertTrue("close waited for the ranking or cut it off", running.isActive)
        gate.released.countDown()
        assertEquals(5, running.await().size)
        val refusal = "recommender seefud.tflite: expected an open recommender, found a closed one; " +
            "open it again, or close it later"
        assertEquals(refusal, waiting.await().exceptionOrNull()?.message)
        assertEquals(0, counter.asked.get())
        val later = assertThrows(ClosedRecommenderException::class.java) { runBlocking { recommender.search("ayam") } }
        assertEquals(refusal, later.message)
        assertThrows(ClosedRecommenderException::class.java) { recommender.searchBlocking("ayam") }
        assertEquals(emptyList<String>(), RankingThreads.waitForEnd())
        assertTrue(recommender.products[0].title.isNotEmpty())
    }

    @Test
    fun `a question that is cancelled while it waits is never asked`() = runBlocking {
        Recommender.open(file).use { recommender ->
            val gate = Gate()
            val running = async(Dispatchers.Default) { recommender.recommend(Profile.empty(), 5, gate) }
            gate.awaitEntered()
            val counter = Counter()
            val waiting = launch(start = CoroutineStart.UNDISPATCHED) {
                recommender.recommend(Profile.empty(), 5, counter)
            }
            waiting.cancelAndJoin() // returns while the gate is still shut
            gate.released.countDown()
            assertEquals(5, running.await().size)
            recommender.recommend(Profile.empty(), 1)
            assertEquals(0, counter.asked.get())
        }
    }

    @Test
    fun `who is cancelled while being answered need not wait for the answer`() = runBlocking {
        Recommender.open(file).use { recommender ->
            val gate = Gate()
            val running = async(Dispatchers.Default) { recommender.recommend(Profile.empty(), 5, gate) }
            gate.awaitEntered()
            running.cancelAndJoin()
            assertThrows(CancellationException::class.java) { runBlocking { running.await() } }
            gate.released.countDown()
            assertEquals(3, recommender.recommend(Profile.empty(), 3).size)
        }
    }

    @Test
    fun `an interrupted caller stops waiting, and a question that waited is never asked`() = runBlocking {
        Recommender.open(file).use { recommender ->
            val gate = Gate()
            val running = async(Dispatchers.Default) { recommender.recommend(Profile.empty(), 5, gate) }
            gate.awaitEntered()
            val counter = Counter()
            val caller = FutureTask {
                runCatching { recommender.recommendBlocking(Profile.empty(), 5, counter) }.exceptionOrNull()
            }
            // Interrupted before or while it waits: both end its wait.
            Thread(caller).apply { start() }.interrupt()
            assertTrue(caller.get(30, TimeUnit.SECONDS) is InterruptedException)
            gate.released.countDown()
            running.await()
            recommender.recommend(Profile.empty(), 1)
            assertEquals(0, counter.asked.get())
        }
    }

    @Test
    fun `a filter that calls the recommender is refused instead of waiting for ever`() = runBlocking {
        Recommender.open(file).use { recommender ->
            val problem = assertThrows(InvalidRequestException::class.java) {
                recommender.recommendBlocking(
                    Profile.empty(),
                    5,
                    { recommender.searchBlocking("ayam").isEmpty() },
                )
            }
            assertEquals(
                "recommender seefud.tflite: expected a question from another thread, found one from its own; " +
                    "a filter must not call the recommender",
                problem.message,
            )
            assertEquals(5, recommender.recommend(Profile.empty(), 5).size)
        }
    }

    @Test
    fun `an opening that is cancelled leaves no thread and no interpreter`() = runBlocking {
        repeat(20) {
            val opening = launch(Dispatchers.Default) { Recommender.open(file).close() }
            opening.cancelAndJoin()
        }
        assertEquals(emptyList<String>(), RankingThreads.waitForEnd())
    }

    @Test
    fun `eight threads that share a recommender get the answers of one`() {
        Recommender.openBlocking(file, Recommender.Options(threads = 2)).use { recommender ->
            val titles = recommender.products.map { it.title }
            val profiles = List(40) { Profile.of(liked = listOf(titles[it], titles[2 * it + 1])) }
            val alone = profiles.map { recommender.recommendBlocking(it, 10, explain = true) }
            val start = CountDownLatch(1)
            val threads = Executors.newFixedThreadPool(8)
            val answers = List(8) { thread ->
                threads.submit(
                    Callable {
                        start.await()
                        // Each in an order of its own.
                        profiles.indices.map { (it * 7 + thread * 5) % profiles.size }
                            .associateWith { recommender.recommendBlocking(profiles[it], 10, explain = true) }
                    },
                )
            }
            start.countDown()
            for (answer in answers) {
                for ((at, list) in answer.get(60, TimeUnit.SECONDS)) assertEquals(alone[at], list)
            }
            threads.shutdown()
            assertFalse(alone.all { it == alone[0] })
        }
    }

    @Test
    fun `closing under eight busy threads gives each an answer or the refusal`() {
        repeat(10) {
            val recommender = Recommender.openBlocking(file)
            val start = CountDownLatch(1)
            val threads = Executors.newFixedThreadPool(8)
            val ends = List(8) {
                threads.submit(
                    Callable {
                        start.await()
                        generateSequence { runCatching { recommender.recommendBlocking(Profile.empty(), 3).size } }
                            .first { it != Result.success(3) }.exceptionOrNull()
                    },
                )
            }
            start.countDown()
            recommender.close()
            for (end in ends) assertTrue(end.get(30, TimeUnit.SECONDS) is ClosedRecommenderException)
            threads.shutdown()
        }
        assertEquals(emptyList<String>(), RankingThreads.waitForEnd())
    }
}
