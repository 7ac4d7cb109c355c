package com.seefud.recommender.core

import java.nio.Buffer
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.security.MessageDigest
import java.util.zip.CRC32

/**
 * A stretch of a file, mapped or in memory. It is read in pieces, so that opening a large file does not bring its bytes
 * to the heap. Immutable; several threads may read.
 *
 * @property start place in [whole], in bytes
 * @property length in bytes
 */
internal class FileBytes(private val whole: ByteBuffer, val start: Int, val length: Int) {
    init {
        require(start >= 0 && length >= 0 && length <= whole.limit() - start) { "$start + $length of ${whole.limit()}" }
    }

    /** The stretch from [from] (counted from this one's start) of [length] bytes. */
    fun part(from: Int, length: Int): FileBytes = FileBytes(whole, start + from, length)

    /** A view of the bytes; its position is 0 and its limit [length]. Direct where the file's buffer is. */
    fun buffer(order: ByteOrder): ByteBuffer {
        val view = whole.duplicate()
        // As a Buffer: that these return a ByteBuffer is newer than Android 7.
        val bounds: Buffer = view
        bounds.limit(start + length)
        bounds.position(start)
        return view.slice().order(order)
    }

    /** A copy of the [length] bytes from [from]. */
    fun copy(from: Int = 0, length: Int = this.length - from): ByteArray {
        val copy = ByteArray(length)
        copyInto(copy, from, length)
        return copy
    }

    /** Copies [length] bytes from [from] to the start of [target]. */
    fun copyInto(target: ByteArray, from: Int, length: Int) {
        require(from >= 0 && length >= 0 && length <= this.length - from) { "$from + $length of ${this.length}" }
        val view = whole.duplicate()
        val bounds: Buffer = view
        bounds.position(start + from)
        view.get(target, 0, length)
    }

    /** All bytes in order, in pieces: [action] gets an array that is used again, and how many of its bytes count. */
    inline fun forEachPiece(action: (piece: ByteArray, length: Int) -> Unit) {
        val view = buffer(ByteOrder.LITTLE_ENDIAN)
        val piece = ByteArray(minOf(PIECE, length))
        while (view.hasRemaining()) {
            val count = minOf(piece.size, view.remaining())
            view.get(piece, 0, count)
            action(piece, count)
        }
    }

    /** SHA-256 in lower-case hexadecimal digits. */
    fun sha256(): String {
        val digest = MessageDigest.getInstance("SHA-256")
        forEachPiece { piece, count -> digest.update(piece, 0, count) }
        return digest.digest().joinToString("") { HEX[it.toInt() shr 4 and 15].toString() + HEX[it.toInt() and 15] }
    }

    /** CRC-32 as a zip records it. */
    fun crc32(): Int {
        val crc = CRC32()
        forEachPiece { piece, count -> crc.update(piece, 0, count) }
        return crc.value.toInt()
    }

    /** Whether the bytes are exactly [expected]. */
    fun isEqualTo(expected: ByteArray): Boolean = length == expected.size && copy().contentEquals(expected)

    internal companion object {
        /** Bytes that are read at once: large enough to be copied fast, small enough for a phone's cache. */
        const val PIECE: Int = 1 shl 16
        private const val HEX = "0123456789abcdef"
    }
}
