package com.seefud.packaging

import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.ByteArrayInputStream
import java.util.zip.ZipFile
import java.util.zip.ZipInputStream

class AarTest {
    private val aar = ZipFile(Parts.aar)

    @Test
    fun `it holds what the Android Gradle plugin puts in, and no model`() {
        val expected = listOf(
            "AndroidManifest.xml",
            "META-INF/com/android/build/gradle/aar-metadata.properties",
            "R.txt",
            "classes.jar",
            "proguard.txt",
        )
        assertEquals(expected, aar.names() - "META-INF/MANIFEST.MF")
        assertEquals("", String(aar.read("R.txt")))
    }

    @Test
    fun `it is smaller than 150 kB`() {
        println("recommender.aar ${Parts.aar.length()} bytes, recommender-core.jar ${Parts.core.length()} bytes")
        assertTrue("${Parts.aar.length()} bytes", Parts.aar.length() < 150_000)
    }

    @Test
    fun `the manifest asks for API level 24 and for no permission`() {
        val manifest = String(aar.read("AndroidManifest.xml"))
        assertTrue(manifest, manifest.contains("package=\"com.seefud.recommender\""))
        assertTrue(manifest, manifest.contains("android:minSdkVersion=\"24\""))
        assertFalse(manifest, manifest.contains("permission"))
    }

    @Test
    fun `the consumer rules are those of the library`() {
        assertEquals(Parts.consumerRules.readText(), String(aar.read("proguard.txt")))
    }

    @Test
    fun `its classes are the library's own, in the bytecode of Java 11`() {
        val zip = ZipInputStream(ByteArrayInputStream(aar.read("classes.jar")))
        val classes = generateSequence { zip.nextEntry }.filter { it.name.endsWith(".class") }.toList().map { it.name }
        assertTrue(classes.contains("com/seefud/recommender/Recommender.class"))
        assertEquals(emptyList<String>(), classes.filterNot { it.startsWith("com/seefud/recommender/") })
        for (file in listOf(Parts.core, Parts.classesOfAar(Parts.scratch("aar")))) {
            ZipFile(file).use { jar ->
                for (name in jar.names().filter { it.endsWith(".class") }) {
                    assertEquals(name, 55, jar.read(name)[7].toInt())
                }
            }
        }
    }
}
