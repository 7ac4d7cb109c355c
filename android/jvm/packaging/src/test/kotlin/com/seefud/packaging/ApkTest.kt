package com.seefud.packaging

import com.android.apksig.ApkVerifier
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.BeforeClass
import org.junit.Test
import java.io.File
import java.util.zip.ZipFile

class ApkTest {
    @Test
    fun `its signature holds on API level 24 and up`() {
        val result = ApkVerifier.Builder(apk).setMinCheckedPlatformVersion(24).build().verify()
        assertEquals(emptyList<Any>(), result.allErrors)
        assertTrue(result.isVerified)
        assertTrue(result.isVerifiedUsingV2Scheme)
    }

    @Test
    fun `the model lies in it as it is, aligned, so that it can be mapped`() {
        val offset = storedOffsets(apk)["assets/seefud.tflite"]
        assertEquals("offset $offset", 0, offset!! % 4)
        ZipFile(apk).use { assertArrayEquals(Parts.bundle.readBytes(), it.read("assets/seefud.tflite")) }
    }

    @Test
    fun `everything else that is stored is aligned too, the resource table among it`() {
        val offsets = storedOffsets(apk)
        assertTrue("${offsets.keys}", offsets.containsKey("resources.arsc"))
        assertEquals(emptyMap<String, Int>(), offsets.filterValues { it % 4 != 0 })
    }

    @Test
    fun `it holds code, and the runtime for four kinds of processor`() {
        val names = ZipFile(apk).use { it.names() }
        println("sample.apk ${apk.length()} bytes, classes.dex ${ZipFile(apk).use { it.getEntry("classes.dex").size }} bytes")
        assertEquals(listOf("classes.dex"), names.filter { it.endsWith(".dex") })
        val processors = listOf("arm64-v8a", "armeabi-v7a", "x86", "x86_64")
        assertEquals(processors.map { "lib/$it/libtensorflowlite_jni.so" }, names.filter { it.startsWith("lib/") })
    }

    companion object {
        private lateinit var apk: File

        @JvmStatic
        @BeforeClass
        fun build() {
            apk = Apk.build(Parts.scratch("apk"))
        }
    }
}
