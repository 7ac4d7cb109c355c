package com.seefud.recommender.core

import java.nio.ByteBuffer

/**
 * How the numbers of a table are stored.
 *
 * @property typeName TFLite's name of the type
 */
public enum class TableType(internal val typeName: String) {
    /** Four bytes a number. */
    FLOAT32("float32"),

    /** Two bytes a number. */
    FLOAT16("float16"),

    /** One byte a number, one scale for the table, zero point 0. */
    INT8("int8"),
    ;

    internal companion object {
        /** The type that a recipe stores its tables in. */
        fun ofRecipe(recipe: String): TableType = when (recipe) {
            "float32" -> FLOAT32
            "float16" -> FLOAT16
            else -> INT8
        }
    }
}

/**
 * A table as the file holds it: what the signatures read. For proofs and tools; ranking goes through [Model].
 * Immutable; several threads may read.
 *
 * @property type how its numbers are stored
 * @property rows how many rows there are
 * @property columns numbers in a row; the last one of the product table is the prior divided by its gain
 * @property scale what a stored number is multiplied by; 1 unless [type] is [TableType.INT8]
 */
public class StoredTable internal constructor(
    public val type: TableType,
    public val rows: Int,
    public val columns: Int,
    public val scale: Float,
    private val numbers: ByteBuffer,
) {
    /**
     * A number as it is stored, without the scale.
     *
     * @throws IndexOutOfBoundsException there is no such row or column
     */
    public fun stored(row: Int, column: Int): Float {
        if (row !in 0 until rows || column !in 0 until columns) {
            throw IndexOutOfBoundsException("[$row, $column] of [$rows, $columns]")
        }
        val at = row * columns + column
        return when (type) {
            TableType.FLOAT32 -> numbers.getFloat(4 * at)
            TableType.FLOAT16 -> halfToFloat(numbers.getShort(2 * at).toInt() and 0xffff)
            TableType.INT8 -> numbers.get(at).toFloat()
        }
    }

    /**
     * A number as it counts: stored number times [scale].
     *
     * @throws IndexOutOfBoundsException there is no such row or column
     */
    public fun value(row: Int, column: Int): Float = stored(row, column) * scale

    private fun halfToFloat(bits: Int): Float {
        val sign = bits and 0x8000 shl 16
        val exponent = bits ushr 10 and 0x1f
        val fraction = bits and 0x3ff
        // Without an exponent a half counts in steps of 2^-24.
        if (exponent == 0) return fraction * SMALLEST_HALF * (if (sign == 0) 1 else -1)
        // Infinities and NaNs do not pass the checks of a bundle.
        return java.lang.Float.intBitsToFloat(sign or (exponent + 127 - 15 shl 23) or (fraction shl 13))
    }

    private companion object {
        const val SMALLEST_HALF = 1f / (1 shl 24)
    }
}
