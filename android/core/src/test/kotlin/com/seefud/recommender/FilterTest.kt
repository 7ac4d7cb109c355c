package com.seefud.recommender

import com.seefud.recommender.core.MadeModel
import com.seefud.recommender.core.Ranker
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class FilterTest {
    private fun candidate(title: String, ingredients: String? = null, row: Int? = 0) =
        Candidate(row, null, { title }, { ingredients })

    private val prawns = Filter.withoutIngredients("Udang", "bawang putih")

    @Test
    fun `titles meet whatever their letter case and spacing`() {
        val seen = Filter.exclude("Sate  JAMUR", "\uFF33oto")
        assertFalse(seen.accepts(candidate("sate jamur ")))
        assertFalse(seen.accepts(candidate("Soto")))
        assertTrue(seen.accepts(candidate("sate")))
        assertTrue(Filter.only("Sate  JAMUR").accepts(candidate("sate jamur")))
        assertFalse(Filter.only(emptyList()).accepts(candidate("sate")))
    }

    @Test
    fun `ingredients are compared as whole words and as phrases`() {
        assertFalse(prawns.accepts(candidate("Nasi", "nasi, UDANG, garam")))
        assertFalse(prawns.accepts(candidate("Nasi", "Bawang-Putih")))
        assertTrue(prawns.accepts(candidate("Nasi", "udangan, bawang merah, putih telur")))
        assertTrue(prawns.accepts(candidate("Nasi", "putih bawang")))
    }

    @Test
    fun `an unwanted word in the title counts too`() {
        assertFalse(prawns.accepts(candidate("Sate udang", "daging")))
        assertFalse(prawns.accepts(candidate("Ayam bawang putih!", "ayam")))
    }

    @Test
    fun `unknown ingredients leave a product out, unless it may stay`() {
        assertFalse(prawns.accepts(candidate("Nasi", null)))
        assertFalse(prawns.accepts(candidate("Nasi", " \n")))
        val lenient = Filter.withoutIngredients(listOf("udang"), keepUnknown = true)
        assertTrue(lenient.accepts(candidate("Nasi", null)))
        assertFalse(lenient.accepts(candidate("Nasi udang", null)))
        assertFalse(lenient.accepts(candidate("Nasi", "udang")))
    }

    @Test
    fun `a word without a letter is refused`() {
        val problem = assertThrows(InvalidRequestException::class.java) { Filter.withoutIngredients("udang", " !") }
        assertEquals(
            "unwanted ingredient \" !\": expected at least one letter or digit, found none; leave it out",
            problem.message,
        )
    }

    @Test
    fun `filters join by and, or, not`() {
        val long = Filter { it.title.length > 4 }
        val sate = Filter.only("sate", "sate jamur")
        assertEquals(listOf(true, false, false), accepted(long and sate))
        assertEquals(listOf(true, true, true), accepted(long or sate))
        assertEquals(listOf(false, false, true), accepted(!sate))
        assertEquals(listOf(true, true, false), accepted(!!sate))
        assertEquals(listOf(true, true, true), accepted(Filter.none))
    }

    private fun accepted(filter: Filter) = listOf("sate jamur", "sate", "rendang").map { filter.accepts(candidate(it)) }

    @Test
    fun `texts are read only when a filter looks at them`() {
        val unread = Candidate(7, "id", { error("title was read") }, { error("ingredients were read") })
        assertTrue((Filter { it.row == 7 } and Filter { it.id == "id" }).accepts(unread))
    }

    @Test
    fun `a ranking by ingredients needs some`() {
        val made = MadeModel(seed = 3, hasIngredients = false)
        val ranker = Ranker(made, made.model, emptyList())
        val expected = "filter by ingredients: expected ingredients of at least one product, found none; build the " +
            "model with --with-ingredients, or give products with their ingredients"
        val questions = listOf(prawns, Filter.none and !prawns, prawns or Filter.only("x"))
        for (filter in questions) {
            val problem = assertThrows(InvalidRequestException::class.java) { ranker.search("w0", 5, filter) }
            assertEquals(expected, problem.message)
        }
        val lenient = Filter.withoutIngredients(listOf("udang"), keepUnknown = true)
        assertEquals(made.rows, ranker.recommend(Profile.empty(), 99, lenient).size)
        val given = listOf(Product(made.titles[0], "nasi"), Product("new", "udang"), Product("newer"))
        assertEquals(listOf(made.titles[0]), ranker.rank(Profile.empty(), given, prawns).map { it.title })
        assertEquals(listOf(0), ranker.recommend(Profile.empty(), 9, prawns, also = given).map { it.row })
        assertEquals(listOf(0), Ranker(made, made.model, given).recommend(Profile.empty(), 9, prawns).map { it.row })
    }

    @Test
    fun `the bundle's own ingredients count where the app gives none`() {
        val made = MadeModel(seed = 3)
        val filter = Filter.withoutIngredients("w1", "w2")
        val expected = made.titles.indices.filter { row ->
            val words = "${made.titles[row]}, ${made.ingredients(row)}".split(" ", ",")
            made.ingredients(row)!!.isNotBlank() && "w1" !in words && "w2" !in words
        }
        val list = Ranker(made, made.model, emptyList()).recommend(Profile.empty(), 99, filter)
        assertEquals(expected.toSet(), list.mapTo(HashSet()) { it.row })
        assertTrue(expected.isNotEmpty() && expected.size < made.rows)
    }
}
