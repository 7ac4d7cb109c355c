package com.seefud.sample

import android.app.AlertDialog
import android.view.View
import android.widget.EditText
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNotSame
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlertDialog

/** The app as it ships: its own model, on the real runtime. */
@RunWith(SampleRunner::class)
@Config(sdk = [24, 35], qualifiers = "w411dp-h891dp-port-hdpi")
class MainActivityTest {
    private var screen = ShownScreen.open()

    @After
    fun close() = screen.close()

    @Test
    fun `nothing liked shows what is popular, what is new and the whole menu`() {
        assertEquals("Nothing yet. Tap a dish that you would eat.", screen.text(R.id.liked_empty))
        assertTrue(screen.isShown(R.id.liked_empty))
        val popular = screen.cardsUnder("Popular now")
        assertEquals(10, popular.size)
        popular.forEach { assertEquals("because many people choose it", it.reason) }
        assertEquals(12, screen.cardsUnder("New arrivals").size)
        val dishes = screen.titlesUnder("All dishes")
        assertEquals(400, dishes.size)
        assertEquals(dishes.sorted(), dishes)
        val footer = Regex("Model [0-9a-f]{12} · 14\\d( |\u00a0)?[kK]B · \\d+\\.\\d ms per ranking")
        assertTrue(screen.text(R.id.footer), footer.matches(screen.text(R.id.footer)))
    }

    @Test
    fun `a tap adds to what you like and ranks at once, a second one takes it away`() {
        val before = screen.titlesUnder("Popular now")
        screen.tap("Soto ayam lamongan")
        assertEquals(listOf("Soto ayam lamongan"), screen.chips(R.id.liked).map { it.text.toString() })
        assertFalse(screen.isShown(R.id.liked_empty))
        val ranked = screen.cardsUnder("For you")
        assertNotEquals(before, ranked.map { it.title })
        assertFalse("Soto ayam lamongan" in ranked.map { it.title })
        val reason = Regex("because of soto ayam lamongan, \\d+%")
        assertTrue(ranked[0].reason, reason.matches(ranked[0].reason))
        assertTrue(ranked[0].percent, Regex("\\d+%|< 1%").matches(ranked[0].percent))
        assertFalse(screen.isShown(R.id.refused))
        screen.tapChip(R.id.liked, "Soto ayam lamongan")
        assertTrue(screen.isShown(R.id.liked_empty))
        assertEquals(listOf("Soto ayam lamongan"), screen.chips(R.id.refused).map { it.text.toString() })
        assertFalse("Soto ayam lamongan" in screen.titlesUnder("For you"))
        screen.tapChip(R.id.refused, "Soto ayam lamongan")
        assertEquals(listOf("Soto ayam lamongan"), screen.chips(R.id.liked).map { it.text.toString() })
        assertFalse(screen.isShown(R.id.refused))
        assertEquals(ranked.map { it.title }, screen.titlesUnder("For you"))
    }

    @Test
    fun `an arrival can be liked too, by its ingredients`() {
        screen.tap("Gulai patin bumbu habang")
        val first = screen.cardsUnder("For you")[0]
        assertTrue(first.reason, first.reason.startsWith("because of gulai patin bumbu habang, "))
    }

    @Test
    fun `a search shows dishes, moves the ranking, and can be cleared`() {
        screen.type("sup aya")
        val found = screen.titlesUnder("Found")
        assertTrue("$found", found.first().startsWith("Sup ayam"))
        screen.type("sup ayam")
        val reasons = screen.cardsUnder("For you").map { it.reason }
        assertTrue("$reasons", reasons[0].startsWith("because of your search “sup ayam”, "))
        assertTrue(screen.isShown(R.id.clear))
        screen.activity.required<View>(R.id.clear).performClick()
        screen.settle()
        assertFalse(screen.isShown(R.id.clear))
        assertEquals(10, screen.cardsUnder("Popular now").size)
    }

    @Test
    fun `a search for nothing that is cooked here says so`() {
        screen.type("qwxyz")
        val texts = screen.rowTexts().take(3)
        assertEquals(listOf("Found"), texts[0])
        assertEquals(listOf("No dish found for “qwxyz”. Try ayam, sup or pedas."), texts[1])
        assertEquals("Popular now", texts[2][0])
    }

    @Test
    fun `an unwanted ingredient leaves every list, until its chip is tapped`() {
        screen.tapChip(R.id.unwanted, "Ingredient")
        val dialog = ShadowAlertDialog.getLatestDialog() as AlertDialog
        requireNotNull(dialog.findViewById<EditText>(R.id.ingredient)).setText("Ayam, Santan")
        dialog.getButton(AlertDialog.BUTTON_POSITIVE).performClick()
        screen.settle()
        assertEquals(listOf("Ayam", "Santan", "Ingredient"), screen.chips(R.id.unwanted).map { it.text.toString() })
        val cards = listOf("Popular now", "New arrivals", "All dishes").flatMap { screen.textsUnder(it) }
        assertTrue("${cards.size} cards", cards.size > 100)
        val word = Regex("\\b(ayam|santan)\\b", RegexOption.IGNORE_CASE)
        cards.forEach { assertFalse("$it", word.containsMatchIn("$it")) }
        val left = screen.titlesUnder("All dishes").size
        screen.tapChip(R.id.unwanted, "Santan")
        assertTrue(screen.titlesUnder("All dishes").size > left)
        screen.tapChip(R.id.unwanted, "Ayam")
        assertEquals(400, screen.titlesUnder("All dishes").size)
    }

    @Test
    fun `leaving everything out says how to go on`() {
        val words = screen.textsUnder("All dishes").flatMap { it[1].lowercase().split(Regex("[^a-z]+")) }.distinct()
        screen.activity.presenter.change { it.leavingOut(words.joinToString(",")) }
        screen.settle()
        assertEquals(
            listOf(
                listOf("Popular now"),
                listOf("Every dish has something that you leave out. Allow an ingredient again."),
                listOf("New arrivals", "The model never saw these. It judges them by their ingredients."),
                listOf("Nothing new without these ingredients."),
            ),
            screen.rowTexts(),
        )
    }

    @Test
    fun `turning the phone keeps the taste, the answer and the open model`() {
        screen.tap("Soto ayam lamongan")
        screen.type("sup")
        screen.activity.presenter.change { it.leavingOut("udang") }
        screen.settle()
        val before = screen.rowTexts()
        val activity = screen.activity
        screen.turn { RuntimeEnvironment.setQualifiers("+w891dp-h411dp-land") }
        assertNotSame(activity, screen.activity)
        assertSame(activity.presenter, screen.activity.presenter)
        assertEquals(before, screen.rowTexts())
        assertEquals("sup", screen.text(R.id.query))
        assertEquals(listOf("Soto ayam lamongan"), screen.chips(R.id.liked).map { it.text.toString() })
        assertEquals(listOf("Udang", "Ingredient"), screen.chips(R.id.unwanted).map { it.text.toString() })
    }

    @Test
    fun `a half-typed ingredient survives turning the phone`() {
        screen.tapChip(R.id.unwanted, "Ingredient")
        val first = ShadowAlertDialog.getLatestDialog() as AlertDialog
        requireNotNull(first.findViewById<EditText>(R.id.ingredient)).setText("uda")
        screen.turn { RuntimeEnvironment.setQualifiers("+w891dp-h411dp-land") }
        val second = ShadowAlertDialog.getLatestDialog() as AlertDialog
        assertNotSame(first, second)
        assertFalse(first.isShowing)
        assertEquals("uda", requireNotNull(second.findViewById<EditText>(R.id.ingredient)).text.toString())
    }

    @Test
    fun `the question about a dish survives turning the phone, and knows its dish`() {
        screen.card("Soto ayam lamongan").more.performClick()
        val first = ShadowAlertDialog.getLatestDialog() as AlertDialog
        screen.turn { RuntimeEnvironment.setQualifiers("+w891dp-h411dp-land") }
        val second = ShadowAlertDialog.getLatestDialog() as AlertDialog
        assertNotSame(first, second)
        assertFalse(first.isShowing)
        screen.choose(second, "★★★★☆")
        assertEquals(listOf("Soto ayam lamongan"), screen.chips(R.id.liked).map { it.text.toString() })
    }

    @Test
    fun `the system may put the app away and start it again`() {
        screen.tap("Gulai patin bumbu habang")
        val before = screen.rowTexts()
        val presenter = screen.activity.presenter
        screen = screen.putAwayAndBack()
        assertNotSame(presenter, screen.activity.presenter)
        assertEquals(before, screen.rowTexts())
    }
}
