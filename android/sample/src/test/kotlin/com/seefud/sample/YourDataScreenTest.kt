package com.seefud.sample

import android.app.AlertDialog
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotSame
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowDialog

/** What is kept, shown to whom it is about, by the app as it ships. */
@RunWith(SampleRunner::class)
@Config(sdk = [24, 35], qualifiers = "w411dp-h891dp-port-hdpi")
class YourDataScreenTest {
    private val screen = ShownScreen.open()
    private lateinit var data: ShownData

    @After
    fun close() = screen.close()

    private fun open() {
        data = ShownData.open(screen)
    }

    @Test
    fun `shows how much is kept, the newest first, in words`() {
        screen.tap(screen.titlesUnder("Popular now")[0])
        val liked = screen.chips(R.id.liked)[0].text
        screen.judge("Soto ayam lamongan", "★★★☆☆")
        screen.judge("Sup nila jogja", "Not for me")
        screen.type("rendang")
        screen.submit()
        open()
        val size = Regex("[4-6]\\d entries, \\d+([.,]\\d+)?[ \u00a0][kK]B on this phone")
        assertTrue(data.text(R.id.data_size), size.matches(data.text(R.id.data_size)))
        val deeds = data.rows().map { it[0] }
        val shown = Regex("You were shown .+ and 9 more")
        assertEquals("You searched for “rendang”", deeds.first { !shown.matches(it) })
        val others = deeds.filter { !shown.matches(it) }
        val expected = listOf(
            "You searched for “rendang”",
            "You want less of Sup nila jogja",
            "You gave Soto ayam lamongan 3 stars",
            "You liked $liked",
            "You tapped $liked",
        )
        assertEquals(expected, others)
        assertTrue("$deeds", shown.matches(deeds.last()))
        assertTrue(data.rows().all { it[1].isNotBlank() })
    }

    @Test
    fun `erasing asks first, and then everything is back to what is popular`() {
        val popular = screen.titlesUnder("Popular now")
        screen.tap("Soto ayam lamongan")
        screen.type("sup")
        screen.submit()
        open()
        data.tap(R.id.erase)
        data.answer(AlertDialog.BUTTON_NEGATIVE)
        assertTrue(data.rows().isNotEmpty())
        data.tap(R.id.erase)
        data.answer(AlertDialog.BUTTON_POSITIVE)
        data.tap(R.id.back)
        assertFalse(data.dialog.isShowing)
        assertEquals(popular, screen.titlesUnder("Popular now"))
        assertTrue(screen.isShown(R.id.liked_empty))
        assertEquals("", screen.text(R.id.query))
        open()
        assertEquals(listOf("You were shown ${popular[0]} and 9 more"), data.rows().map { it[0] })
    }

    @Test
    fun `stays open when the phone is turned`() {
        open()
        val before = data.dialog
        screen.turn { RuntimeEnvironment.setQualifiers("+w891dp-h411dp-land") }
        val after = ShadowDialog.getLatestDialog()
        assertNotSame(before, after)
        assertFalse(before.isShowing)
        assertTrue(after.isShowing)
    }
}
