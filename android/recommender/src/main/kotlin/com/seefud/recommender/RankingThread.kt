package com.seefud.recommender

import kotlinx.coroutines.suspendCancellableCoroutine
import java.io.Closeable
import java.util.concurrent.ExecutionException
import java.util.concurrent.FutureTask
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger

/**
 * One thread that answers questions in the order in which they were asked. The interpreter, or the log's database, is
 * opened, used and closed on it, so nothing else needs a lock.
 *
 * @param name of the thread
 * @param owner whom messages speak of
 * @param ownRemedy what a caller on this very thread is told
 * @param closedError what a question gets that comes after [close]
 */
internal class RankingThread(
    name: String,
    private val owner: String,
    private val ownRemedy: String = "a filter must not call the recommender",
    private val closedError: (owner: String) -> RecommenderException = ::closedRecommender,
) {
    private val isClosed = AtomicBoolean()

    /** Touched on the thread alone. */
    private var kept: Closeable? = null

    @Volatile
    private var thread: Thread? = null

    /** How many callers of [askBlocking] wait. */
    private val waiting = AtomicInteger()

    private val executor = ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, Questions()) { work ->
        Thread(work, name).also {
            it.isDaemon = true
            thread = it
        }
    }

    /** Called on the thread: `resource` is closed there, after the last answer. */
    fun keep(resource: Closeable) {
        kept = resource
    }

    /**
     * Answers on the thread. If the caller is cancelled while the question waits, it is never asked; if it is being
     * answered, the answer is dropped.
     *
     * @throws RecommenderException `closedError`: it was closed before the question's turn
     */
    suspend fun <T> ask(question: () -> T): T = suspendCancellableCoroutine { caller ->
        val task = Runnable { if (caller.isActive) caller.resumeWith(runCatching { ifOpen(question) }) }
        caller.invokeOnCancellation { executor.remove(task) }
        execute(task)
    }

    /**
     * Answers on the thread while the caller waits.
     *
     * @throws InterruptedException the caller was interrupted; a question that still waited is never asked
     * @throws RecommenderException `closedError`: it was closed before the question's turn
     * @throws InvalidRequestException the caller is this very thread, which would wait for itself
     */
    fun <T> askBlocking(question: () -> T): T {
        if (Thread.currentThread() === thread) {
            throw InvalidRequestException(owner, "a question from another thread", "one from its own", ownRemedy)
        }
        val task = FutureTask { ifOpen(question) }
        val isAlone = waiting.getAndIncrement() == 0
        try {
            execute(task)
            // Several that look for their answers would take the processor from the thread that makes them.
            if (isAlone) awake(ANSWER_NANOS) { task.isDone || Thread.currentThread().isInterrupted }
            return task.get()
        } catch (problem: ExecutionException) {
            throw problem.cause ?: problem
        } catch (problem: InterruptedException) {
            task.cancel(false)
            executor.remove(task)
            throw problem
        } finally {
            waiting.decrementAndGet()
        }
    }

    /** Returns at once. The answer being given is finished, waiting questions are refused, then the thread ends. */
    fun close() {
        if (!isClosed.compareAndSet(false, true)) return
        executor.execute { kept?.close() }
        executor.shutdown()
    }

    private fun execute(task: Runnable) {
        if (isClosed.get()) throw closed()
        try {
            executor.execute(task)
        } catch (_: RejectedExecutionException) {
            throw closed() // between the look and the call
        }
    }

    /** What waits to be answered. The thread stays awake for a moment, as questions tend to come together. */
    private class Questions : LinkedBlockingQueue<Runnable>() {
        override fun take(): Runnable {
            var next = poll()
            if (next == null) awake(QUESTION_NANOS) { poll().also { next = it } != null }
            return next ?: super.take()
        }
    }

    private fun <T> ifOpen(question: () -> T): T = if (isClosed.get()) throw closed() else question()

    private fun closed() = closedError(owner)
}

private fun closedRecommender(owner: String): RecommenderException =
    ClosedRecommenderException(owner, "an open recommender", "a closed one", "open it again, or close it later")

/** How long the thread looks for a next question before it sleeps. */
private const val QUESTION_NANOS = 50_000L

/** How long a caller looks for the answer before it sleeps; most answers take less. */
private const val ANSWER_NANOS = 1_000_000L

/**
 * Waits without sleep until [condition] holds, for [nanos] at most: to wake a thread may take longer than to answer.
 * Whoever else can run goes first.
 */
private inline fun awake(nanos: Long, condition: () -> Boolean) {
    val start = System.nanoTime()
    while (!condition() && System.nanoTime() - start < nanos) Thread.yield()
}
