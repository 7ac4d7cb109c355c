package com.seefud.sample

import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.view.View
import org.junit.Assert.fail
import java.awt.image.BufferedImage
import java.io.File
import javax.imageio.ImageIO
import kotlin.math.abs

private const val LARGEST_REFERENCE = 60_000L
private const val CHANNEL_TOLERANCE = 24
private const val DIFFERING_PART = 0.02

/**
 * Draws the view, leaves the picture in target/screenshots and compares it with the reference. Fonts and drawing differ
 * a little between versions, so 2 % of the pixels may differ by more than 24 of 255.
 *
 * New references: `mvn -Dscreenshots.record=true` with the module `screens`; then look at every one of them.
 */
fun assertLooksLike(name: String, view: View) {
    val shot = drawn(view)
    val file = File(System.getProperty("screenshots"), "$name.png").apply { parentFile.mkdirs() }
    ImageIO.write(inPalette(shot), "png", file)
    val reference = File(System.getProperty("screenshots.references"), "$name.png")
    if (System.getProperty("screenshots.record").toBoolean()) {
        reference.parentFile.mkdirs()
        file.copyTo(reference, overwrite = true)
    }
    if (!reference.exists()) fail("no reference $reference; look at $file and record it: -Dscreenshots.record=true")
    val size = reference.length()
    if (size > LARGEST_REFERENCE) fail("$reference has $size bytes, at most $LARGEST_REFERENCE are allowed")
    val difference = differing(ImageIO.read(reference), shot)
    if (difference > DIFFERING_PART) {
        val percent = "%.1f".format(100 * difference)
        fail("$name: $percent % of the pixels differ, at most 2 % may; compare $file with $reference")
    }
}

/** The part of pixels with a channel that differs by more than the tolerance; 1 if the sizes differ. */
fun differing(one: BufferedImage, other: BufferedImage): Double {
    if (one.width != other.width || one.height != other.height) return 1.0
    var count = 0
    for (y in 0 until one.height) {
        for (x in 0 until one.width) {
            val a = one.getRGB(x, y)
            val b = other.getRGB(x, y)
            val largest = (0..16 step 8).maxOf { abs((a shr it and 0xff) - (b shr it and 0xff)) }
            if (largest > CHANNEL_TOLERANCE) count++
        }
    }
    return count.toDouble() / (one.width * one.height)
}

private fun drawn(view: View): BufferedImage {
    val bitmap = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
    // What shows through beside the round corners of a dialog.
    bitmap.eraseColor(Color.GRAY)
    view.draw(Canvas(bitmap))
    val pixels = IntArray(bitmap.width * bitmap.height)
    bitmap.getPixels(pixels, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height)
    val image = BufferedImage(bitmap.width, bitmap.height, BufferedImage.TYPE_INT_RGB)
    image.setRGB(0, 0, bitmap.width, bitmap.height, pixels, 0, bitmap.width)
    return image
}
