package com.seefud.recommender

import android.os.Looper

/** The thread that draws the screen and must never wait. */
internal object MainThread {
    /**
     * Refuses to go on there.
     *
     * @param function the blocking function, for the message
     * @throws MainThreadException the caller is on the main thread
     */
    fun refuse(function: String) {
        // Without a main looper there is no screen: tests on a plain JVM.
        if (Looper.getMainLooper()?.thread !== Thread.currentThread()) return
        throw MainThreadException(
            function,
            "a background thread",
            "the main thread",
            "call the suspending function instead, or hand this to an executor",
        )
    }
}
