package com.seefud.recommender

import kotlinx.coroutines.runBlocking
import org.junit.rules.TemporaryFolder
import java.io.ByteArrayOutputStream
import java.io.File

internal const val NOW = 1_764_000_000_000L

/** Bytes; a test leaves a few tens of millions. */
private const val LEAST_ROOM = 1L shl 29

/**
 * A log in a folder of its own for one test; in memory where there is room, as thousands of commits would wait for the
 * disk. What the tests show is what is in the files when a process ends, which is the same.
 */
internal class LogFiles : TemporaryFolder(File("/dev/shm").takeIf { it.canWrite() && it.usableSpace > LEAST_ROOM }) {
    /** The file that [log] opens. */
    val file: File get() = File(root, "log.db")

    fun <T> log(limits: InteractionLog.Limits = InteractionLog.Limits(), use: suspend (InteractionLog) -> T): T =
        log(file, limits, use)

    fun <T> log(file: File, limits: InteractionLog.Limits = InteractionLog.Limits(), use: suspend (InteractionLog) -> T): T =
        runBlocking {
            val log = InteractionLog.open(file, limits)
            try {
                use(log)
            } finally {
                log.closeAndWait()
            }
        }

    /** What is in the folder, by name. */
    fun names(): List<String> = root.list().orEmpty().sorted()

    /** Whether any file holds the text. */
    fun hold(text: String): Boolean = root.walk().filter { it.isFile }.any { file ->
        String(file.readBytes(), Charsets.ISO_8859_1).contains(text)
    }
}

/** Closes; when this returns, the file is closed too. */
internal fun InteractionLog.closeAndWait() {
    val name = "seefud ${storage.file.name}"
    val threads = Thread.getAllStackTraces().keys.filter { it.name == name }
    close()
    threads.forEach { it.join() }
}

/** What the log exports, line by line. */
internal suspend fun InteractionLog.lines(since: Long = 0): List<String> =
    ByteArrayOutputStream().also { export(since, it) }.toString("UTF-8").lines().dropLast(1)

internal fun click(title: String, time: Long = NOW) = Interaction.click(Product(title), time = time)

internal fun ranking(vararg titles: String) = Ranking(
    titles.mapIndexed { place, title ->
        Recommendation(title, place, 0.75f - place / 4f, 0.5f, true, Product(title, "salt", "SKU-$place"), emptyList())
    },
    emptyList(),
    emptyList(),
    "0123456789ab",
)
