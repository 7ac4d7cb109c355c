package com.seefud.sample

import android.app.Application

/** Where the app is put together. Tests put another model in its place. */
open class SampleApplication : Application() {
    /** @throws com.seefud.recommender.RecommenderException the model cannot be opened or trusted */
    open suspend fun openAdvisor(): Advisor = ModelAdvisor.open(this, "seefud.tflite", "arrivals.csv")
}
