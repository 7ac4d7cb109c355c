package com.seefud.recommender

import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import java.io.File
import java.io.IOException
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicBoolean

/** The switch from one model to the next: cut short at every step, under readers, and without room. */
class ModelStoreSwitchTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val signer = Signer()
    private val models = listOf("dynamic_wi8", "float16").map { TestModels.file(it).readBytes() }
    private val asset = Signer.modelId(TestModels.file("float32").readBytes())
    private val old by lazy { signer.release(folder.newFolder(), 7, models[0]) }
    private val new by lazy { signer.release(folder.newFolder(), 8, models[1]) }

    private fun store(directory: File, step: (String) -> Unit = {}) = ModelStore(
        directory,
        TrustedKeys.ofPem(signer.pem),
        "asset",
        0,
        { ModelFiles.map(TestModels.file("float32")) },
        step,
    )

    private fun ModelStore.take(release: SignedRelease) = runBlocking { install(release.model, release.signature) }

    private fun ModelStore.ranks(): String = runBlocking {
        open().use {
            assertEquals(20, it.recommend(Profile.empty()).size)
            it.info.modelId
        }
    }

    /** Runs [work] in new stores that hold release 7, each one with an end at a later step, until there is no more step. */
    private fun atEveryStep(end: () -> Throwable, work: (ModelStore) -> Unit, after: (File, String) -> Unit): List<String> {
        val ended = ArrayList<String>()
        while (true) {
            val directory = folder.newFolder()
            store(directory).take(old)
            var step = 0
            var name = ""
            val dying = store(directory) {
                if (step++ == ended.size) {
                    name = it
                    throw end()
                }
            }
            try {
                work(dying)
                if (name.isEmpty()) return ended
            } catch (_: Killed) {
                // The next start finds what is there.
            }
            ended += name
            after(directory, "killed at step ${ended.size - 1}, $name")
        }
    }

    @Test
    fun `killed at any step of an installation there is one good model, and the next installation succeeds`() {
        val ids = models.map(Signer::modelId)
        val steps = atEveryStep(::Killed, { it.take(new) }) { directory, place ->
            val status = runBlocking { store(directory).status() }
            assertTrue(place, status.current in listOf(7L, 8L))
            assertEquals(place, "", status.problem)
            assertEquals(place, ids[(status.current - 7).toInt()], store(directory).ranks())
            if (status.current == 7L) {
                assertEquals(place, 8, store(directory).take(new))
            } else {
                assertThrows(place, RollbackException::class.java) { store(directory).take(new) }
            }
            assertEquals(place, ids[1], store(directory).ranks())
            assertEquals(place, listOf("7", "8"), File(directory, "releases").list()!!.sorted())
            assertFalse(place, File(directory, "incoming").exists())
        }
        val expected = listOf(
            "make room", "copy the model", "copy the signature", "make way", "keep the release", "write the state",
            "switch the state",
        )
        assertEquals(expected, steps)
    }

    @Test
    fun `killed while old releases are deleted, the new one ranks and the next installation deletes them`() {
        val directory = folder.newFolder()
        store(directory).take(old)
        store(directory).take(new)
        val third = signer.release(folder.newFolder(), 9, models[0])
        assertThrows(Killed::class.java) {
            store(directory) { if (it == "delete an old release") throw Killed() }.take(third)
        }
        assertEquals(9, runBlocking { store(directory).status() }.current)
        assertEquals(Signer.modelId(models[0]), store(directory).ranks())
        store(directory).take(signer.release(folder.newFolder(), 10, models[1]))
        assertEquals(listOf("10", "9"), File(directory, "releases").list()!!.sorted())
    }

    @Test
    fun `killed at any step of an opening the release opens the next time`() {
        val steps = atEveryStep(::Killed, { it.ranks() }) { directory, place ->
            assertEquals(place, Signer.modelId(models[0]), store(directory).ranks())
            assertEquals(place, 7, runBlocking { store(directory).status() }.current)
        }
        assertEquals(listOf("write the state", "switch the state", "write the state", "switch the state"), steps)
    }

    @Test
    fun `a full disk at any step of an installation is named, and the old model ranks`() {
        var failures = 0
        atEveryStep(
            { IOException("No space left on device") },
            { store ->
                try {
                    store.take(new)
                } catch (problem: StoreFailureException) {
                    failures++
                    val message = "${store.directory.path}: expected a folder to keep models in, " +
                        "found No space left on device; make room and try again"
                    assertEquals(message, problem.message)
                }
            },
        ) { directory, place ->
            assertEquals(place, Signer.modelId(models[0]), store(directory).ranks())
            assertEquals(place, 8, store(directory).take(new))
        }
        assertEquals(7, failures)
    }

    @Test
    fun `a full disk at any step of an opening does not stop it`() {
        val directory = folder.newFolder()
        store(directory).take(old)
        val full = store(directory) { throw IOException("No space left on device") }
        repeat(3) { assertEquals(Signer.modelId(models[0]), full.ranks()) }
        var steps = 0
        val filling = store(directory) { if (steps++ >= 2) throw IOException("No space left on device") }
        assertEquals(Signer.modelId(models[0]), filling.ranks())
        // The disk says that the last attempt did not end: without room to count on, the asset is the safe one.
        assertEquals(asset, full.ranks())
        assertEquals(Signer.modelId(models[0]), store(directory).ranks())
        assertEquals("StoreStatus(current 7, previous 0, highest 7, )", runBlocking { store(directory).status() }.toString())
        File(directory, "releases/7/model.tflite").appendText("x")
        assertEquals(asset, full.ranks())
    }

    @Test
    fun `what a full disk left of a copy is deleted`() {
        val directory = folder.newFolder()
        assertThrows(StoreFailureException::class.java) {
            store(directory) { if (it == "copy the signature") throw IOException("No space left on device") }.take(new)
        }
        assertFalse(File(directory, "incoming").exists())
    }

    @Test
    fun `a reader keeps its model while releases come and go`() = runBlocking {
        val directory = folder.newFolder()
        val store = store(directory)
        store.take(old)
        val profile = Profile.of(liked = listOf("soto ayam lamongan"))
        store.open().use { reader ->
            val before = reader.recommend(profile).map { it.product.title to it.score }
            for (number in 8L..11L) store.take(signer.release(folder.newFolder(), number, models[(number % 2).toInt()]))
            assertFalse(File(directory, "releases/7").exists())
            assertEquals(before, reader.recommend(profile).map { it.product.title to it.score })
            assertEquals(Signer.modelId(models[0]), reader.info.modelId)
        }
        Unit
    }

    @Test
    fun `eight threads open and rank while releases are installed`() {
        val directory = folder.newFolder()
        store(directory).take(old)
        val known = models.map(Signer::modelId).toSet()
        val isDone = AtomicBoolean()
        val pool = Executors.newFixedThreadPool(8)
        val readers = (1..8).map {
            pool.submit(
                Callable {
                    var rankings = 0
                    do {
                        assertTrue(store(directory).ranks() in known)
                        rankings++
                    } while (!isDone.get())
                    rankings
                },
            )
        }
        for (number in 8L..15L) store(directory).take(signer.release(folder.newFolder(), number, models[(number % 2).toInt()]))
        isDone.set(true)
        assertTrue(readers.sumOf { it.get() } >= 8)
        pool.shutdown()
        val status = runBlocking { store(directory).status() }
        assertEquals("StoreStatus(current 15, previous 14, highest 15, )", status.toString())
    }
}
