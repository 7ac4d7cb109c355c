package com.seefud.recommender

import com.seefud.recommender.core.TopK
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.FloatBuffer
import java.nio.ReadOnlyBufferException

class TfliteModelTest {
    /** Two ways to one answer: the graph's own top k, and `score` with a top k of ours. */
    @Test
    fun `the signatures agree with each other under every recipe`() {
        for (recipe in TestModels.recipes) {
            val bundle = TestModels.bundle(TestModels.file(recipe))
            val document = bundle.document
            val history = IntArray(document.historyLength) { if (it < 3) 7 * it else -1 }
            val items = IntArray(document.topK)
            val scores = FloatArray(document.topK)
            val all = FloatArray(document.products)
            TestModels.open(bundle).use { model ->
                model.recommend(history, FloatArray(document.historyLength) { 1f }, items, scores)
                val vectors = FloatArray(document.historyLength * document.dimension)
                model.embedProducts(history, vectors)
                val profile = FloatArray(document.dimension) { at ->
                    vectors[at] + vectors[at + document.dimension] + vectors[at + 2 * document.dimension]
                }
                model.score(profile).get(all)
            }
            val own = setOf(0, 7, 14)
            val top = TopK().apply { rank(FloatBuffer.wrap(all), document.topK) { it !in own } }
            for (place in items.indices) {
                if (scores[place] < LEFT_OUT) continue
                assertEquals("$recipe, place $place", top.score(place), scores[place], 1e-5f)
                assertEquals("$recipe, place $place", all[items[place]], scores[place], 1e-5f)
                assertTrue("$recipe: the history came back", items[place] !in own)
            }
        }
    }

    @Test
    fun `padding gives zeros and a text gives a unit vector`() {
        for (recipe in TestModels.recipes) {
            val bundle = TestModels.bundle(TestModels.file(recipe))
            val document = bundle.document
            TestModels.open(bundle).use { model ->
                val vectors = FloatArray(document.historyLength * document.dimension) { 9f }
                model.embedProducts(IntArray(document.historyLength) { -1 }, vectors)
                assertArrayEquals(FloatArray(vectors.size), vectors, 0f)
                val vector = FloatArray(document.dimension)
                model.embedText(IntArray(document.textLength) { if (it == 0) 0 else -1 }, vector)
                assertEquals(recipe, 1f, vector.fold(0f) { sum, x -> sum + x * x }, 1e-4f)
            }
        }
    }

    @Test
    fun `a document of another model is found out before the first inference`() {
        val bundle = TestModels.bundle(TestModels.file("float32"))
        val other = TestModels.bundle(TestModels.file("collaborative")).document
        val problem = assertThrows(WrongTensorException::class.java) {
            TfliteModel.open(bundle.flatbuffer, other, 1, "seefud.tflite")
        }
        val document = bundle.document
        val differs = listOf(
            Triple(
                "inputs of recommend: history",
                "int32 [1, ${other.historyLength}]",
                "int32 [1, ${document.historyLength}]",
            ),
            Triple("outputs of recommend: items", "int32 [1, ${other.topK}]", "int32 [1, ${document.topK}]"),
            Triple(
                "outputs of embed_products: vectors",
                "float32 [1, ${other.historyLength}, ${other.dimension}]",
                "float32 [1, ${document.historyLength}, ${document.dimension}]",
            ),
        ).first { (_, expected, found) -> expected != found }
        assertEquals(
            "seefud.tflite: ${differs.first}: expected ${differs.second}, found ${differs.third}; " +
                "build the model again or copy it again",
            problem.message,
        )
    }

    @Test
    fun `a signature or tensor that the runtime does not list has a named error`() {
        val good = TestModels.bundle(TestModels.path("good/dynamic_wi8.tflite")).document
        val missing = assertThrows(MissingSignatureException::class.java) {
            TfliteModel.open(whole("damaged/signature-missing.tflite"), good, 1, "seefud.tflite")
        }
        assertEquals(
            "seefud.tflite: expected signatures recommend, embed_products, embed_text, score, found embed_products, " +
                "embed_text, rate, recommend; build the model again or copy it again",
            missing.message,
        )
        val renamed = assertThrows(WrongTensorException::class.java) {
            TfliteModel.open(whole("damaged/output-renamed.tflite"), good, 1, "seefud.tflite")
        }
        assertTrue(renamed.message, renamed.message.orEmpty().startsWith("seefud.tflite: outputs of "))
    }

    @Test
    fun `a runtime that refuses the model is quoted`() {
        val nothing = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder())
        val document = TestModels.bundle(TestModels.file("float32")).document
        val problem = assertThrows(RuntimeFailureException::class.java) {
            TfliteModel.open(nothing, document, 1, "seefud.tflite")
        }
        assertEquals("seefud.tflite", problem.where)
        assertEquals("a TFLite runtime that takes this model", problem.expected)
        assertTrue(problem.found, "LiteRtCreateModelFromBuffer failed with status" in problem.found)
    }

    @Test
    fun `an array of another length is refused, not padded with old numbers`() {
        val bundle = TestModels.bundle(TestModels.file("float32"))
        TestModels.open(bundle).use { model ->
            val problem = assertThrows(IllegalArgumentException::class.java) {
                model.score(FloatArray(1))
            }
            assertEquals("1 numbers for a tensor of ${bundle.document.dimension}", problem.message)
            val vector = FloatArray(bundle.document.dimension + 1)
            val output = assertThrows(IllegalArgumentException::class.java) {
                model.embedText(IntArray(bundle.document.textLength) { -1 }, vector)
            }
            assertEquals("${vector.size} numbers for a tensor of ${vector.size - 1}", output.message)
        }
    }

    @Test
    fun `scores are those of the profile that was asked last, one for each product, and cannot be written to`() {
        val bundle = TestModels.bundle(TestModels.file("float32"))
        TestModels.open(bundle).use { model ->
            val products = bundle.document.products
            val profile = FloatArray(bundle.document.dimension) { 1f }

            fun scores(sign: Float): FloatArray {
                val view = model.score(FloatArray(profile.size) { sign * profile[it] })
                assertEquals(0, view.position())
                assertEquals(products, view.limit())
                assertThrows(ReadOnlyBufferException::class.java) { view.put(0, 1f) }
                return FloatArray(products).also { view.get(it) }
            }
            val one = scores(1f)
            val other = scores(-1f)
            assertFalse("different profiles, the same scores", one.contentEquals(other))
            assertArrayEquals(one, scores(1f), 0f)
            assertArrayEquals(other, scores(-1f), 0f)
        }
    }

    private fun whole(path: String): ByteBuffer {
        val file: File = TestModels.path(path)
        return ModelFiles.map(file).order(ByteOrder.nativeOrder())
    }

    private companion object {
        /** Below this a place of the list is empty, by docs/file-format.md. */
        const val LEFT_OUT = -5_000f
    }
}
