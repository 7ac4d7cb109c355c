package com.seefud.sample

import com.seefud.recommender.Interaction
import com.seefud.recommender.InteractionType

/**
 * One line of a person's data.
 *
 * @property count of dishes: more than one for a list that was shown
 */
data class JournalEntry(val interaction: Interaction, val count: Int = 1)

/** The newest first; the dishes of a list that was shown, which are many, are one line, named by the first of them. */
fun entriesOf(interactions: List<Interaction>): List<JournalEntry> {
    val entries = ArrayList<JournalEntry>()
    for (interaction in interactions) {
        val before = entries.lastOrNull()
        if (before != null && isSameList(before.interaction, interaction)) {
            entries[entries.size - 1] = before.copy(count = before.count + 1)
        } else {
            entries += JournalEntry(interaction)
        }
    }
    return entries.asReversed()
}

private fun isSameList(one: Interaction, other: Interaction): Boolean =
    one.type == InteractionType.IMPRESSION && other.type == InteractionType.IMPRESSION &&
        one.origin?.list == other.origin?.list
