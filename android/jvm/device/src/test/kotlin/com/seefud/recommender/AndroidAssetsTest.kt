package com.seefud.recommender

import android.content.Context
import android.content.res.AssetFileDescriptor
import android.content.res.AssetManager
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import java.io.ByteArrayInputStream
import java.io.FileNotFoundException
import java.io.InputStream
import java.io.RandomAccessFile

/** Assets as an app package holds them: a part of a larger file, or compressed, or not there. */
class AndroidAssetsTest {
    @get:Rule
    val folder = TemporaryFolder()

    /** An app whose `stored` asset lies in the middle of its package. */
    private inner class App(private val stored: ByteArray?) : Context() {
        val before = 4_097L

        override fun getAssets(): AssetManager = object : AssetManager() {
            private val assets = setOf("models/compressed.tflite", "models/readme.txt", "models/seefud.tflite")

            override fun openFd(name: String): AssetFileDescriptor {
                if (stored == null || name != "models/seefud.tflite") throw FileNotFoundException(name)
                val file = folder.newFile()
                file.writeBytes(ByteArray(before.toInt()) + stored + ByteArray(100))
                return AssetFileDescriptor(RandomAccessFile(file, "r"), before, stored.size.toLong())
            }

            override fun open(name: String): InputStream =
                if (name in assets) ByteArrayInputStream(ByteArray(1)) else throw FileNotFoundException(name)

            override fun list(folder: String): Array<String> =
                assets.filter { it.startsWith("$folder/") }.map { it.substringAfter('/') }.toTypedArray()
        }
    }

    @Test
    fun `an asset in the middle of the package is mapped and ranks`() {
        val content = TestModels.file("dynamic_wi8").readBytes()
        Recommender.openBlocking(App(content), "models/seefud.tflite").use {
            assertEquals(content.size.toLong(), it.info.size)
            assertEquals(20, it.recommendBlocking(Profile.empty()).size)
        }
    }

    @Test
    fun `the asset is the floor of a store, and a release goes above it`() {
        val signer = Signer()
        val store = ModelStore(
            App(TestModels.file("dynamic_wi8").readBytes()),
            TrustedKeys.ofPem(signer.pem),
            "models/seefud.tflite",
            directory = folder.newFolder(),
        )
        val ids = ArrayList<String>()
        store.openBlocking().use { ids += it.info.modelId }
        val new = signer.release(folder.newFolder(), 3, TestModels.file("float16").readBytes())
        store.installBlocking(new.model, new.signature)
        store.openBlocking().use { ids += it.info.modelId }
        assertEquals(listOf("dynamic_wi8", "float16").map { Signer.modelId(TestModels.file(it).readBytes()) }, ids)
    }

    @Test
    fun `a compressed asset is told from a missing one`() {
        val compressed = assertThrows(CompressedAssetException::class.java) {
            Recommender.openBlocking(App(null), "models/compressed.tflite")
        }
        assertEquals(
            "asset models/compressed.tflite: expected a file that was stored as it is, found one that was compressed " +
                "when the app was packed; add androidResources { noCompress += \"tflite\" } to the android block of " +
                "the app's build file",
            compressed.message,
        )
        val missing = assertThrows(MissingFileException::class.java) {
            Recommender.openBlocking(App(null), "models/sefud.tflite")
        }
        assertEquals(
            "asset models/sefud.tflite: expected this file among the app's assets, found compressed.tflite, " +
                "seefud.tflite; put the model into src/main/assets",
            missing.message,
        )
        val none = assertThrows(MissingFileException::class.java) { Recommender.openBlocking(App(null), "x.tflite") }
        assertEquals("no .tflite file there", none.found)
    }
}
