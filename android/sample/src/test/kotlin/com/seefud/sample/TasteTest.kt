package com.seefud.sample

import com.seefud.recommender.Product
import com.seefud.recommender.Profile
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test

class TasteTest {
    private val soto = Product("soto ayam", "ayam, serai")
    private val sate = Product("sate jamur")

    @Test
    fun `liked is what the profile says is liked, newest first, and the rest is refused`() {
        val patin = Product("gulai patin")
        val profile = Profile.Builder().like(soto).like(patin, -0.25f).like(sate, 0.3f).search("sup").build()
        val taste = Taste(profile)
        assertEquals(listOf(sate, soto), taste.liked)
        assertEquals(listOf(patin), taste.refused)
        assertTrue(taste.likes("soto ayam"))
        assertFalse(taste.likes("gulai patin"))
        assertTrue(taste.refuses("gulai patin"))
        assertFalse(taste.refuses("soto ayam"))
    }

    @Test
    fun `ingredients are split at commas, lower-cased, kept once, and passed over where they are no words`() {
        val taste = Taste().leavingOut(" Udang, bawang putih ,, !? ").leavingOut("udang").leavingOut("   ")
        assertEquals(listOf("udang", "bawang putih"), taste.unwanted)
        assertEquals(listOf("bawang putih"), taste.allowing("udang").unwanted)
    }
}
