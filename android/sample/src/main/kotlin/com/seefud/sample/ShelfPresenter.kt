package com.seefud.sample

import com.seefud.recommender.RecommenderException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import java.io.Closeable
import kotlin.coroutines.CoroutineContext

/**
 * Turns what a person does into what the screen shows. Every change shows at once and asks for new advice; a question
 * that a newer one has overtaken is cancelled, and its answer never shown. It outlives the screen when the phone is
 * turned, so the model is opened once. Called on one thread; ranks on others.
 *
 * @param open opens the model; called again by [retry]
 */
class ShelfPresenter(
    taste: Taste,
    context: CoroutineContext = Dispatchers.Default,
    private val open: suspend () -> Advisor,
) : Closeable {
    private val scope = CoroutineScope(SupervisorJob() + context)
    private val current = MutableStateFlow<ShelfState>(ShelfState.Opening(taste))

    @Volatile private var closed = false

    @Volatile private var opened: Advisor? = null
    private var opening = openLater()
    private var asking = ask(taste)

    val state: StateFlow<ShelfState> = current.asStateFlow()

    fun change(edit: (Taste) -> Taste) {
        val taste = edit(current.value.taste)
        if (taste == current.value.taste) return
        current.update {
            when (it) {
                is ShelfState.Opening -> ShelfState.Opening(taste)
                is ShelfState.Ready -> it.copy(taste = taste)
                is ShelfState.Failed -> it.copy(taste = taste)
            }
        }
        askAgain(taste)
    }

    /** After a failure: opens the model again, if it was that which failed, and asks again. */
    fun retry() {
        val taste = current.value.taste
        current.value = ShelfState.Opening(taste)
        if (opened == null) opening = openLater()
        askAgain(taste)
    }

    /** Waits until the latest change is answered. */
    suspend fun settled() = asking.join()

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

    private fun askAgain(taste: Taste) {
        asking.cancel()
        asking = ask(taste)
    }

    private fun ask(taste: Taste): Job =
        scope.launch {
            val answer =
                try {
                    val advisor = opening.await()
                    ShelfState.Ready(taste, advisor.advise(taste), advisor.model)
                } catch (mistake: RecommenderException) {
                    ShelfState.Failed(taste, Trouble.of(mistake), mistake.message.orEmpty())
                }
            current.update { if (it.taste == taste) answer else it }
        }
}
