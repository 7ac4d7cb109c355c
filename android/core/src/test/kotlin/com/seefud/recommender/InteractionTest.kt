package com.seefud.recommender

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Test

class InteractionTest {
    private val sate = Product("sate", "tusuk", "SKU-7")

    private fun refused(make: () -> Any) = assertThrows(InvalidRequestException::class.java) { make() }.message

    @Test
    fun `an interaction has the parts of its type`() {
        val origin = Origin("0123456789ab", 3, 0.5f, 17)
        val rating = Interaction.rating(sate, 4, origin, 99)
        assertEquals(InteractionType.RATING, rating.type)
        assertEquals(listOf("sate", "SKU-7", null, 4), rating.run { listOf(title, productId, text, value) })
        assertEquals(listOf(99L, origin), listOf(rating.time, rating.origin))
        val search = Interaction.search("ayam", time = 5)
        assertEquals(listOf(null, null, "ayam", null), search.run { listOf(title, productId, text, value) })
        assertNull(search.origin)
        assertNull("blank is absent", Interaction.view(Product(" ", id = "x"), time = 0).title)
        val named = listOf(
            Interaction.view(sate),
            Interaction.click(sate),
            Interaction.favorite(sate),
            Interaction.purchase(sate),
            Interaction.dismiss(sate),
            Interaction.impression(sate),
        )
        assertEquals(listOf("view", "click", "favorite", "purchase", "dismiss", "impression"), named.map { it.type.wireName })
        assertEquals("the title, not the ingredients", List(6) { "sate" }, named.map { it.title })
    }

    @Test
    fun `what the record forbids is refused`() {
        assertEquals(
            "text: expected what was searched for, found nothing; do not log empty searches",
            refused { Interaction.search(" \n") },
        )
        assertEquals(
            "title: expected a title or a product's id, found neither; say which product it was",
            refused { Interaction.click(Product("")) },
        )
        for (value in listOf(0, 6)) {
            assertEquals(
                "value: expected 1 to 5 stars, found $value; map other scales to 1 to 5",
                refused { Interaction.rating(sate, value) },
            )
        }
        assertEquals(
            "value: expected 1 to 5 stars, found nothing; map other scales to 1 to 5",
            refused { Interaction.of(InteractionType.RATING, 1, "sate") },
        )
        assertEquals(
            "value: expected none for a click, found 4; leave it out or choose another type",
            refused { Interaction.of(InteractionType.CLICK, 1, "sate", value = 4) },
        )
        assertEquals(
            "text: expected none for a view, found \"ayam\"; leave it out or choose another type",
            refused { Interaction.of(InteractionType.VIEW, 1, "sate", text = "ayam") },
        )
        assertEquals(
            "title or product: expected none for a search, found \"sate\"; leave it out or choose another type",
            refused { Interaction.of(InteractionType.SEARCH, 1, "sate", text = "ayam") },
        )
    }

    @Test
    fun `times and texts that are none are refused`() {
        for (time in listOf(-1L, 253_402_300_800_000)) {
            assertEquals(
                "time: expected milliseconds since 1970, before the year 10000, found $time; check the clock",
                refused { Interaction.view(sate, time = time) },
            )
        }
        assertEquals(
            "text: expected at most 10000 characters, found 10001; shorten it",
            refused { Interaction.search("a".repeat(10_001)) },
        )
        assertEquals(
            "title: expected text, found a NUL at place 2; leave that character out",
            refused { Interaction.view(Product("sa\u0000te")) },
        )
        for (half in listOf("ab\uD83C", "ab\uDF5C", "ab\uD83C\uD83C\uDF5C")) {
            assertEquals(
                "product: expected text, found half a character at place 2; leave that character out",
                refused { Interaction.view(Product("sate", id = half)) },
            )
        }
        Interaction.search("\uD83C\uDF5C".repeat(5_000))
    }

    @Test
    fun `an origin that cannot be is refused`() {
        assertEquals(
            "model: expected 12 of 0-9 and a-f, found \"0123456789AB\"; give Ranking.modelId",
            refused { Origin("0123456789AB") },
        )
        assertEquals(
            "rank: expected at least 1, found 0; count the places of a list from 1",
            refused { Origin(rank = 0) },
        )
        assertEquals(
            "score: expected a finite number, found NaN; leave the score out where there is none",
            refused { Origin(score = Float.NaN) },
        )
        assertEquals("list: expected at least 0, found -1; take the number from the log", refused { Origin(list = -1) })
    }

    @Test
    fun `a shown list gives the impressions and the origins of what follows`() {
        val first = Recommendation("sate", 4, 0.75f, 0.5f, true, sate, emptyList())
        val second = Recommendation("soto", null, 0.5f, 0.4f, true, Product("soto"), emptyList())
        val shown = ShownList(Ranking(listOf(first, second), emptyList(), emptyList(), "0123456789ab"), 17)
        assertEquals(
            listOf(
                Interaction.impression(sate, Origin("0123456789ab", 1, 0.75f, 17), 99),
                Interaction.impression(Product("soto"), Origin("0123456789ab", 2, 0.5f, 17), 99),
            ),
            shown.impressions(99),
        )
        assertEquals(Origin("0123456789ab", 2, 0.5f, 17), shown.origin(second))
        assertNull(shown.origin(first.copy(score = 0f)))
        assertEquals("rank: expected 1 to 2, found 3; count the places of a list from 1", refused { shown.origin(3) })
    }
}
