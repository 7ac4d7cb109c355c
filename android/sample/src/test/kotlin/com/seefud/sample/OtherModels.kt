package com.seefud.sample

import com.seefud.recommender.Recommender
import java.io.File

/** The app without its model. */
class MissingModelApplication : SampleApplication() {
    override suspend fun openAdvisor(): Advisor = ModelAdvisor.open(this, "absent.tflite", "arrivals.csv")
}

/** The app with a model that was compressed into it, as anything but `.tflite` is. */
class CompressedModelApplication : SampleApplication() {
    override suspend fun openAdvisor(): Advisor = ModelAdvisor.open(this, "arrivals.csv", "arrivals.csv")
}

/** The app with a model of which the second half is missing. */
class DamagedModelApplication : SampleApplication() {
    val file: File by lazy {
        val whole = File(System.getProperty("fixtures"), "dynamic_wi8/seefud.tflite").readBytes()
        File(filesDir, "cut.tflite").apply { writeBytes(whole.copyOf(whole.size / 2)) }
    }

    override suspend fun openAdvisor(): Advisor = ModelAdvisor(Recommender.open(file), emptyList())
}
