package com.seefud.recommender.core

import java.nio.ByteBuffer

/** Thrown where a flatbuffer leads outside itself or claims more than any honest model; its message says how. */
internal class FlatbufferException(message: String) : Exception(message)

/**
 * A flatbuffer (https://flatbuffers.dev/internals) whose bytes are not trusted: every place is checked before it is
 * read, and what is read in all is limited, so that no length or overlap becomes an endless loop.
 *
 * @property bytes in little-endian order, position 0
 */
internal class Flatbuffer(private val bytes: ByteBuffer) {
    private var parts = 0
    private var numbers = 0L

    /** The outermost table. */
    fun root(): FlatTable = FlatTable(this, target(0))

    fun byte(at: Int): Byte = bytes.get(checked(at.toLong(), 1))

    fun short(at: Int): Int = bytes.getShort(checked(at.toLong(), 2)).toInt() and 0xffff

    fun int(at: Int): Int = bytes.getInt(checked(at.toLong(), 4))

    fun long(at: Int): Long = bytes.getLong(checked(at.toLong(), 8))

    fun float(at: Int): Float = bytes.getFloat(checked(at.toLong(), 4))

    /** Where the unsigned offset at [at] leads. */
    fun target(at: Int): Int = checked(at + (int(at).toLong() and 0xffffffffL), 4)

    /** The place [at], of which [size] bytes lie inside. */
    fun checked(at: Long, size: Long): Int {
        if (at >= 0 && at + size <= bytes.limit()) return at.toInt()
        throw FlatbufferException("$size bytes at $at of ${bytes.limit()}")
    }

    /** Counts the elements of a vector of tables; [what] they are is named in errors. */
    fun countParts(count: Int, what: String) {
        if (count > MOST_PARTS - parts) throw FlatbufferException("$count $what")
        parts += count
    }

    /** Counts the elements of a vector of numbers that is going to be copied. */
    fun countNumbers(count: Int, what: String) {
        numbers += count
        if (numbers > MOST_NUMBERS) throw FlatbufferException("$count $what")
    }

    internal companion object {
        /** Tensors, operators, buffers and the like together; an honest model has a few hundred. */
        const val MOST_PARTS: Int = 100_000

        /** Dimensions, scales and the like together. */
        const val MOST_NUMBERS: Long = 4_000_000
    }
}

/** A vector: place of its first element, and how many there are. */
internal class FlatVector(val start: Int, val size: Int)

/** A table of a flatbuffer; fields are numbered as in the schema, from 0, and may be absent. */
internal class FlatTable(private val buffer: Flatbuffer, private val at: Int) {
    private val fields: Int = buffer.checked(at.toLong() - buffer.int(at), 4)
    private val fieldsBytes: Int = buffer.short(fields)

    fun byte(field: Int): Int = place(field)?.let { buffer.byte(it).toInt() } ?: 0

    fun int(field: Int): Int = place(field)?.let { buffer.int(it) } ?: 0

    fun long(field: Int): Long = place(field)?.let { buffer.long(it) } ?: 0

    fun table(field: Int): FlatTable? = place(field)?.let { FlatTable(buffer, buffer.target(it)) }

    /** A vector whose elements have [elementBytes] bytes; all of it lies inside. */
    fun vector(field: Int, elementBytes: Int): FlatVector? {
        val start = buffer.target(place(field) ?: return null)
        val size = buffer.int(start)
        if (size < 0) throw FlatbufferException("a vector of $size elements")
        buffer.checked(start + 4L, size.toLong() * elementBytes)
        return FlatVector(start + 4, size)
    }

    /** UTF-8 text, empty where it is absent. */
    fun text(field: Int): String {
        val vector = vector(field, 1) ?: return ""
        buffer.countNumbers(vector.size, "characters of a name")
        val bytes = ByteArray(vector.size) { buffer.byte(vector.start + it) }
        if (Utf8.firstMistake(bytes) >= 0) throw FlatbufferException("a name that is not UTF-8")
        return String(bytes, Charsets.UTF_8)
    }

    fun ints(field: Int, what: String): IntArray {
        val vector = vector(field, 4) ?: return IntArray(0)
        buffer.countNumbers(vector.size, what)
        return IntArray(vector.size) { buffer.int(vector.start + 4 * it) }
    }

    fun longs(field: Int, what: String): LongArray {
        val vector = vector(field, 8) ?: return LongArray(0)
        buffer.countNumbers(vector.size, what)
        return LongArray(vector.size) { buffer.long(vector.start + 8 * it) }
    }

    fun floats(field: Int, what: String): FloatArray {
        val vector = vector(field, 4) ?: return FloatArray(0)
        buffer.countNumbers(vector.size, what)
        return FloatArray(vector.size) { buffer.float(vector.start + 4 * it) }
    }

    /** The tables of a vector; [what] they are is named in errors. */
    fun tables(field: Int, what: String): List<FlatTable> {
        val vector = vector(field, 4) ?: return emptyList()
        buffer.countParts(vector.size, what)
        return List(vector.size) { FlatTable(buffer, buffer.target(vector.start + 4 * it)) }
    }

    private fun place(field: Int): Int? {
        val entry = 4 + 2 * field
        if (entry >= fieldsBytes) return null
        val offset = buffer.short(fields + entry)
        return if (offset == 0) null else at + offset
    }
}
