package com.seefud.recommender.core

import org.junit.Assert.assertEquals
import org.junit.Test

class TokensTest {
    private val vocabulary = listOf("nasi", "ayam", "ayam goreng", "goreng", "goreng nasi", "garam")

    private fun found(title: String, ingredients: String = "", bigrams: Boolean = true, limit: Int = 9) =
        Tokens(vocabulary::indexOf, bigrams, limit).of(title, ingredients)

    @Test
    fun `ids are distinct and ascending, whatever the order of the words`() {
        assertEquals(listOf(0, 1, 3), found("goreng NASI ayam nasi", bigrams = false).ids.asList())
        assertEquals(listOf(0, 1, 3, 4), found("goreng NASI ayam nasi").ids.asList())
    }

    @Test
    fun `pairs are the title's alone and do not reach into the ingredients`() {
        assertEquals(listOf(1, 2, 3), found("ayam goreng").ids.asList())
        assertEquals(listOf(1, 3), found("ayam", "goreng").ids.asList())
        assertEquals(listOf(1, 3, 5), found("", "ayam goreng garam").ids.asList())
    }

    @Test
    fun `a long text keeps its most common tokens and says so`() {
        val found = found("ayam goreng nasi", "garam", limit = 3)
        assertEquals(listOf(0, 1, 2), found.ids.asList())
        assertEquals(6, found.known)
        assertEquals(true, found.isShortened)
        assertEquals(false, found("ayam goreng nasi", "garam", limit = 6).isShortened)
    }

    @Test
    fun `no text and no known word give no ids`() {
        assertEquals(emptyList<Int>(), found("").ids.asList())
        assertEquals(emptyList<Int>(), found("!?", "\uD83C\uDF5C").ids.asList())
        assertEquals(0, found("soto").known)
    }
}
