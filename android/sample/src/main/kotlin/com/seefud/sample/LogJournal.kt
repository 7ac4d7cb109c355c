package com.seefud.sample

import com.seefud.recommender.Interaction
import com.seefud.recommender.InteractionLog
import com.seefud.recommender.LogException
import com.seefud.recommender.LogFullException
import com.seefud.recommender.Profile
import com.seefud.recommender.Ranking
import com.seefud.recommender.ShownList
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import java.io.Closeable

/** The newest events that are shown to the person. */
private const val NEWEST = 300L

/**
 * The journal on the phone's disk. What the disk does not take is remembered until the app ends, and given to the disk
 * again with the next interaction.
 *
 * @param open opens the log; called when it is first needed, and again after [close]
 */
class LogJournal(private val open: suspend () -> InteractionLog) : Journal, Closeable {
    private val turn = Mutex()
    private val unkept = ArrayList<Interaction>()
    private val state = MutableStateFlow(Keeping.KEPT)

    @Volatile private var log: InteractionLog? = null

    /** Reading thousands of events for every letter that is typed would be slow. */
    private var profile: Profile? = null

    override val keeping: StateFlow<Keeping> = state.asStateFlow()

    override suspend fun keep(interactions: List<Interaction>) = turn.withLock {
        profile = null
        unkept += interactions
        attempt { log ->
            log.append(unkept)
            unkept.clear()
        }
        Unit
    }

    override suspend fun show(ranking: Ranking): ShownList? = turn.withLock { attempt { it.show(ranking) } }

    override suspend fun profile(): Profile = turn.withLock {
        profile ?: read().also { profile = it }
    }

    private suspend fun read(): Profile {
        val kept = attempt { log -> if (unkept.isEmpty()) log.profile() else Profile.from(log.interactions() + unkept) }
        return kept ?: Profile.from(unkept)
    }

    override suspend fun contents(): JournalContents = turn.withLock {
        val kept =
            attempt { log ->
                val size = log.size()
                JournalContents(size.events, size.bytes, log.interactions(since = maxOf(0, size.lastSequence - NEWEST)))
            }
        kept ?: JournalContents(0, 0, emptyList())
    }

    override suspend fun erase() = turn.withLock {
        opened().erase()
        unkept.clear()
        profile = null
        state.value = Keeping.KEPT
    }

    /** Gives the file back; the next call opens it again. */
    override fun close() {
        log?.close()
        log = null
    }

    private suspend fun opened(): InteractionLog = log ?: open().also { log = it }

    /** The answer, or null where the disk has none; [keeping] says why. */
    private suspend fun <T : Any> attempt(use: suspend (InteractionLog) -> T): T? =
        try {
            val log = opened()
            val answer = use(log)
            if (unkept.isEmpty()) state.value = if (log.recovered == null) Keeping.KEPT else Keeping.BEGUN_ANEW
            answer
        } catch (problem: LogException) {
            state.value = if (problem is LogFullException) Keeping.FULL else Keeping.FAILED
            null
        }
}
