package com.seefud.recommender

import com.seefud.recommender.core.EventRecord
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import java.io.File
import java.util.Random

/**
 * The process dies: the files stay as they are at that moment. A death in the middle of a write is one at whose moment the
 * write-ahead log ends anywhere. 500 deaths at each of two API levels.
 */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [24, 35], manifest = Config.NONE)
class ProcessDeathTest {
    @get:Rule
    internal val files = LogFiles()

    private val random = Random(11)

    /**
     * The files after a batch was acknowledged.
     *
     * @property floor where the write-ahead log may end at the earliest: what is before has gone into the file itself,
     *     which SQLite does only when the log is on the disk
     */
    private class Moment(val file: ByteArray, val log: ByteArray, before: Moment?) {
        private val read = WriteAheadLog(log)
        val generation = read.generation
        val end = read.end
        val isCheckpoint = before != null && !before.file.contentEquals(file)
        val floor: Int = when {
            isCheckpoint -> end
            before != null && before.generation == generation -> before.floor
            else -> 0
        }
    }

    private val batches = List(BATCHES) { batch -> List(1 + random.nextInt(6)) { click("$batch-$it ${"x".repeat(random.nextInt(300))}") } }

    private fun moments(): List<Moment> = files.log { log ->
        val moments = ArrayList<Moment>()
        for (batch in batches) {
            log.append(batch)
            moments += Moment(files.file.readBytes(), File("${files.file}-wal").readBytes(), moments.lastOrNull())
        }
        moments
    }

    /** Opens the log after a death; how many batches are there, each of them once and whole, in their order. */
    private fun survivors(file: ByteArray, writeAhead: ByteArray): Int {
        val place = File(files.root, "dead.db")
        place.writeBytes(file)
        File("$place-wal").writeBytes(writeAhead)
        File("$place-shm").delete()
        return files.log(place) { log ->
            assertNull(log.recovered)
            val events = log.interactions()
            var count = 0
            var batch = 0
            while (count < events.size) count += batches[batch++].size
            assertEquals(batches.take(batch).flatten(), events)
            assertEquals(List(count) { it + 1L }, log.lines().map { EventRecord.decode(it).sequence })
            log.append(click("after"))
            assertEquals(click("after"), log.interactions(since = count.toLong()).single())
            batch
        }
    }

    @Test
    fun `no death loses what was acknowledged, or doubles it`() {
        val moments = moments()
        val checkpoints = moments.count { it.isCheckpoint }
        val generations = moments.distinctBy { it.generation }.size
        assertTrue("$checkpoints checkpoints, $generations generations", checkpoints >= 3 && generations >= 3)
        var inTheMiddle = 0
        repeat(DEATHS) {
            val last = random.nextInt(moments.size)
            val moment = moments[last]
            val cut = moment.floor + random.nextInt(moment.log.size - moment.floor + 1)
            val kept = (0..last).count { moments[it].generation != moment.generation || moments[it].end <= cut }
            val found = survivors(moment.file, moment.log.copyOf(cut))
            assertEquals("batch $last, cut at $cut of ${moment.end}", kept, found)
            if (kept <= last) inTheMiddle++
        }
        assertTrue("$inTheMiddle of $DEATHS were in the middle of a write", inTheMiddle > DEATHS / 20)
    }

    @Test
    fun `a death while the write-ahead log goes into the file loses nothing`() {
        val moments = moments()
        val torn = moments.indices.filter { moments[it].isCheckpoint }
        assertTrue("${torn.size}", torn.size >= 3)
        for (at in torn) {
            repeat(5) {
                val (old, new) = moments[at - 1].file to moments[at].file
                val mixed = old.copyOf(new.size)
                for (page in new.indices step PAGE) if (random.nextBoolean()) new.copyInto(mixed, page, page, page + PAGE)
                assertEquals(at + 1, survivors(mixed, moments[at].log))
            }
        }
    }

    private companion object {
        const val BATCHES = 250
        const val DEATHS = 500
        const val PAGE = 4096
    }
}
