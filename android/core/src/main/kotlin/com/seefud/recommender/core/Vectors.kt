package com.seefud.recommender.core

/**
 * Inner product of two vectors that lie in longer arrays. In double precision, and in four sums, as the additions of
 * one sum wait for each other.
 */
internal fun dot(a: FloatArray, aStart: Int, b: FloatArray, bStart: Int, length: Int): Double {
    var s0 = 0.0
    var s1 = 0.0
    var s2 = 0.0
    var s3 = 0.0
    var at = 0
    while (at < length - 3) {
        s0 += a[aStart + at].toDouble() * b[bStart + at]
        s1 += a[aStart + at + 1].toDouble() * b[bStart + at + 1]
        s2 += a[aStart + at + 2].toDouble() * b[bStart + at + 2]
        s3 += a[aStart + at + 3].toDouble() * b[bStart + at + 3]
        at += 4
    }
    while (at < length) {
        s0 += a[aStart + at].toDouble() * b[bStart + at]
        at++
    }
    return (s0 + s1) + (s2 + s3)
}
