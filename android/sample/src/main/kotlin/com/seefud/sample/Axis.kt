package com.seefud.sample

private val ENDS = floatArrayOf(0.1f, 0.25f, 0.5f, 1f)

/**
 * Where the bars of a screen end, as a probability. Most people choose few of many dishes, so honest probabilities are
 * small, and bars up to 100 % would all look empty. All lists share one axis, and its end is written above them.
 */
fun axisEnd(probabilities: List<Float>): Float {
    val largest = probabilities.maxOrNull() ?: 0f
    return ENDS.first { it >= largest || it == 1f }
}
