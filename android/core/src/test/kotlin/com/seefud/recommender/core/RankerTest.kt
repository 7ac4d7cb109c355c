package com.seefud.recommender.core

import com.seefud.recommender.Filter
import com.seefud.recommender.InvalidRequestException
import com.seefud.recommender.Product
import com.seefud.recommender.Profile
import com.seefud.recommender.Reason
import com.seefud.recommender.ReasonKind
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class RankerTest {
    private val made = MadeModel(seed = 8)
    private val ranker = Ranker(made, made.model, emptyList())
    private val day = 86_400_000L

    private fun all(made: MadeModel) = made.titles.map { Product(it) }

    private fun scores(made: MadeModel, profile: Profile): Map<Int?, Float> =
        Ranker(made, made.model, emptyList()).rank(profile, all(made)).associate { it.row to it.score }

    private fun assertClose(expected: Map<Int?, Float>, actual: Map<Int?, Float>) {
        for ((row, score) in expected) assertEquals("row $row", score, actual.getValue(row), 1e-5f)
    }

    @Test
    fun `an empty profile gives the prior`() {
        val expected = made.priors.indices.sortedByDescending { made.priors[it] }
        val list = ranker.recommend(Profile.empty(), made.rows)
        assertEquals(expected, list.map { it.row })
        for (each in list) {
            assertEquals(listOf(Reason(ReasonKind.POPULARITY, "", each.score)), each.reasons)
            assertEquals(made.document.calibration.probability(each.score), each.probability, 0f)
        }
        assertEquals("0123456789ab", list.modelId)
    }

    @Test
    fun `the profile's own products are left out, however they are written and whatever their weight`() {
        val profile = Profile.Builder().like(made.titles[3].uppercase()).like("  " + made.titles[5], -1f).build()
        val rows = ranker.recommend(profile, 99).map { it.row }
        assertEquals(made.rows - 2, rows.size)
        assertTrue(3 !in rows && 5 !in rows)
        assertEquals("rank takes what it is given", 3, ranker.rank(profile, listOf(Product(made.titles[3]))).single().row)
    }

    @Test
    fun `an unknown title joins by its words, and one without a known word is told`() {
        val profile = Profile.of(listOf("Unheard w0", "!?", "nothing at all"), listOf("w4", "gibberish", "gibberish"))
        val list = ranker.recommend(profile)
        assertEquals(listOf("!?", "nothing at all", "gibberish"), list.ignored)
        val known = Profile.of(listOf("w0"), listOf("w4"))
        assertEquals(ranker.recommend(known).map { it.score }, list.map { it.score })
        assertEquals(
            setOf("Unheard w0", "w4", ""),
            list.first().reasons.mapTo(HashSet()) { it.text },
        )
    }

    @Test
    fun `a text with more known words than the model takes is told`() {
        val long = "w0 w1 w2 w4 w5 w6 w8 w9"
        assertEquals(listOf(long), ranker.recommend(Profile.of(searched = listOf(long, long))).shortened)
        assertEquals(listOf(long), ranker.rank(Profile.empty(), listOf(Product(long))).shortened)
        assertEquals(listOf(long), ranker.recommend(Profile.empty(), also = listOf(Product(long))).shortened)
        assertEquals(emptyList<String>(), ranker.recommend(Profile.of(searched = listOf("w0 w1"))).shortened)
    }

    @Test
    fun `a history longer than one call takes is folded, not cut`() {
        val titles = made.titles.take(13)
        val single = MadeModel(seed = 8, historyLength = 1)
        val whole = MadeModel(seed = 8, historyLength = 20)
        val expected = scores(whole, Profile.of(titles))
        assertEquals(expected, scores(made, Profile.of(titles)))
        assertEquals(expected, scores(single, Profile.of(titles)))
        made.model.calls.clear()
        ranker.recommend(Profile.of(titles), explain = false)
        assertEquals(mapOf("embed_products" to 4, "score" to 1), made.model.calls)
    }

    @Test
    fun `a negative weight pushes away`() {
        val liked = scores(made, Profile.Builder().like(made.titles[2]).build())
        val refused = scores(made, Profile.Builder().like(made.titles[2], -1f).build())
        for (row in 0 until made.rows) {
            assertEquals(2 * made.priors[row], liked.getValue(row) + refused.getValue(row), 1e-5f)
        }
        assertTrue(refused.getValue(2) < made.priors[2])
    }

    @Test
    fun `weights whose sum no float can square are refused`() {
        val profile = Profile.Builder().like(made.titles[0], 1e30f).build()
        val problem = assertThrows(InvalidRequestException::class.java) { ranker.recommend(profile) }
        assertTrue(
            problem.message,
            problem.message!!.matches(
                Regex(
                    "weights of the profile: expected a sum whose square is at most 3.4028235E38, found \\S+E\\d+; " +
                        "divide all weights by one number: only their proportions count",
                ),
            ),
        )
    }

    @Test
    fun `weights fade with the age in days, if the model says so`() {
        val fading = MadeModel(seed = 8, recency = Recency.INVERSE_SQRT_AGE_DAYS)
        val profile = Profile.Builder()
            .like(made.titles[0], 2f, time = 10 * day)
            .like(made.titles[1], 1f, time = 7 * day)
            .like(made.titles[2], 3f)
            .search("w0")
            .search("w1", 1f, time = 2 * day)
            .search("w2", 1f, time = 99 * day)
            .build()
        val faded = Profile.Builder()
            .like(made.titles[0], 2f)
            .like(made.titles[1], 0.5f)
            .like(made.titles[2], 1.5f)
            .search("w0")
            .search("w1", 1f / 3)
            .search("w2")
            .build()
        assertClose(scores(fading, faded), scores(fading, profile))
        val plain = Profile.Builder().like(made.titles[0], 2f).like(made.titles[1]).like(made.titles[2], 3f)
            .search("w0").search("w1").search("w2").build()
        assertEquals("a model that does not fade", scores(made, plain), scores(made, profile))
        assertEquals("no times at all", scores(made, plain), scores(fading, plain))
    }

    @Test
    fun `times at the ends of their range do no harm`() {
        val fading = MadeModel(seed = 8, recency = Recency.INVERSE_SQRT_AGE_DAYS)
        val profile = Profile.Builder().like(made.titles[0], 1f, Long.MAX_VALUE).like(made.titles[1], 1f, Long.MIN_VALUE)
        for (score in scores(fading, profile.build()).values) assertTrue(score.isFinite())
    }

    @Test
    fun `rank gives back what it was given, twice if given twice`() {
        val ids = listOf(
            Product(made.titles[4], "salt", "a"),
            Product("w0", id = "b"),
            Product(made.titles[4].uppercase(), id = "c"),
            Product("w0", id = "d"),
            Product("unheard", id = "e"),
        )
        val list = ranker.rank(Profile.empty(), ids)
        assertEquals(setOf("a", "b", "c", "d", "e"), list.mapTo(HashSet()) { it.product.id })
        assertTrue(list.indexOfFirst { it.product.id == "a" } < list.indexOfFirst { it.product.id == "c" })
        assertEquals(listOf("b", "d", "e"), list.filter { it.row == null }.map { it.product.id })
        assertEquals(listOf("e"), list.filter { !it.known }.map { it.product.id })
        assertEquals(made.titles[4], list.first { it.product.id == "c" }.title)
        assertEquals(emptyList<Any>(), ranker.rank(Profile.empty(), emptyList()).toList())
    }

    @Test
    fun `new products join the model's in one list, without those that are liked`() {
        val profile = Profile.of(listOf("fresh w0", made.titles[1]))
        val also = listOf(Product("Fresh  W0"), Product("other w0"), Product(made.titles[1]), Product(made.titles[2], id = "x"))
        val list = ranker.recommend(profile, 99, also = also)
        assertEquals(listOf("other w0"), list.filter { it.row == null }.map { it.title })
        assertEquals(made.rows - 1 + 1, list.size)
        assertEquals("x", list.single { it.row == 2 }.product.id)
        assertEquals(listOf("other w0"), ranker.recommend(profile, 99, Filter.only("OTHER w0"), also = also).map { it.title })
    }

    @Test
    fun `the app's catalogue brings ids and ingredients`() {
        val catalogue = listOf(Product(made.titles[6].uppercase(), "pepper", "six"), Product("Unseen", "w4", "new"))
        val ranker = Ranker(made, made.model, catalogue)
        val six = ranker.recommend(Profile.empty(), 99).single { it.row == 6 }
        assertEquals(catalogue[0], six.product)
        assertEquals(made.titles[6], six.title)
        assertEquals(emptyList<String>(), ranker.recommend(Profile.of(listOf("unseen"))).ignored)
        assertEquals(listOf("unseen"), this.ranker.recommend(Profile.of(listOf("unseen"))).ignored)
        assertEquals(ranker.search("w4").map { it.score }, ranker.similar("unseen").map { it.score })
    }

    @Test
    fun `search ranks by a text, even if a product has it as its title`() {
        assertEquals(ranker.recommend(Profile.of(searched = listOf("w0")), 5).toList(), ranker.search("w0", 5).toList())
        val list = ranker.search(made.titles[0], 99)
        assertEquals(made.rows, list.size)
        val nothing = ranker.search("gibberish")
        assertTrue(nothing.isEmpty())
        assertEquals(listOf("gibberish"), nothing.ignored)
    }

    @Test
    fun `similar leaves the product out, and falls back to the text`() {
        val list = ranker.similar(made.titles[2], 99)
        assertEquals(made.rows - 1, list.size)
        assertTrue(list.none { it.row == 2 })
        assertEquals(ranker.search("w0").map { it.row }, ranker.similar("Unheard w0").map { it.row })
        assertEquals(ranker.search("w0").map { it.row }, ranker.similar(Product("Unheard", "w0")).map { it.row })
        assertEquals(listOf("Unheard"), ranker.similar("Unheard").ignored)
        assertTrue(ranker.similar("Unheard").isEmpty())
    }

    @Test
    fun `texts are embedded once, and rows are not scored for new products alone`() {
        val products = List(50) { Product("new $it w${it % 9}", "w${it % 5}") }
        made.model.calls.clear()
        val first = ranker.rank(Profile.of(searched = listOf("w0")), products)
        // Three of the fifty have no known word, and the search is one more text.
        val known = products.count { (it.title.split(' ') + it.ingredients).any { word -> made.token(word) >= 0 } }
        assertEquals(47, known)
        assertEquals(mapOf("embed_text" to known + 1), made.model.calls)
        made.model.calls.clear()
        assertEquals(first.toList(), ranker.rank(Profile.of(searched = listOf("w0")), products.map { it.copy() }).toList())
        assertEquals(emptyMap<String, Int>(), made.model.calls)
    }

    @Test
    fun `a model without words ranks by its rows alone`() {
        val made = MadeModel(seed = 2, words = 0)
        val ranker = Ranker(made, made.model, emptyList())
        val list = ranker.recommend(Profile.of(listOf(made.titles[0], "unheard"), listOf("w0")), also = listOf(Product("w1")))
        assertEquals(listOf("unheard", "w0"), list.ignored)
        assertEquals(null, made.model.calls["embed_text"])
    }

    @Test
    fun `a question that cannot be answered says why`() {
        fun message(question: () -> Unit) = assertThrows(InvalidRequestException::class.java) { question() }.message
        assertEquals(
            "k: expected at least 1, found 0; ask for at least 1 product",
            message { ranker.recommend(Profile.empty(), 0) },
        )
        assertEquals(
            "k: expected at least 1, found -3; ask for at least 1 product",
            message { ranker.search("w0", -3) },
        )
        for (wrong in listOf(-0.1f, 1.5f, Float.NaN)) {
            assertEquals(
                "diversity: expected a number from 0 to 1, found $wrong; take 0 for the best products, or a little " +
                    "more, such as 0.3",
                message { ranker.recommend(Profile.empty(), diversity = wrong) },
            )
        }
    }
}
