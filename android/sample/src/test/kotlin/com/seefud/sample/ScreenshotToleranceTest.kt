package com.seefud.sample

import org.junit.Assert.assertEquals
import org.junit.Test
import java.awt.image.BufferedImage

private const val WHITE = 0xffffff

/** The comparison would notice a broken screen, and does not mind a smoother edge. */
class ScreenshotToleranceTest {
    private fun picture(width: Int = 10, colour: (Int) -> Int = { WHITE }) =
        BufferedImage(width, 10, BufferedImage.TYPE_INT_RGB).apply {
            for (y in 0 until 10) for (x in 0 until width) setRGB(x, y, colour(y * width + x))
        }

    @Test
    fun `pixels count from a channel that differs by more than 24`() {
        assertEquals(0.0, differing(picture(), picture { 0xe7e7e7 }), 0.0)
        assertEquals(1.0, differing(picture(), picture { 0xffe6ff }), 0.0)
        assertEquals(0.03, differing(picture(), picture { if (it < 3) 0 else WHITE }), 0.0)
    }

    @Test
    fun `another size differs everywhere`() = assertEquals(1.0, differing(picture(), picture(width = 9)), 0.0)

    @Test
    fun `the palette moves no pixel beyond the tolerance`() {
        val many = picture { it * 0x020100 }
        assertEquals(0.0, differing(many, inPalette(many)), 0.0)
    }
}
