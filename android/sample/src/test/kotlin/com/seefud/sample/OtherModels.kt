package com.seefud.sample

/** The app without its model. */
class MissingModelApplication : SampleApplication() {
    override suspend fun openAdvisor(): Advisor = ModelAdvisor.open(this, "absent.tflite", "arrivals.csv")
}
