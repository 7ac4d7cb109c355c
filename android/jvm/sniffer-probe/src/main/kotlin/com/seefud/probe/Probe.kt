package com.seefud.probe

import android.app.Activity
import android.app.ActivityThread
import android.app.NotificationChannel
import android.content.Context
import java.io.ByteArrayInputStream
import java.nio.FloatBuffer
import java.time.Duration
import java.util.Optional

/** What the check must catch: each function but the last three uses something that Android 7 does not have. */
object Probe {
    fun classOfApi26(): Duration = Duration.ofSeconds(1)

    fun methodOfApi33(bytes: ByteArray): ByteArray = ByteArrayInputStream(bytes).readAllBytes()

    /** `FloatBuffer.clear` returns a FloatBuffer only since Java 9. */
    fun returnTypeOfLaterApi(numbers: FloatBuffer): FloatBuffer = numbers.clear()

    fun androidMethodOfApi28(context: Context) = context.mainExecutor

    fun androidClassOfApi26() = NotificationChannel("a", "b", 3)

    fun hiddenMethod(activity: Activity) = activity.activityToken

    fun hiddenClass() = ActivityThread.currentApplication()

    fun fine(context: Context): String = context.packageName

    fun fineSinceApi24(): Optional<Int> = Optional.of(1)

    /** Of API 30, but D8 brings its own for older ones, and the signatures count that. */
    fun fineThroughD8(): List<String> = java.util.List.of("a")
}
