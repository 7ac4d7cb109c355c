package com.seefud.sample

import android.app.Application
import com.seefud.recommender.InteractionLog

/** Where the app is put together. Tests put another model or another journal in its place. */
open class SampleApplication : Application() {
    /** One for the whole app: two logs of one file would not know of each other. */
    open val journal: Journal by lazy { LogJournal { InteractionLog.open(this) } }

    /** @throws com.seefud.recommender.RecommenderException the model cannot be opened or trusted */
    open suspend fun openAdvisor(): Advisor = ModelAdvisor.open(this, "seefud.tflite", "arrivals.csv")
}
