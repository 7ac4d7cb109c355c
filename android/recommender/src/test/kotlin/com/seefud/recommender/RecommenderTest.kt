package com.seefud.recommender

import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test

class RecommenderTest {
    private val file = TestModels.file("dynamic_wi8")

    @Test
    fun `the questions of the README`() = runBlocking {
        Recommender.open(file).use { recommender ->
            val seen = listOf(recommender.products[0].title)
            val profile = Profile.of(liked = listOf(recommender.products[3].title), searched = listOf("ayam pedas"))
            val list = recommender.recommend(
                profile,
                k = 20,
                filter = Filter.exclude(seen) and Filter.withoutIngredients("udang"),
            )
            assertEquals(20, list.size)
            assertTrue(list.none { it.title in seen || it.title == recommender.products[3].title })
            assertEquals(list.map { it.score }.sortedDescending(), list.map { it.score })
            for (each in list) assertEquals(each.score, each.reasons.map { it.share }.sum(), 1e-5f)
            val arrivals = listOf(Product("Ayam bakar pedas sekali", id = "new"), recommender.products[5])
            val ranked = recommender.rank(profile, arrivals)
            assertEquals(setOf(null, 5), ranked.map { it.row }.toSet())
            assertEquals("new", ranked.single { it.row == null }.product.id)
            assertEquals(5, recommender.search("sup ayam", k = 5).size)
            assertEquals(10, recommender.similar(recommender.products[1].title, k = 10).size)
            assertEquals(4, recommender.similar(Product("unknown", "ayam, bawang"), k = 4).size)
        }
    }

    @Test
    fun `suspending and blocking twins give the same answers`() = runBlocking {
        Recommender.open(file).use {
            val profile = Profile.of(liked = listOf(it.products[2].title))
            val also = listOf(Product("ayam goreng baru"))
            val products = it.products.subList(0, 9)
            val none = Filter.none
            val list = it.recommend(profile, 9, none, 0.3f, true, also)
            assertEquals(list, it.recommendBlocking(profile, 9, none, 0.3f, true, also))
            assertEquals(it.rank(profile, products), it.rankBlocking(profile, products))
            assertEquals(it.search("ayam", 3), it.searchBlocking("ayam", 3))
            assertEquals(it.similar(products[1].title, 3), it.similarBlocking(products[1].title, 3))
        }
    }

    @Test
    fun `arrivals are ranked along with the model's own products`() = runBlocking {
        Recommender.open(file).use { recommender ->
            val arrival = Product("ayam pedas", "ayam, cabai", "a1")
            val profile = Profile.of(searched = listOf("ayam pedas"))
            val list = recommender.recommend(profile, k = recommender.info.products + 1, also = listOf(arrival))
            assertEquals(recommender.info.products + 1, list.size)
            val found = list.single { it.product.id == "a1" }
            assertNull(found.row)
            val alone = recommender.rank(profile, listOf(arrival)).single()
            assertEquals(alone.score, found.score, 0f)
        }
    }

    @Test
    fun `the app's catalogue comes back in rankings`() = runBlocking {
        val title = TestModels.bundle(file).title(4)
        val options = Recommender.Options(catalogue = listOf(Product(title.uppercase(), "udang", "id4")))
        Recommender.open(file, options).use { recommender ->
            val list = recommender.recommend(Profile.empty(), recommender.info.products)
            assertEquals("id4", list.single { it.row == 4 }.product.id)
            val without = recommender.recommend(Profile.empty(), 1_000, Filter.withoutIngredients("udang"))
            assertTrue(without.none { it.row == 4 })
        }
    }

    @Test
    fun `what the model says of itself`() = runBlocking {
        val document = TestModels.bundle(file).document
        Recommender.open(file).use { recommender ->
            val info = recommender.info
            assertEquals(file.length(), info.size)
            assertEquals(document.modelId, info.modelId)
            assertEquals("dynamic_wi8", info.recipe)
            assertTrue(info.hasIngredients)
            assertEquals(document.interactionWeights, info.interactionWeights)
            assertEquals(info.products, recommender.products.size)
            assertEquals(info.modelId, recommender.recommend(Profile.empty(), 1).modelId)
            assertEquals(
                "Recommender(ModelInfo(${info.modelId}: ${info.products} products, ${info.tokens} tokens, " +
                    "dimension ${info.dimension}, dynamic_wi8, ${info.size} bytes))",
                recommender.toString(),
            )
        }
    }

    @Test
    fun `an unknown title is told in the answer, not by an exception`() = runBlocking {
        Recommender.open(file).use { recommender ->
            assertEquals(listOf("zzzyx"), recommender.search("zzzyx").ignored)
            val unknown = recommender.rank(Profile.empty(), listOf(Product("zzzyx"))).single()
            assertFalse(unknown.known)
        }
    }
}
