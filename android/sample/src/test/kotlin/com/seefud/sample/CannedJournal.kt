package com.seefud.sample

import com.seefud.recommender.Interaction
import com.seefud.recommender.Profile
import com.seefud.recommender.Ranking
import com.seefud.recommender.ShownList
import kotlinx.coroutines.flow.MutableStateFlow

private const val BYTES_PER_EVENT = 120L

/** Keeps in memory, by the library's own rules: for pictures, and for what only the presenter decides. */
class CannedJournal : Journal {
    val events = ArrayList<Interaction>()
    private var lists = 0L

    override val keeping = MutableStateFlow(Keeping.KEPT)

    override suspend fun keep(interactions: List<Interaction>) {
        events += interactions
    }

    override suspend fun show(ranking: Ranking): ShownList =
        ShownList(ranking, lists++).also { events += it.impressions(NOW) }

    override suspend fun profile(): Profile = Profile.from(events)

    override suspend fun contents() =
        JournalContents(events.size.toLong(), events.size * BYTES_PER_EVENT, events.toList())

    override suspend fun erase() = events.clear()

    companion object {
        /** 24 November 2025, 16:00 UTC. */
        const val NOW = 1_764_000_000_000L
    }
}
