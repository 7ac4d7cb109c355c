package com.seefud.sample

import com.seefud.recommender.Interaction
import com.seefud.recommender.Origin
import com.seefud.recommender.Product
import org.junit.Assert.assertEquals
import org.junit.Test

class JournalEntryTest {
    private fun shown(title: String, rank: Int, list: Long) =
        Interaction.impression(Product(title), Origin("0123456789ab", rank, 0.5f, list), time = 1)

    @Test
    fun `a shown list is one line, the newest is first`() {
        val search = Interaction.search("sup", time = 1)
        val first = shown("soto", 1, 0)
        val again = shown("soto", 1, 1)
        val third = shown("sate", 1, 2)
        val events = listOf(first, shown("sate", 2, 0), again, search, third, shown("soto", 2, 2), shown("sup", 3, 2))
        assertEquals(
            listOf(JournalEntry(third, 3), JournalEntry(search), JournalEntry(again), JournalEntry(first, 2)),
            entriesOf(events),
        )
    }
}
