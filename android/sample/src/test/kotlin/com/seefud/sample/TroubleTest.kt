package com.seefud.sample

import android.view.View
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config
import java.io.File

/** Models that cannot be opened, by the real library. */
@RunWith(SampleRunner::class)
@Config(sdk = [24, 35], qualifiers = "w411dp-h891dp-port-hdpi")
class TroubleTest {
    private val screen = ShownScreen.open()

    @After
    fun close() = screen.close()

    private fun assertSays(title: String, detail: String) {
        assertTrue(screen.isShown(R.id.trouble))
        assertFalse(screen.isShown(R.id.shelf))
        assertEquals(title, screen.text(R.id.trouble_title))
        assertTrue(screen.text(R.id.trouble_detail), detail in screen.text(R.id.trouble_detail))
    }

    @Test
    @Config(application = MissingModelApplication::class)
    fun `a missing model`() = assertSays("The model is not in this app", "absent.tflite")

    @Test
    @Config(application = CompressedModelApplication::class)
    fun `a compressed model`() = assertSays("The model was packed the wrong way", "noCompress")

    @Test
    @Config(application = DamagedModelApplication::class)
    fun `a damaged model, and another try when it was mended`() {
        assertSays("The model is damaged", "cut.tflite")
        val application = screen.activity.application as DamagedModelApplication
        File(System.getProperty("fixtures"), "dynamic_wi8/seefud.tflite").copyTo(application.file, overwrite = true)
        screen.activity.required<View>(R.id.try_again).performClick()
        screen.settle()
        assertFalse(screen.isShown(R.id.trouble))
        assertEquals(10, screen.cardsUnder("Popular now").size)
    }
}
