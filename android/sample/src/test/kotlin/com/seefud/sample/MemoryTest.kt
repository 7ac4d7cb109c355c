package com.seefud.sample

import com.seefud.recommender.InteractionLog
import com.seefud.recommender.InteractionType
import com.seefud.recommender.core.EventRecord
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config
import java.io.ByteArrayOutputStream

/** The app as it ships remembers what is done in it: its own model and its own log, on the real runtime and SQLite. */
@RunWith(SampleRunner::class)
@Config(sdk = [24, 35], qualifiers = "w411dp-h891dp-port-hdpi")
class MemoryTest {
    private var screen = ShownScreen.open()

    @After
    fun close() = screen.close()

    private fun liked() = screen.chips(R.id.liked).map { it.text.toString() }

    private fun arrivals() = screen.cardsUnder("New arrivals").map { it.title }

    private fun refused() = screen.chips(R.id.refused).map { it.text.toString() }

    /** What an app would send away, if it asked for that. The screen is closed. */
    private fun exported(): List<EventRecord> {
        screen.close()
        val out = ByteArrayOutputStream()
        val log = runBlocking { InteractionLog.open(screen.activity.applicationContext) }
        log.use { runBlocking { it.export(0, out) } }
        screen = ShownScreen.open()
        return out.toString("UTF-8").lines().filter { it.isNotEmpty() }.map(EventRecord::decode)
    }

    @Test
    fun `what is liked, refused and searched for is there when the app is started again`() {
        screen.tap("Soto ayam lamongan")
        screen.tap("Gulai patin bumbu habang")
        screen.judge("Sup nila jogja", "Not for me")
        screen.type("rendang")
        screen.submit()
        screen.type("")
        val before = screen.rowTexts()
        screen = screen.relaunch()
        assertEquals(listOf("Gulai patin bumbu habang", "Soto ayam lamongan"), liked())
        assertEquals(listOf("Sup nila jogja"), refused())
        assertEquals(before, screen.rowTexts())
        assertFalse(screen.isShown(R.id.keeping))
    }

    @Test
    fun `stars change the list at once`() {
        val popular = screen.titlesUnder("Popular now")
        screen.judge("Soto ayam lamongan", "★★★★★")
        assertEquals(listOf("Soto ayam lamongan"), liked())
        val ranked = screen.cardsUnder("For you")
        assertNotEquals(popular, ranked.map { it.title })
        assertTrue(ranked[0].reason, ranked[0].reason.startsWith("because of soto ayam lamongan, "))
        screen.judge("Soto ayam lamongan", "★★☆☆☆")
        assertEquals(emptyList<String>(), liked())
        assertEquals(listOf("Soto ayam lamongan"), refused())
        assertFalse("Soto ayam lamongan" in screen.titlesUnder("For you"))
    }

    @Test
    fun `not for me takes a dish from the list, and an arrival too, and leaves them in the menu and to a search`() {
        val first = screen.titlesUnder("Popular now")[0]
        screen.judge(first, "Not for me")
        assertFalse(first in screen.titlesUnder("For you"))
        assertTrue(first in screen.titlesUnder("All dishes"))
        assertTrue("Sup nila jogja" in arrivals())
        screen.judge("Sup nila jogja", "Not for me")
        assertFalse("Sup nila jogja" in arrivals())
        screen.type("sup nila jogja")
        assertEquals("Sup nila jogja", screen.titlesUnder("Found")[0])
        screen.tap("Sup nila jogja")
        assertEquals(listOf("Sup nila jogja"), liked())
    }

    @Test
    fun `what is kept says which list a tap came from, and is exported as the contract wants it`() {
        val second = screen.titlesUnder("Popular now")[1]
        screen.tap(second)
        screen.type("sup ayam")
        screen.submit()
        screen.submit()
        val records = exported()
        val events = records.map { it.interaction }
        assertEquals((1..records.size).map { it.toLong() }, records.map { it.sequence })
        assertEquals(1, records.map { it.installation }.distinct().size)
        val impressions = events.filter { it.type == InteractionType.IMPRESSION }
        val model = Regex("Model ([0-9a-f]{12})").find(screen.text(R.id.footer))!!.groupValues[1]
        val lists = impressions.groupBy { it.origin?.list }
        assertEquals("each list once", 3, lists.size)
        for (list in lists.values) {
            assertEquals((1..10).toList(), list.map { it.origin?.rank })
            assertEquals(setOf(model), list.map { it.origin?.modelId }.toSet())
            val scores = list.map { it.origin!!.score!! }
            assertEquals(scores.sortedDescending(), scores)
        }
        val others = events - impressions.toSet()
        assertEquals(listOf("CLICK", "FAVORITE", "SEARCH"), others.map { it.type.name })
        for (tap in others.take(2)) {
            assertEquals(second, tap.title?.replaceFirstChar { it.titlecase() })
            assertEquals(impressions[1].origin, tap.origin)
        }
        assertEquals("sup ayam", others[2].text)
    }
}
