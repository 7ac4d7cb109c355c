package com.seefud.recommender.core

import com.seefud.recommender.Filter
import com.seefud.recommender.Product
import com.seefud.recommender.Profile
import com.seefud.recommender.Ranking
import com.seefud.recommender.ReasonKind
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.util.Random
import kotlin.math.abs

/** [Ranker] against [NaiveRanker] on random models and questions. */
class RankerPropertyTest {
    private fun profile(made: MadeModel, random: Random): Profile {
        val builder = Profile.Builder()
        repeat(random.nextInt(11)) {
            val weight = (random.nextInt(9) - 2) / 2f
            when (random.nextInt(4)) {
                0 -> builder.search("w${random.nextInt(14)} and w${random.nextInt(14)}", weight)
                1 -> builder.like(made.newProduct("liked $it"), weight)
                else -> builder.like(made.titles[random.nextInt(made.rows)], weight)
            }
        }
        return builder.build()
    }

    private fun everyQuestion(check: (made: MadeModel, profile: Profile, random: Random) -> Unit) {
        for (seed in 1L..60L) {
            val random = Random(seed)
            val made = MadeModel(
                seed,
                rows = 1 + random.nextInt(60),
                dimension = 1 + random.nextInt(9),
                mixing = if (seed % 3 == 0L) Mixing.NONE else Mixing(random.nextDouble() - 0.3, random.nextDouble() / 4),
                wordWeight = if (seed % 2 == 0L) 0.0 else 0.1,
            )
            repeat(10) { check(made, profile(made, random), random) }
        }
    }

    /** A list is right if each place has the score of the naive list's place, and each product its naive score. */
    private fun assertSame(expected: List<NaiveRanker.Scored>, found: Ranking) {
        assertEquals(expected.size, found.size)
        val scores = HashMap<String, Double>()
        for (each in expected) scores[each.title] = each.score
        for ((place, each) in found.withIndex()) {
            assertEquals("place $place", expected[place].score, each.score.toDouble(), TOLERANCE)
            val own = scores[each.title]
            if (own != null) assertEquals(each.title, own, each.score.toDouble(), TOLERANCE)
        }
        assertEquals("a title came twice", found.size, found.map { it.title }.distinct().size)
    }

    @Test
    fun `recommend is the naive list`() = everyQuestion { made, profile, random ->
        val k = 1 + random.nextInt(25)
        val also = List(random.nextInt(6)) { made.newProduct("$it") } + Product(made.titles[0])
        val naive = NaiveRanker(made).recommend(profile, also)
        val found = Ranker(made, made.model, emptyList()).recommend(profile, k, also = also)
        assertSame(naive.take(k), found)
        val rows = naive.associate { it.title to it.row }
        for (each in found) assertEquals(each.title, rows[each.title], each.row)
    }

    @Test
    fun `ties go to the lower row, and to a row before a product without one`() = everyQuestion { made, profile, _ ->
        if (made.document.mixing !== Mixing.NONE) return@everyQuestion
        val also = List(5) { made.newProduct("$it") } + List(2) { Product("nothing known of it ${it}x") }
        val found = Ranker(made, made.model, emptyList()).recommend(profile, 70, also = also)
        for ((one, next) in found.zipWithNext()) {
            assertTrue("${one.score} before ${next.score}", one.score >= next.score)
            if (one.score != next.score) continue
            assertTrue("row ${one.row} before ${next.row}", (one.row ?: Int.MAX_VALUE) <= (next.row ?: Int.MAX_VALUE))
        }
    }

    @Test
    fun `products with a row, and those without, keep their order whatever the rule for mixing`() =
        everyQuestion { made, profile, _ ->
            val also = List(5) { made.newProduct("$it") }
            val found = Ranker(made, made.model, emptyList()).recommend(profile, 70, also = also)
            for (part in listOf(found.filter { it.row == null }, found.filter { it.row != null })) {
                assertEquals(part.map { it.score }.sortedDescending(), part.map { it.score })
            }
        }

    @Test
    fun `rank gives every product its naive score`() = everyQuestion { made, profile, random ->
        val products = made.titles.shuffled(random).take(8).map { Product(it) } + List(4) { made.newProduct("$it") }
        val found = Ranker(made, made.model, emptyList()).rank(profile, products.shuffled(random))
        assertSame(NaiveRanker(made).rank(profile, products), found)
    }

    @Test
    fun `a filter gives the list that is left after it`() = everyQuestion { made, profile, random ->
        val ranker = Ranker(made, made.model, emptyList())
        val all = ranker.recommend(profile, made.rows, explain = false)
        val some = made.titles.filter { random.nextInt(3) == 0 }
        assertEquals(all.filter { it.title in some }, ranker.recommend(profile, 99, Filter.only(some), explain = false))
        val rest = ranker.recommend(profile, 99, Filter.exclude(some), explain = false)
        assertEquals(all.filter { it.title !in some }, rest)
        assertEquals(rest, ranker.recommend(profile, 99, !Filter.only(some), explain = false))
        val mine = Filter { candidate -> candidate.title.length % 2 == 0 }
        val expected = all.filter { it.title.length % 2 == 0 || it.title in some }.take(7)
        assertEquals(expected, ranker.recommend(profile, 7, mine or Filter.only(some), explain = false))
        val narrow = ranker.recommend(profile, 99, Filter.only(some) and mine, explain = false)
        assertEquals(all.filter { it.title.length % 2 == 0 && it.title in some }, narrow)
    }

    @Test
    fun `reasons sum to the score, and each is its item's share`() = everyQuestion { made, profile, _ ->
        val found = Ranker(made, made.model, emptyList()).recommend(profile, 9, also = listOf(made.newProduct("a")))
        for (each in found) {
            val largest = each.reasons.maxOf { abs(it.share) }
            val sum = each.reasons.sumOf { it.share.toDouble() }
            assertEquals(each.score.toDouble(), sum, Math.ulp(largest).toDouble() / 2)
            assertEquals(each.reasons.sortedByDescending { it.share }, each.reasons)
            val kind = if (each.row == null) ReasonKind.NEW_PRODUCT else ReasonKind.POPULARITY
            val prior = each.row?.let { made.priors[it] } ?: NaiveRanker(made).ofNew(checkNotNull(each.product)).toFloat()
            assertEquals(prior, each.reasons.single { it.kind == kind }.share, 1e-5f)
            assertEquals("", each.reasons.single { it.kind == kind }.text)
        }
    }

    @Test
    fun `the order of a profile's items, and one factor for all weights, change no score`() =
        everyQuestion { made, profile, random ->
            val ranker = Ranker(made, made.model, emptyList())
            val builder = Profile.Builder()
            for (item in profile.items.shuffled(random)) {
                when (item) {
                    is com.seefud.recommender.ProfileItem.Liked -> builder.like(item.product, item.weight * 8)
                    is com.seefud.recommender.ProfileItem.Searched -> builder.search(item.text, item.weight * 8)
                }
            }
            val products = made.titles.map { Product(it) }
            val scores = ranker.rank(profile, products, explain = false).associate { it.row to it.score }
            val length = NaiveRanker(made).profile(profile).sumOf { it * it }
            // Where likings and dislikings cancel out, rounding decides in which direction the rest points.
            if (length > 1e-4 || profile.isEmpty) {
                for (each in ranker.rank(builder.build(), products, explain = false)) {
                    assertEquals(scores.getValue(each.row), each.score, 1e-4f)
                }
            }
        }

    private companion object {
        const val TOLERANCE = 1e-4
    }
}
