package com.seefud.sample

import com.seefud.recommender.Product
import org.junit.Assert.assertEquals
import org.junit.Test

class FoundTest {
    private val sayur = Product("sayur asem", "jagung, melinjo")
    private val soto = Product("soto ayam", "ayam, serai, jagung")
    private val sup = Product("sup ayam", "ayam, wortel")
    private val dishes = listOf(sayur, soto, sup)

    @Test
    fun `half a word finds titles`() = assertEquals(listOf(sayur), found("Say", dishes, emptyList(), 9))

    @Test
    fun `titles come first, then what the model finds alike, then ingredients, each dish once`() {
        assertEquals(listOf(sup, soto), found("ayam sup", dishes, listOf(soto, sup), 9))
        assertEquals(listOf(sup, sayur, soto), found("jagung", dishes, listOf(sup), 9))
        assertEquals(listOf(sup), found("jagung", dishes, listOf(sup), 1))
    }

    @Test
    fun `nothing is found for what nobody cooks`() =
        assertEquals(emptyList<Product>(), found("pizza", dishes, emptyList(), 9))
}
