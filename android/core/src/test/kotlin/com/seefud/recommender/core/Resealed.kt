package com.seefud.recommender.core

import java.nio.ByteBuffer
import java.nio.ByteOrder.LITTLE_ENDIAN
import java.security.MessageDigest
import java.util.zip.CRC32

/**
 * A good bundle with other bytes, sealed again: digests, model id and checksums fit, so that only the check under test
 * can notice. All parts keep their lengths, so that the archive keeps its form.
 */
internal class Resealed(good: ByteArray) {
    private val content = good.clone()
    private val archive = Archive.read(FileBytes(ByteBuffer.wrap(good), 0, good.size), "good")

    // bundle.json is the first entry: its name comes first.
    private val document = archive.files.getValue(DOCUMENT_FILE)

    /** Bytes of the flatbuffer. */
    val modelLength: Int = archive.modelLength

    /** Writes over the model. */
    fun model(at: Int, bytes: ByteArray): Resealed = apply { bytes.copyInto(content, at) }

    /** Replaces text of `bundle.json` by text of the same length. */
    fun document(old: String, new: String): Resealed = apply {
        require(old.length == new.length) { "'$old' and '$new'" }
        val text = text()
        require(old in text) { "'$old' in bundle.json" }
        write(text.replaceFirst(old, new))
    }

    /** The whole file. */
    fun seal(): ByteArray {
        val digest = MessageDigest.getInstance("SHA-256").digest(content.copyOf(modelLength))
        val hex = digest.joinToString("") { "%02x".format(it) }
        var text = text().replace(Regex("\"flatbuffer\": \"[0-9a-f]{64}\""), "\"flatbuffer\": \"$hex\"")
        text = text.replace(Regex("\"model_id\": \"[0-9a-f]{12}\""), "\"model_id\": \"${hex.take(12)}\"")
        write(text)
        val crc = CRC32().apply { update(text.toByteArray()) }.value.toInt()
        val buffer = ByteBuffer.wrap(content).order(LITTLE_ENDIAN)
        buffer.putInt(modelLength + 14, crc)
        val directory = buffer.getInt(content.size - 6)
        buffer.putInt(directory + 16, crc)
        return content.clone()
    }

    /** Writes one character of ASCII over one of `bundle.json`. */
    fun documentAt(at: Int, char: Char): Resealed = apply { content[document.start + at] = char.code.toByte() }

    /** `bundle.json` as it stands; it is of ASCII. */
    fun text(): String = String(content, document.start, document.length)

    private fun write(text: String) {
        text.toByteArray().copyInto(content, document.start)
    }
}
