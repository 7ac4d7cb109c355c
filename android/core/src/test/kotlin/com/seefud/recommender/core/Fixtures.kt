package com.seefud.recommender.core

import com.google.gson.JsonElement
import com.google.gson.JsonParser
import java.io.File
import java.nio.ByteBuffer
import java.nio.channels.FileChannel.MapMode.READ_ONLY

/** The files that `tests/fixtures.py` writes. */
internal object Fixtures {
    /** Models of the sample market, one for each recipe. */
    val RECIPES: List<String> = listOf("dynamic_wi8", "float16", "float32")

    private val folder = File(System.getProperty("fixtures") ?: error("set the system property fixtures"))

    /** A file of the fixtures, such as `damaged/damaged.json`. */
    fun file(path: String): File = File(folder, path).also { check(it.isFile) { "$it: run tests/fixtures.py" } }

    /** All bytes of a file. */
    fun bytes(path: String): ByteArray = file(path).readBytes()

    /** A file mapped into memory, as on a phone. */
    fun mapped(path: String): ByteBuffer = file(path).inputStream().channel.use { it.map(READ_ONLY, 0, it.size()) }

    /** The model of a folder, opened. */
    fun bundle(folder: String): Bundle = Bundle.read(mapped("$folder/seefud.tflite"), "seefud.tflite")

    /** A JSON file, read by a parser that is not ours. */
    fun json(path: String): JsonElement = file(path).reader().use(JsonParser::parseReader)
}
