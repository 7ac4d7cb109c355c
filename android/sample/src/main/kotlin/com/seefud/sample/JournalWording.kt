package com.seefud.sample

import android.content.res.Resources
import com.seefud.recommender.Interaction
import com.seefud.recommender.InteractionType

/** What was done, in a sentence. */
class JournalWording(private val resources: Resources, private val wording: Wording) {
    fun sentence(entry: JournalEntry): String {
        val interaction = entry.interaction
        val dish = wording.quoted(wording.title(interaction.title ?: interaction.productId.orEmpty()))
        return when (interaction.type) {
            InteractionType.SEARCH ->
                resources.getString(R.string.did_search, wording.quoted(interaction.text.orEmpty()))
            InteractionType.RATING -> stars(interaction, dish)
            InteractionType.FAVORITE -> resources.getString(R.string.did_like, dish)
            InteractionType.DISMISS -> resources.getString(R.string.did_dismiss, dish)
            InteractionType.VIEW, InteractionType.CLICK -> resources.getString(R.string.did_tap, dish)
            InteractionType.PURCHASE -> resources.getString(R.string.did_buy, dish)
            InteractionType.IMPRESSION -> shown(entry, dish)
        }
    }

    fun size(contents: JournalContents): String {
        val events = wording.number(contents.events.toInt())
        val bytes = wording.size(contents.bytes)
        return resources.getQuantityString(R.plurals.data_size, contents.events.toInt(), events, bytes)
    }

    private fun stars(interaction: Interaction, dish: String): String {
        val stars = interaction.value ?: 0
        return resources.getQuantityString(R.plurals.did_rate, stars, wording.number(stars), dish)
    }

    private fun shown(entry: JournalEntry, dish: String): String {
        val others = entry.count - 1
        if (others == 0) return resources.getString(R.string.did_see, dish)
        return resources.getQuantityString(R.plurals.did_see_list, others, dish, wording.number(others))
    }
}
