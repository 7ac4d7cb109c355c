package com.seefud.recommender

import android.os.Looper
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import java.util.concurrent.FutureTask

/** The thread that draws: it may ask by suspending, and must not wait. */
class MainThreadTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun `blocking functions refuse the main thread, suspending ones and close do not`() = onMainThread {
        val opening = assertThrows(MainThreadException::class.java) {
            Recommender.openBlocking(TestModels.file("float32"))
        }
        assertEquals(
            "openBlocking: expected a background thread, found the main thread; " +
                "call the suspending function instead, or hand this to an executor",
            opening.message,
        )
        val recommender = runBlocking { Recommender.open(TestModels.file("float32")) }
        val profile = Profile.empty()
        val blocking = mapOf<String, () -> Unit>(
            "recommendBlocking" to { recommender.recommendBlocking(profile) },
            "rankBlocking" to { recommender.rankBlocking(profile, emptyList()) },
            "searchBlocking" to { recommender.searchBlocking("ayam") },
            "similarBlocking" to { recommender.similarBlocking("ayam") },
        )
        for ((name, call) in blocking) {
            assertEquals(name, assertThrows(MainThreadException::class.java) { call() }.where)
        }
        assertEquals(20, runBlocking { recommender.recommend(profile) }.size)
        recommender.close()
    }

    @Test
    fun `a store's blocking functions refuse the main thread, suspending ones do not`() = onMainThread {
        val asset = TestModels.file("float32")
        val store = ModelStore(folder.newFolder(), TrustedKeys.ofPem(Signer().pem), "asset", 0, { ModelFiles.map(asset) }, {})
        val blocking = mapOf<String, () -> Unit>(
            "installBlocking" to { store.installBlocking(asset, asset) },
            "openBlocking" to { store.openBlocking() },
            "statusBlocking" to { store.statusBlocking() },
        )
        for ((name, call) in blocking) {
            assertEquals(name, assertThrows(MainThreadException::class.java) { call() }.where)
        }
        runBlocking {
            assertEquals(0, store.status().current)
            store.open().close()
        }
    }

    private fun onMainThread(test: () -> Unit) {
        val task = FutureTask {
            Looper.prepareMainLooper()
            test()
        }
        Thread(task, "main thread of the test").start()
        task.get()
    }
}
