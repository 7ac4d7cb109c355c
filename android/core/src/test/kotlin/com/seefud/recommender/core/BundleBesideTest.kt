package com.seefud.recommender.core

import com.seefud.recommender.BundleException
import org.junit.Assert.assertEquals
import org.junit.Assert.assertSame
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import java.nio.ByteBuffer

/** A bundle read by two threads: what is wrong is the same as for one, and what is used was checked. */
class BundleBesideTest {
    private val damaged = Fixtures.json("damaged/damaged.json").asJsonArray.map { "damaged/" + it.asJsonObject["file"].asString }

    @Test
    fun `every damage has the error that it has without`() {
        for (file in damaged) {
            val alone = assertThrows(file, BundleException::class.java) { Bundle.read(Fixtures.mapped(file), "model.tflite") }
            val beside = assertThrows(file, BundleException::class.java) { beside(file) { _, _ -> } }
            assertEquals(alone.message, beside.message)
            assertEquals(alone.javaClass, beside.javaClass)
        }
    }

    @Test
    fun `a model is used only if nothing is wrong with it or its document`() {
        val used = damaged.mapNotNull { file ->
            var isUsed = false
            val problem = assertThrows(file, BundleException::class.java) { beside(file) { _, _ -> isUsed = true } }
            problem.where.takeIf { isUsed }
        }
        assertTrue("${used.size} of ${damaged.size}", used.size in 3 until damaged.size / 2)
        assertEquals(emptyList<String>(), used.filterNot { ".txt" in it })
    }

    @Test
    fun `a good file is the same bundle, and its model is used once`() {
        val file = "dynamic_wi8/seefud.tflite"
        val alone = Bundle.read(Fixtures.mapped(file), "model.tflite")
        val used = ArrayList<Pair<BundleDocument, ByteBuffer>>()
        val beside = beside(file) { document, flatbuffer -> used += document to flatbuffer }
        assertEquals(beside.document to alone.flatbuffer, used.single())
        assertEquals(alone.flatbuffer.order(), used.single().second.order())
        assertTrue(used.single().second.isDirect)
        assertEquals(alone.size, beside.size)
        for (row in 0 until alone.document.products) {
            assertEquals(alone.title(row), beside.title(row))
            assertEquals(alone.row(alone.title(row)), beside.row(alone.title(row)))
        }
    }

    @Test
    fun `what fails in the use is thrown, unless the file is the cause to name`() {
        val failure = IllegalStateException("no runtime")
        val thrown = assertThrows(IllegalStateException::class.java) {
            beside("good/float32.tflite") { _, _ -> throw failure }
        }
        assertSame(failure, thrown)
        val repeated = "damaged/line-repeated.tflite"
        val named = assertThrows(BundleException::class.java) { beside(repeated) { _, _ -> throw failure } }
        assertTrue(named.message, "a line of its own" in named.message.orEmpty())
    }

    private fun beside(file: String, use: (BundleDocument, ByteBuffer) -> Unit): Bundle =
        Bundle.readBeside(Fixtures.mapped(file), "model.tflite", use)
}
