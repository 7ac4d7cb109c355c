package com.seefud.recommender.core

import com.google.gson.JsonObject
import com.google.gson.JsonParser
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.zip.ZipFile

/** What a good bundle says, held against the JDK's zip reader and Gson. */
class BundleTest {
    private val names = Fixtures.RECIPES + "collaborative"

    @Test
    fun `the document says what the file says`() {
        for (name in names) {
            val document = Fixtures.bundle(name).document
            val written = written(name)
            assertEquals(written["kind"].asString, document.kind)
            assertEquals(1, document.schema)
            assertEquals(written["dimension"].asInt, document.dimension)
            assertEquals(written["products"].asInt, document.products)
            assertEquals(written["tokens"].asInt, document.tokens)
            assertEquals(written["history_length"].asInt, document.historyLength)
            assertEquals(written["text_length"].asInt, document.textLength)
            assertEquals(written["top_k"].asInt, document.topK)
            assertEquals(written["recipe"].asString, document.recipe)
            assertEquals(written["minimum_runtime"].asString, document.minimumRuntime)
            assertEquals(written["model_id"].asString, document.modelId)
            assertEquals(Recency.NONE, document.recency)
            assertEquals(written["text"].asJsonObject["bigrams"].asBoolean, document.bigrams)
            val prior = written["prior"].asJsonObject
            assertEquals(prior["beta"].asFloat, document.prior.beta, 0f)
            assertEquals(prior["gain"].asFloat, document.prior.gain, 0f)
            assertEquals(prior["cold"].let { if (it.isJsonNull) 0f else it.asFloat }, document.prior.cold, 0f)
            assertEquals(prior["words"]?.asDouble ?: 0.0, document.prior.words, 0.0)
            val mixing = written["mixing"]?.asJsonObject
            assertEquals(mixing?.get("lift")?.asDouble ?: 0.0, document.mixing.lift, 0.0)
            assertEquals(mixing?.get("crowding")?.asDouble ?: 0.0, document.mixing.crowding, 0.0)
            val weights = written["interaction_weights"].asJsonObject
            assertEquals(weights.entrySet().associate { it.key to it.value.asFloat }, document.interactionWeights)
            assertEquals(written["data"].asJsonObject["users"].asLong, document.data["users"])
        }
    }

    @Test
    fun `maps of the document cannot be changed`() {
        val document = Fixtures.bundle("float32").document
        val maps = listOf(document.metrics, document.data, document.interactionWeights, document.metrics["holdout"])
        for (map in maps) {
            @Suppress("UNCHECKED_CAST") // Java callers need no cast to try.
            assertThrows(UnsupportedOperationException::class.java) { (map as MutableMap<Any, Any>).clear() }
        }
    }

    @Test
    fun `probabilities follow the calibration`() {
        // 0.8 / (1 + exp(-(2 * 0.5 - 1))) = 0.8 / 2
        assertEquals(0.4f, Calibration(2.0, -1.0, 0.8).probability(0.5f), 1e-7f)
        assertEquals(0.8f, Calibration(2.0, -1.0, 0.8).probability(1e30f), 1e-7f)
        assertEquals(0f, Calibration(2.0, -1.0, 0.8).probability(-1e30f), 0f)
    }

    @Test
    fun `titles, ingredients and tokens are the lines of the files`() {
        for (name in names) {
            val bundle = Fixtures.bundle(name)
            val titles = lines(name, "products.txt")
            assertEquals(titles, List(bundle.document.products, bundle::title))
            val ingredients = lines(name, "ingredients.txt")
            assertEquals(ingredients != null, bundle.hasIngredients)
            if (ingredients != null) assertEquals(ingredients, List(bundle.document.products, bundle::ingredients))
            lines(name, "tokens.txt")!!.forEachIndexed { id, token -> assertEquals(id, bundle.token(token)) }
            for (absent in listOf("", " ", "nosuchword", "NASI", "nasi ", "\ud800")) {
                assertEquals(-1, bundle.token(absent))
            }
        }
    }

    @Test
    fun `titles are found whatever their letter case and white space`() {
        for (name in names) {
            val bundle = Fixtures.bundle(name)
            val keys = lines(name, "products.txt")!!.map(::canonicalTitle)
            for (row in 0 until bundle.document.products) {
                val title = bundle.title(row)
                val spellings = listOf(title, title.uppercase(), "  ${title.replace(" ", " \u00a0\t")}\n", keys[row])
                // The naive oracle: the first line of that form.
                for (spelling in spellings) assertEquals(keys.indexOf(canonicalTitle(spelling)), bundle.row(spelling))
            }
            for (absent in listOf("", "no such dish", bundle.title(0) + "x", bundle.title(0).drop(1))) {
                assertEquals(-1, bundle.row(absent))
            }
        }
    }

    @Test
    fun `a row that is not there is an error`() {
        val bundle = Fixtures.bundle("collaborative")
        for (row in listOf(-1, bundle.document.products, Int.MAX_VALUE)) {
            assertThrows(IndexOutOfBoundsException::class.java) { bundle.title(row) }
        }
        assertNull(bundle.ingredients(0))
        assertFalse(bundle.hasIngredients)
        assertEquals(0, bundle.document.tokens)
        assertEquals(-1, bundle.token("udang"))
    }

    @Test
    fun `the flatbuffer is everything before the archive, ready for an interpreter`() {
        val bundle = Fixtures.bundle("dynamic_wi8")
        val content = Fixtures.bytes("dynamic_wi8/seefud.tflite")
        assertEquals(content.size.toLong(), bundle.size)
        val model = bundle.flatbuffer
        assertTrue(model.isDirect)
        assertEquals(ByteOrder.nativeOrder(), model.order())
        assertEquals(0x04034b50, ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getInt(model.remaining()))
        assertEquals(ByteBuffer.wrap(content, 0, model.remaining()), model)
        // Reading one does not move the others.
        assertEquals(0, bundle.flatbuffer.position())
    }

    @Test
    fun `a bundle inside a larger buffer is read from position to limit`() {
        val content = Fixtures.bytes("good/float32.tflite")
        val larger = ByteBuffer.allocate(content.size + 20)
        larger.position(7)
        larger.put(content)
        larger.limit(7 + content.size)
        larger.position(7)
        val bundle = Bundle.read(larger, "inside.tflite")
        assertEquals(content.size.toLong(), bundle.size)
        assertEquals("Sate Jamur 0", bundle.title(0))
        assertEquals(7, larger.position())
    }

    @Test
    fun `a schema of one point naught and keys of the future are read`() {
        val good = Fixtures.bytes("good/float32.tflite")
        assertEquals(1, read(Resealed(good).document("\"schema\": 1,\n", "\"schema\":1.0,").seal()).document.schema)
        assertEquals(150, read(Resealed(good).document("\"kind\": \"h", "\"kind\":  \"").seal()).document.products)
    }

    private fun read(content: ByteArray): Bundle = Bundle.read(ByteBuffer.wrap(content), "model.tflite")

    private fun lines(folder: String, file: String): List<String>? {
        val text = entry(folder, file) ?: return null
        return if (text.isEmpty()) emptyList() else text.removeSuffix("\n").split("\n")
    }

    private fun written(folder: String): JsonObject = JsonParser.parseString(entry(folder, "bundle.json")).asJsonObject

    private fun entry(folder: String, file: String): String? =
        ZipFile(Fixtures.file("$folder/seefud.tflite")).use { zip ->
            zip.getEntry(file)?.let { zip.getInputStream(it).readBytes().toString(Charsets.UTF_8) }
        }
}
