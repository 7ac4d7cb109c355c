package com.seefud.sample

import com.seefud.recommender.Product
import com.seefud.recommender.Profile
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class RankingProfileTest {
    private val known = Profile.Builder().like("soto ayam").like("gulai patin", -0.25f).search("sup ayam", 0.5f).build()

    private fun items(taste: Taste, arrivals: List<Product> = emptyList()) =
        rankingProfile(taste, arrivals).items.map { "$it" }

    @Test
    fun `the profile holds what was done and what is searched for`() {
        assertEquals(
            listOf(
                "Liked(product=${Product("soto ayam")}, weight=1.0, time=null)",
                "Liked(product=${Product("gulai patin")}, weight=-0.25, time=null)",
                "Searched(text=sup ayam, weight=0.5, time=null)",
                "Searched(text=rendang, weight=1.0, time=null)",
            ),
            items(Taste(known, query = "  rendang ")),
        )
        assertTrue(rankingProfile(Taste(query = "  ")).isEmpty)
    }

    @Test
    fun `a search that stands in the box does not count twice`() {
        assertEquals("[Searched(text=Sup  ayam, weight=1.0, time=null)]", "${items(Taste(known, query = "Sup  ayam")).drop(2)}")
    }

    @Test
    fun `an arrival gets its ingredients back`() {
        val patin = Product("gulai patin", "ikan patin, kunyit")
        assertEquals("Liked(product=$patin, weight=-0.25, time=null)", items(Taste(known), listOf(patin))[1])
    }
}
