package com.seefud.sample

import com.seefud.recommender.Product
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test

class TasteTest {
    private val soto = Product("soto ayam", "ayam, serai")
    private val sate = Product("sate jamur")

    @Test
    fun `a second tap takes away, and the newest is first`() {
        val taste = Taste().toggling(soto).toggling(sate)
        assertEquals(listOf(sate, soto), taste.liked)
        assertTrue(taste.likes("soto ayam"))
        assertEquals(listOf(sate), taste.toggling(soto.copy(ingredients = "")).liked)
        assertFalse(taste.toggling(soto).likes("soto ayam"))
    }

    @Test
    fun `ingredients are split at commas, lower-cased, kept once, and passed over where they are no words`() {
        val taste = Taste().leavingOut(" Udang, bawang putih ,, !? ").leavingOut("udang").leavingOut("   ")
        assertEquals(listOf("udang", "bawang putih"), taste.unwanted)
        assertEquals(listOf("bawang putih"), taste.allowing("udang").unwanted)
    }

    @Test
    fun `the profile holds what is liked and what is searched for`() {
        val profile = profileOf(Taste().toggling(soto).searching("  sup ayam "))
        assertEquals(
            "[Liked(product=$soto, weight=1.0, time=null), Searched(text=sup ayam, weight=1.0, time=null)]",
            profile.items.toString(),
        )
        assertTrue(profileOf(Taste(query = "  ")).isEmpty)
    }
}
