package com.seefud.probe

import com.seefud.recommender.Profile
import com.seefud.recommender.Recommender
import com.seefud.sample.MainActivity
import kotlinx.coroutines.Job
import org.codehaus.mojo.animal_sniffer.ClassListBuilder
import org.codehaus.mojo.animal_sniffer.SignatureChecker
import org.codehaus.mojo.animal_sniffer.logging.Logger
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.tensorflow.lite.Interpreter
import java.io.File
import java.io.FileInputStream

/**
 * Holds class files against the signatures of Android 7. What ships beside them (Kotlin, coroutines, the TFLite runtime)
 * counts as known; android-all must not, or nothing of `android.*` would be checked.
 */
class Api24Test {
    @Test
    fun `core uses nothing newer than API 24`() = assertEquals(emptyList<String>(), undefined(core))

    @Test
    fun `recommender uses nothing newer than API 24`() = assertEquals(emptyList<String>(), undefined(recommender))

    /** `EdgeToEdge.kt` asks for API 30 before it uses these. */
    @Test
    fun `the sample uses nothing newer than API 24 but window insets, after a look at the version`() {
        val expected = listOf(
            "android.graphics.Insets",
            "android.graphics.Insets android.view.WindowInsets.getInsets(int)",
            "android.view.WindowInsets android.view.WindowInsets.CONSUMED",
            "int android.graphics.Insets.bottom",
            "int android.graphics.Insets.left",
            "int android.graphics.Insets.right",
            "int android.graphics.Insets.top",
            "int android.view.WindowInsets.Type.displayCutout()",
            "int android.view.WindowInsets.Type.ime()",
            "int android.view.WindowInsets.Type.systemBars()",
        )
        assertEquals(expected, undefined(sample))
    }

    @Test
    fun `the probe is caught, each use of it`() {
        val expected = listOf(
            "android.app.Application android.app.ActivityThread.currentApplication()",
            "android.app.NotificationChannel",
            "android.os.IBinder android.app.Activity.getActivityToken()",
            "byte[] java.io.ByteArrayInputStream.readAllBytes()",
            "java.nio.FloatBuffer java.nio.FloatBuffer.clear()",
            "java.time.Duration",
            "java.time.Duration java.time.Duration.ofSeconds(long)",
            "java.util.concurrent.Executor android.content.Context.getMainExecutor()",
            "void android.app.NotificationChannel.<init>(String, CharSequence, int)",
        )
        assertEquals(expected, undefined(File(System.getProperty("probe.classes"))))
    }

    private val core = locationOf(Profile::class.java)
    private val recommender = locationOf(Recommender::class.java)
    private val sample = locationOf(MainActivity::class.java)

    /** References that Android 7 does not know, in order, without repetition. */
    private fun undefined(place: File): List<String> {
        val log = Lines()
        val known = ClassListBuilder(log)
        val beside = listOf(KotlinVersion::class.java, Job::class.java, Interpreter::class.java).map { locationOf(it) }
        (listOf(place, core, recommender) + beside).forEach { known.process(it) }
        FileInputStream(System.getProperty("api24")).use { signatures ->
            val checker = SignatureChecker(signatures, known.packages, log)
            checker.setSourcePath(emptyList<File>())
            checker.process(place)
            assertEquals("the checker's verdict and its lines differ", log.lines.isNotEmpty(), checker.isSignatureBroken)
        }
        assertTrue("nothing was read from $place", known.packages.size > 100)
        return log.lines.map { it.substringAfter("Undefined reference: ") }.distinct().sorted()
    }

    private fun locationOf(type: Class<*>) = File(type.protectionDomain.codeSource.location.toURI())

    /** Keeps what the checker complains of. */
    private class Lines : Logger {
        val lines = ArrayList<String>()

        override fun info(message: String) = Unit

        override fun info(message: String, t: Throwable) = Unit

        override fun debug(message: String) = Unit

        override fun debug(message: String, t: Throwable) = Unit

        override fun warn(message: String) = Unit

        override fun warn(message: String, t: Throwable) = Unit

        override fun error(message: String) {
            lines.add(message)
        }

        override fun error(message: String, t: Throwable) {
            lines.add(message)
        }
    }
}
