package com.seefud.recommender.core

import com.seefud.recommender.BundleException
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import java.nio.ByteBuffer

/** The damages of the toolchain's own tests: the same error here, and mostly the same words. */
class DamagedBundleTest {
    private class Damage(val name: String, val file: String, val error: String, val says: String)

    private val damages = Fixtures.json("damaged/damaged.json").asJsonArray.map { it.asJsonObject }.map { entry ->
        Damage(
            entry["name"].asString,
            "damaged/" + entry["file"].asString,
            entry["error"].asString,
            entry["says"].asString,
        )
    }

    /** Where Python shows a value in a form of its own. */
    private val ownWords = mapOf(
        "empty file" to "found '' in 0 bytes",
        "not a model" to "the identifier 'TFL3'",
        "newer schema" to "found schema 2; update this library",
        "scale not a number" to "finite, positive scales, found NaN",
        "scale infinite" to "found Infinity",
    )

    @Test
    fun `every damage has the error that Python gives it`() {
        assertTrue("only ${damages.size} damages", damages.size > 40)
        for (damage in damages) {
            val found = refused(Fixtures.mapped(damage.file), damage.name)
            val message = "${damage.name}: ${found.message}"
            assertEquals(message, damage.error.replace("Error", "Exception"), found.javaClass.simpleName)
            assertTrue(message, (ownWords[damage.name] ?: damage.says) in found.message.orEmpty())
            assertTrue(message, found.where.startsWith("model.tflite"))
            for (part in listOf(found.expected, found.found, found.remedy)) assertTrue(message, part.isNotBlank())
        }
    }

    @Test
    fun `bytes on the heap are refused like mapped ones`() {
        for (damage in damages) {
            val mapped = refused(Fixtures.mapped(damage.file), damage.name)
            val heap = refused(ByteBuffer.wrap(Fixtures.bytes(damage.file)), damage.name)
            assertEquals(mapped.message, heap.message)
        }
    }

    @Test
    fun `messages say where, what was expected, what was found and what to do`() {
        val good = Bundle.read(Fixtures.mapped("good/dynamic_wi8.tflite"), "good")
        val tokens = good.document.digests.getValue("tokens.txt")
        val expected = mapOf(
            "not a model" to "model.tflite: expected the identifier 'TFL3' at byte 4, found 'e,In' in 162 bytes; " +
                "give a .tflite file",
            "cut after the model" to "model.tflite: expected bundle.json after the model, as its metadata says, " +
                "found nothing; build the bundle again or copy it again",
            "no zip" to "model.tflite: expected a zip with products.txt, tokens.txt and bundle.json after the model, " +
                "found no zip; give the file that seefud build wrote, not a bare TFLite model",
            "foreign model" to "model.tflite: expected bundle.json in the archive, found labels.txt; " +
                "give a file that seefud build wrote",
            "newer schema" to "model.tflite: bundle.json: expected schema 1 or older, found schema 2; " +
                "update this library or build the bundle again with an older toolchain",
            "gain of three tenths" to "model.tflite: bundle.json: prior.gain: expected a multiple of 1/64 above 0 " +
                "and up to 64, found 0.3; build the bundle again",
            "crowding below zero" to "model.tflite: bundle.json: mixing.crowding: expected a finite number of at least " +
                "0, found -0.5; build the bundle again",
            "lift missing" to "model.tflite: bundle.json: mixing.lift: expected a finite number, found nothing; " +
                "build the bundle again",
            "field missing" to "model.tflite: bundle.json: calibration: expected an object, found nothing; " +
                "build the bundle again",
            "line repeated" to "model.tflite: tokens.txt line 3: expected a line of its own, " +
                "found 'kata1', which is also line 2; build the bundle again or copy it again",
            "count too high" to "model.tflite: products.txt: expected 151 lines, one per row of the model, " +
                "found 150; build the bundle again or copy it again",
            "line not UTF-8" to "model.tflite: products.txt: expected UTF-8, found byte 0xff at 27; " +
                "build the bundle again or copy it again",
            "digest of another" to "model.tflite: tokens.txt: expected SHA-256 000000000000..., found " +
                "${tokens.take(12)}...: the bytes were changed; build the bundle again or copy it again",
            "signature missing" to "model.tflite: expected signatures recommend, embed_products, embed_text, score, " +
                "found embed_products, embed_text, rate, recommend; build the bundle again",
            "output of another shape" to "model.tflite: outputs of score: scores: expected float32 [1, 150], " +
                "found float32 [1, 149]; build the bundle again",
            "recipe of another" to "model.tflite: table of products: expected float16 for recipe float16, " +
                "found int8; build the bundle again",
            "two scales" to "model.tflite: table of products: expected one scale and zero point 0, " +
                "found 2 scales, zero points [0, 0]; build the bundle again",
        )
        for ((name, message) in expected) {
            assertEquals(message, refused(Fixtures.mapped(damages.single { it.name == name }.file), name).message)
        }
    }

    private fun refused(content: ByteBuffer, damage: String): BundleException =
        assertThrows(damage, BundleException::class.java) { Bundle.read(content, "model.tflite") }
}
