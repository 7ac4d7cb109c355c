package com.seefud.recommender.core

import com.seefud.recommender.Interaction
import com.seefud.recommender.Product
import com.seefud.recommender.Profile
import com.seefud.recommender.ProfileRules
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

/** What a dismissal does to a ranking. */
class DislikeTest {
    private val made = MadeModel(seed = 21)
    private val ranker = Ranker(made, made.model, emptyList())
    private val liked = Interaction.favorite(Product(made.titles[1]), time = 1)

    private fun list(dislike: Double, vararg disliked: Int) = ranker.recommend(
        Profile.from(
            listOf(liked) + disliked.map { Interaction.dismiss(Product(made.titles[it]), time = 1) },
            ProfileRules(dislike = dislike),
        ),
        made.rows,
    )

    @Test
    fun `a product that was dismissed is not recommended, whatever a dislike counts`() {
        for (dislike in listOf(0.0, 0.5, 1.0)) {
            val rows = list(dislike, 6, 9).map { it.row }
            assertEquals(made.rows - 3, rows.size)
            assertTrue("$dislike", 1 !in rows && 6 !in rows && 9 !in rows)
        }
    }

    @Test
    fun `its twin falls, as far as the dislike counts`() {
        // Row 7 has the vector of row 6.
        val places = listOf(0.0, 0.25, 0.5, 1.0).map { dislike -> list(dislike, 6).first { it.row == 7 }.score }
        assertEquals(places.sortedDescending().distinct(), places)
        val twin = list(0.5, 6).first { it.row == 7 }
        assertTrue("${twin.reasons}", twin.reasons.first { it.text == made.titles[6] }.share < 0)
    }

    @Test
    fun `shares that speak against a product sum to its score too`() {
        for (each in list(0.5, 6, 9, 12, 30)) {
            var sum = 0f
            for (reason in each.reasons.sortedBy { it.kind.ordinal }) sum += reason.share
            assertEquals(each.title, each.score, sum, 1e-6f)
            assertEquals(each.reasons.sortedByDescending { it.share }, each.reasons)
        }
    }

    @Test
    fun `dismissals alone push away from what they are like`() {
        val profile = Profile.from(listOf(Interaction.dismiss(Product(made.titles[6]), time = 1)))
        val products = made.titles.map { Product(it) }
        val prior = ranker.rank(Profile.empty(), products).first { it.row == 7 }.score
        val twin = ranker.rank(profile, products).first { it.row == 7 }
        assertEquals("the opposite of its own vector", prior - 1f, twin.score, 1e-5f)
    }
}
