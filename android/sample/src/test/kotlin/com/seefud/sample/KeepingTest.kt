package com.seefud.sample

import com.seefud.recommender.InteractionType
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** What a person is told where the phone cannot keep what they do. */
@RunWith(SampleRunner::class)
@Config(sdk = [24, 35], qualifiers = "w411dp-h891dp-port-hdpi")
class KeepingTest {
    private var screen = ShownScreen.open()

    @After
    fun close() = screen.close()

    private fun liked() = screen.chips(R.id.liked).map { it.text.toString() }

    private fun assertLikes() {
        screen.tap("Soto ayam lamongan")
        assertEquals(listOf("Soto ayam lamongan"), liked())
        assertTrue(screen.isShown(R.id.keeping))
    }

    @Test
    @Config(application = FullPhoneApplication::class)
    fun `on a full phone a choice counts for now, and is kept once there is room`() {
        val application = RuntimeEnvironment.getApplication() as FullPhoneApplication
        assertLikes()
        assertEquals(
            "This phone is full. What you choose counts until the app ends, but is not kept. " +
                "Free some space and choose again.",
            screen.text(R.id.keeping),
        )
        application.room = true
        screen.tap("Sate jamur tahu")
        assertFalse(screen.isShown(R.id.keeping))
        assertEquals(listOf("Sate jamur tahu", "Soto ayam lamongan"), liked())
        val kept = runBlocking { application.journal.contents() }.newest.filter { it.type == InteractionType.FAVORITE }
        assertEquals(listOf("soto ayam lamongan", "sate jamur tahu"), kept.map { it.title })
        screen = screen.relaunch()
        assertEquals(listOf("Sate jamur tahu", "Soto ayam lamongan"), liked())
    }

    @Test
    @Config(application = DamagedLogApplication::class)
    fun `a damaged file is spoken of, and the app goes on`() {
        assertLikes()
        val words = "The file with what you did was damaged. It was set aside, and a new one begun."
        assertEquals(words, screen.text(R.id.keeping))
        screen = screen.relaunch()
        assertFalse(screen.isShown(R.id.keeping))
        assertEquals(listOf("Soto ayam lamongan"), liked())
    }

    @Test
    @Config(application = FailingLogApplication::class)
    fun `a file that cannot be written is spoken of, and a choice counts for now`() {
        assertLikes()
        assertEquals(
            "What you choose counts until the app ends, but could not be kept. Restart the phone if it stays like this.",
            screen.text(R.id.keeping),
        )
    }
}
