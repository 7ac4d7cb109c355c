package com.seefud.sample

import com.seefud.recommender.Interaction
import com.seefud.recommender.InvalidRequestException
import com.seefud.recommender.Profile
import com.seefud.recommender.RecommenderException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.flow.updateAndGet
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import java.io.Closeable
import kotlin.coroutines.CoroutineContext

/**
 * Turns what a person does into what the screen shows. What is typed shows at once; what is done to a dish is kept in
 * the journal and shows as soon as it is. Every change asks for new advice; a question that a newer one has overtaken
 * is cancelled, and its answer never shown. It outlives the screen when the phone is turned, so the model is opened
 * once. Called on one thread; keeps and ranks on others.
 *
 * @param clock milliseconds since 1970
 * @param open opens the model; called again by [retry]
 */
class ShelfPresenter(
    taste: Taste,
    private val journal: Journal,
    context: CoroutineContext = Dispatchers.Default,
    private val clock: () -> Long = System::currentTimeMillis,
    private val open: suspend () -> Advisor,
) : Closeable {
    private val scope = CoroutineScope(SupervisorJob() + context)

    /** Not cancelled: who taps a dish and leaves has tapped it. */
    private val deeds = CoroutineScope(SupervisorJob() + context)
    private val current = MutableStateFlow<ShelfState>(ShelfState.Opening(taste))
    private val tracks = Tracks(journal)
    private val oneAtATime = Mutex()

    @Volatile private var closed = false

    @Volatile private var opened: Advisor? = null
    private var opening = openLater()
    private var doing: Job = Job().apply { complete() }

    @Volatile private var asking = ask()

    val state: StateFlow<ShelfState> = current.asStateFlow()

    fun change(edit: (Taste) -> Taste) {
        val before = current.value.taste
        if (current.updateAndGet { it.with(edit(it.taste)) }.taste != before) askAgain()
    }

    /** A tap: likes the dish or, if it is liked already, takes that back. */
    fun tap(pick: Pick) = act(pick) { advice, time ->
        if (likes(pick)) tracks.dismiss(pick, advice, time) else tracks.like(pick, advice, time)
    }

    /** One to five stars. */
    fun rate(pick: Pick, stars: Int) = act(pick) { advice, time -> tracks.rate(pick, stars, advice, time) }

    fun dismiss(pick: Pick) = act(pick) { advice, time -> tracks.dismiss(pick, advice, time) }

    /** What stands in the search box is meant. */
    fun settleSearch() = act(null) { _, _ -> emptyList() }

    /** Forgets everything that was done, and what is being searched for. */
    suspend fun erase() {
        val erasing =
            deeds.async {
                oneAtATime.withLock {
                    journal.erase()
                    tracks.forget()
                }
                current.update { it.with(it.taste.searching("")) }
                askAgain()
            }
        erasing.await()
    }

    /** After a failure: opens the model again, if it was that which failed, and asks again. */
    fun retry() {
        current.update { ShelfState.Opening(it.taste) }
        if (opened == null) opening = openLater()
        askAgain()
    }

    /** Waits until all that was done is kept, and the latest change is answered. */
    suspend fun settled() {
        doing.join()
        asking.join()
    }

    /** Closes the model too, also if it is only just being opened. */
    override fun close() {
        closed = true
        scope.cancel()
        opened?.close()
    }

    private fun openLater(): Deferred<Advisor> =
        scope.async {
            open().also {
                opened = it
                if (closed) it.close()
            }
        }

    /** One after the other, so that a second tap knows of the first. A dish that was found settles its search. */
    private fun act(pick: Pick?, deed: suspend (advice: Advice?, time: Long) -> List<Interaction>) {
        val before = doing
        val now = current.value
        val time = clock()
        val settles = pick == null || pick.section == Section.FOUND
        doing =
            deeds.launch {
                before.join()
                oneAtATime.withLock {
                    val search = if (settles) told { tracks.search(now.taste.query, time) } else emptyList()
                    val done = search + told { deed((now as? ShelfState.Ready)?.advice, time) }
                    if (done.isNotEmpty()) journal.keep(done)
                }
                askAgain()
            }
    }

    /** What the log does not take, such as half a character, is not kept; nothing else follows from it. */
    private inline fun told(deed: () -> List<Interaction>): List<Interaction> =
        try {
            deed()
        } catch (_: InvalidRequestException) {
            emptyList()
        }

    private suspend fun likes(pick: Pick) = Taste(journal.profile()).likes(pick.product.title)

    @Synchronized
    private fun askAgain() {
        asking.cancel()
        if (!closed) asking = ask()
    }

    private fun ask(): Job =
        scope.launch {
            val profile = journal.profile()
            val taste = knowing(profile)
            val answer =
                try {
                    val advisor = opening.await()
                    ShelfState.Ready(taste, advisor.advise(taste), advisor.model)
                } catch (mistake: RecommenderException) {
                    ShelfState.Failed(taste, Trouble.of(mistake), mistake.message.orEmpty())
                }
            val shown = current.updateAndGet { if (it.taste == taste) answer else it }
            if (shown === answer && answer is ShelfState.Ready) withContext(NonCancellable) { keepShown(answer) }
        }

    /** @throws kotlin.coroutines.cancellation.CancellationException the question is overtaken */
    @Synchronized
    private fun CoroutineScope.knowing(profile: Profile): Taste {
        ensureActive()
        return current.updateAndGet { it.with(it.taste.copy(profile = profile)) }.taste
    }

    private suspend fun keepShown(answer: ShelfState.Ready) =
        oneAtATime.withLock {
            // What was erased meanwhile stays erased.
            val stands = current.value === answer
            if (stands && tracks.isSettled(answer.taste.query)) tracks.show(answer.advice.forYou)
        }
}
