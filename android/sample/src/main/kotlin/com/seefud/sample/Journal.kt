package com.seefud.sample

import com.seefud.recommender.Interaction
import com.seefud.recommender.Profile
import com.seefud.recommender.Ranking
import com.seefud.recommender.ShownList
import kotlinx.coroutines.flow.StateFlow

/** Keeps what a person does. The app's is [LogJournal]. Safe for threads. */
interface Journal {
    val keeping: StateFlow<Keeping>

    /** Keeps all of them or, where the phone is full, only remembers them until the app ends; see [keeping]. */
    suspend fun keep(interactions: List<Interaction>)

    /** Keeps that this list was shown; null where there is no room for it. */
    suspend fun show(ranking: Ranking): ShownList?

    /** What follows from everything that was done. */
    suspend fun profile(): Profile

    /** What is kept. */
    suspend fun contents(): JournalContents

    /**
     * Forgets everything.
     *
     * @throws com.seefud.recommender.LogException it is still there
     */
    suspend fun erase()
}

/**
 * What the screen of a person's data shows.
 *
 * @property events how many are kept
 * @property bytes that they take on the phone
 * @property newest the last ones, oldest first
 */
data class JournalContents(val events: Long, val bytes: Long, val newest: List<Interaction>)
