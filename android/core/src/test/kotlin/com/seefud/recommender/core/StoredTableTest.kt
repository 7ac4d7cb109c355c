package com.seefud.recommender.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import java.nio.ByteBuffer
import java.nio.ByteOrder.LITTLE_ENDIAN
import kotlin.math.abs
import kotlin.math.pow

class StoredTableTest {
    @Test
    fun `tables have the shape and type of the contract`() {
        val types = mapOf(
            "dynamic_wi8" to TableType.INT8,
            "float16" to TableType.FLOAT16,
            "float32" to TableType.FLOAT32,
            // 60 x 17 numbers are too few to be quantized.
            "collaborative" to TableType.FLOAT32,
        )
        for ((name, type) in types) {
            val bundle = Fixtures.bundle(name)
            val document = bundle.document
            val products = bundle.productTable
            assertEquals(name, document.products to document.dimension + 1, products.rows to products.columns)
            assertEquals(name, type, products.type)
            val tokens = bundle.tokenTable
            assertEquals(name, maxOf(document.tokens, 1) to document.dimension, tokens.rows to tokens.columns)
        }
    }

    @Test
    fun `the recipes store the same numbers as finely as their types can`() {
        val exact = Fixtures.bundle("float32")
        for (pick in listOf(Bundle::productTable, Bundle::tokenTable)) {
            val reference = pick(exact)
            val half = pick(Fixtures.bundle("float16"))
            val whole = pick(Fixtures.bundle("dynamic_wi8"))
            for (row in 0 until reference.rows) {
                for (column in 0 until reference.columns) {
                    val value = reference.value(row, column)
                    assertEquals(value, half.value(row, column), abs(value) / 2048 + 1e-7f)
                    assertEquals(value, whole.value(row, column), whole.scale * 0.5001f)
                    assertEquals(whole.stored(row, column) * whole.scale, whole.value(row, column), 0f)
                }
            }
        }
    }

    @Test
    fun `rows are unit vectors`() {
        val table = Fixtures.bundle("float32").productTable
        for (row in 0 until table.rows) {
            val square = (0 until table.columns - 1).sumOf { table.value(row, it).toDouble().pow(2) }
            assertEquals("row $row", 1.0, square, 1e-5)
        }
    }

    @Test
    fun `every half has its value`() {
        val halves = (0..0xffff).filter { it and 0x7c00 != 0x7c00 }
        val bytes = ByteBuffer.allocate(2 * halves.size).order(LITTLE_ENDIAN)
        for (bits in halves) bytes.putShort(bits.toShort())
        val table = StoredTable(TableType.FLOAT16, 1, halves.size, 1f, bytes)
        halves.forEachIndexed { column, bits ->
            // IEEE 754 binary16, in doubles.
            val exponent = bits shr 10 and 31
            val fraction = (bits and 1023) / 1024.0
            val size = if (exponent == 0) fraction * 2.0.pow(-14) else (1 + fraction) * 2.0.pow(exponent - 15)
            assertEquals(if (bits < 0x8000) size else -size, table.value(0, column).toDouble(), 0.0)
        }
    }

    @Test
    fun `what is outside is refused`() {
        val table = Fixtures.bundle("float32").productTable
        for ((row, column) in listOf(-1 to 0, 0 to -1, table.rows to 0, 0 to table.columns)) {
            val error = assertThrows(IndexOutOfBoundsException::class.java) { table.value(row, column) }
            assertTrue(error.message, "[$row, $column] of [400, 65]" in error.message.orEmpty())
        }
    }
}
