package com.seefud.recommender.core

import com.seefud.recommender.BundleException
import com.seefud.recommender.DocumentException
import com.seefud.recommender.TruncatedException
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import java.nio.ByteOrder.LITTLE_ENDIAN
import java.util.zip.ZipOutputStream
import java.util.zip.ZipEntry as JdkEntry

/** Files made on purpose, whose digests fit: the limits that keep a reader from endless work. */
class HostileBundleTest {
    private val good = Fixtures.bytes("good/float32.tflite")

    @Test
    fun `a vector that claims to be endless is refused`() {
        val model = ByteBuffer.wrap(good).order(LITTLE_ENDIAN)
        val root = model.getInt(0)
        val fields = root - model.getInt(root)
        // The fields of the outermost table that are vectors: operator codes, subgraphs, buffers, metadata, signatures.
        for (field in listOf(1, 2, 4, 6, 7)) {
            val place = root + model.getShort(fields + 4 + 2 * field)
            val vector = place + model.getInt(place)
            for (count in listOf(-1, Int.MAX_VALUE, 1_000_000, 100_001)) {
                val error = refused<TruncatedException> { Resealed(good).model(vector, bytes(count)).seal() }
                assertTrue(error.message, "one whose parts lead outside (" in error.message.orEmpty())
            }
        }
    }

    @Test
    fun `parts that are claimed again and again are counted together`() {
        // One subgraph of 30,000 empty tensors, claimed 30,000 times: 900 million tensors in 240 kB.
        val model = subgraphsOfTensors(30_000)
        val error = assertThrows(TruncatedException::class.java) { GraphReader.read(model, "made") }
        assertEquals("one whose parts lead outside (30000 tensors)", error.found)
    }

    @Test
    fun `fields of the document that cannot be are refused`() {
        val wrong = mapOf(
            ("\"dimension\": 8," to "\"dimension\": 0,") to "dimension: expected a whole number of at least 1, found 0",
            ("\"dimension\": 8," to "\"dimension\":\"8\"") to "JSON in UTF-8",
            ("\"top_k\": 20" to "\"top_k\":151") to "top_k: expected at most products (150), found 151",
            ("\"tokens\": 130" to "\"tokens\": 1e2") to "tokens: expected a whole number of at least 0, found 100.0",
            ("\"bigrams\": true" to "\"bigrams\":  1.0") to "text.bigrams: expected true or false, found 1.0",
            ("\"ceiling\": 0.5" to "\"ceiling\": 1.5") to "calibration.ceiling: expected a number above 0 and up to 1",
            ("\"method\": \"platt\"" to "\"method\": \"plant\"") to "calibration.method: expected platt, found 'plant'",
            ("\"none\"" to "\"some\"") to "recency: expected none or inverse_sqrt_age_days, found 'some'",
            ("nfkc-lower" to "nfkd-lower") to "text.normalisation: expected nfkc-lower-letters-digits",
        )
        val text = Resealed(good).text()
        for ((change, message) in wrong) {
            if (change.first !in text) throw AssertionError("no ${change.first} in $text")
            val error = refused<DocumentException> { Resealed(good).document(change.first, change.second).seal() }
            assertTrue(error.message, message in error.message.orEmpty())
        }
    }

    @Test
    fun `an archive of another writer is refused, though all of it is intact`() {
        val resealed = Resealed(good)
        val archive = Archive.read(FileBytes(ByteBuffer.wrap(good), 0, good.size), "good")
        val other = ByteArrayOutputStream()
        ZipOutputStream(other).use { zip ->
            zip.setMethod(ZipOutputStream.STORED)
            for ((name, content) in archive.files) {
                val entry = JdkEntry(name)
                entry.size = content.length.toLong()
                entry.crc = content.crc32().toLong() and 0xffffffffL
                entry.time = 315_532_800_000
                zip.putNextEntry(entry)
                zip.write(content.copy())
                zip.closeEntry()
            }
        }
        // Its offsets count from its own start, and so does its end record.
        val error = refused<BundleException> { good.copyOf(resealed.modelLength) + other.toByteArray() }
        assertTrue(error.message, "a file as long as its archive says" in error.message.orEmpty())
    }

    private inline fun <reified E : BundleException> refused(content: () -> ByteArray): E {
        val bytes = content()
        return assertThrows(E::class.java) { Bundle.read(ByteBuffer.wrap(bytes), "model.tflite") }
    }

    private fun bytes(number: Int): ByteArray = ByteBuffer.allocate(4).order(LITTLE_ENDIAN).putInt(number).array()

    /** A flatbuffer whose vector of subgraphs holds [count] times one table, and that one's vector of tensors too. */
    private fun subgraphsOfTensors(count: Int): FileBytes {
        // Offsets to vectors and tables only lead forward.
        val model = 24
        val buffers = model + 12
        val subgraphs = buffers + 8
        val subgraph = subgraphs + 4 + 4 * count
        val tensors = subgraph + 8
        val tensor = tensors + 4 + 4 * count
        val out = ByteBuffer.allocate(tensor + 4).order(LITTLE_ENDIAN)
        // Where fields are: of the model at 4, of the subgraph at 18; the tensor and the one buffer have none.
        out.putInt(0, model).putShort(4, 14).putShort(6, 12).putShort(12, 4).putShort(16, 8)
        out.putShort(18, 6).putShort(20, 8).putShort(22, 4)
        out.putInt(model, model - 4).putInt(model + 4, subgraphs - model - 4).putInt(model + 8, buffers - model - 8)
        out.putInt(buffers, 1).putInt(buffers + 4, tensor - buffers - 4)
        out.putInt(subgraph, subgraph - 18).putInt(subgraph + 4, tensors - subgraph - 4)
        out.putInt(tensor, tensor - 14)
        for ((vector, target) in listOf(subgraphs to subgraph, tensors to tensor)) {
            out.putInt(vector, count)
            for (each in 1..count) out.putInt(vector + 4 * each, target - vector - 4 * each)
        }
        return FileBytes(out, 0, out.capacity())
    }
}
