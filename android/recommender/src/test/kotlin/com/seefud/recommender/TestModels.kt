package com.seefud.recommender

import com.seefud.recommender.core.Bundle
import java.io.File

/** The models that tests/fixtures.py writes, and their parts. */
internal object TestModels {
    val recipes: List<String> = listOf("dynamic_wi8", "float16", "float32")

    private val fixtures = File(System.getProperty("fixtures") ?: error("set the system property fixtures"))

    fun path(path: String): File = File(fixtures, path).also { check(it.exists()) { "$it: run tests/fixtures.py" } }

    fun file(folder: String): File = path("$folder/seefud.tflite")

    fun bundle(file: File): Bundle = Bundle.read(ModelFiles.map(file), file.name)

    fun open(bundle: Bundle, threads: Int = 1): TfliteModel =
        TfliteModel.open(bundle.flatbuffer, bundle.document, threads, "seefud.tflite")
}
