package com.seefud.sample

import java.awt.image.BufferedImage
import java.awt.image.DataBuffer
import java.awt.image.IndexColorModel

private const val COLOURS = 128

/**
 * The picture in its most frequent colours, each pixel in the nearest of them. A screen is made of a dozen colours and
 * the smooth edges between, so this shows no difference and makes the file a third.
 */
fun inPalette(image: BufferedImage): BufferedImage {
    val pixels = image.getRGB(0, 0, image.width, image.height, null, 0, image.width)
    val palette =
        pixels
            .toList()
            .groupingBy { it }
            .eachCount()
            .entries
            .sortedWith(compareByDescending<Map.Entry<Int, Int>> { it.value }.thenBy { it.key })
            .map { it.key }
            .spreadOut()
    val nearest = HashMap<Int, Int>()
    val model = IndexColorModel(8, palette.size, palette.toIntArray(), 0, false, -1, DataBuffer.TYPE_BYTE)
    val small = BufferedImage(image.width, image.height, BufferedImage.TYPE_BYTE_INDEXED, model)
    for (y in 0 until image.height) {
        for (x in 0 until image.width) {
            val colour = pixels[y * image.width + x]
            val index = nearest.getOrPut(colour) { palette.indices.minBy { distance(palette[it], colour) } }
            small.raster.setSample(x, y, 0, index)
        }
    }
    return small
}

/** Passes over colours that are close to a more frequent one, so that rare ones have a place too. */
private fun List<Int>.spreadOut(): List<Int> {
    val kept = ArrayList<Int>()
    for (colour in this) {
        if (kept.size == COLOURS) break
        if (kept.none { distance(it, colour) < 100 }) kept.add(colour)
    }
    return kept
}

private fun distance(one: Int, other: Int): Int =
    (0..16 step 8).sumOf { shift ->
        val difference = (one shr shift and 0xff) - (other shr shift and 0xff)
        difference * difference
    }
