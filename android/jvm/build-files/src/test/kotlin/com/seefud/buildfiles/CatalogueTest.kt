package com.seefud.buildfiles

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.tomlj.Toml
import java.util.Properties

/** gradle/libs.versions.toml and the two property files, value by value. */
class CatalogueTest {
    private val catalogue = Toml.parse(MavenBuild.file("gradle/libs.versions.toml").toPath())

    @Test
    fun `every version is the one that was compiled or ran`() {
        val liteRt = Regex("ai-edge-litert==(\\S+)").find(MavenBuild.file(ARM64_LOCK).readText())!!.groupValues[1]
        val expected = mapOf(
            "agp" to MavenBuild.apksig,
            "kotlin" to MavenBuild.kotlin,
            "coroutines" to MavenBuild.coroutines,
            "litert" to liteRt,
            "tensorflow-lite" to MavenBuild.tensorflowLite,
            "junit" to MavenBuild.junit,
            "gson" to MavenBuild.gson,
            "min-sdk" to MavenBuild.snifferLevels.single().toString(),
            "compile-sdk" to MavenBuild.compileSdk.toString(),
            "target-sdk" to MavenBuild.badging["targetSdkVersion"],
            "jvm-target" to MavenBuild.bytecode.single().toString(),
        )
        assertEquals(emptyList<Any>(), catalogue.errors())
        assertEquals(expected, catalogue.getTable("versions")!!.toMap())
    }

    @Test
    fun `min-sdk is also what the sample was linked for`() {
        assertEquals(catalogue.getString("versions.min-sdk"), MavenBuild.badging["sdkVersion"])
    }

    @Test
    fun `the newest runtime that a model may need is the one that the library is compiled against`() {
        val source = MavenBuild.file("android/recommender/src/main/kotlin/com/seefud/recommender/RuntimeVersion.kt").readText()
        assertEquals(MavenBuild.tensorflowLite, Regex("OLDEST: String = \"(.+)\"").find(source)!!.groupValues[1])
    }

    @Test
    fun `R8 is the one of the Android Gradle plugin`() {
        assertEquals(catalogue.getString("versions.agp")!!.substringBeforeLast('.'), MavenBuild.r8.substringBeforeLast('.'))
    }

    @Test
    fun `libraries and plugins are these`() {
        val libraries = mapOf(
            "litert" to "com.google.ai.edge.litert:litert litert",
            "tensorflow-lite" to "org.tensorflow:tensorflow-lite tensorflow-lite",
            "coroutines-core" to "org.jetbrains.kotlinx:kotlinx-coroutines-core coroutines",
            "coroutines-android" to "org.jetbrains.kotlinx:kotlinx-coroutines-android coroutines",
            "junit" to "junit:junit junit",
            "gson" to "com.google.code.gson:gson gson",
        )
        val plugins = mapOf(
            "android-application" to "com.android.application agp",
            "android-library" to "com.android.library agp",
            "kotlin-jvm" to "org.jetbrains.kotlin.jvm kotlin",
        )
        assertEquals(libraries, entries("libraries", "module"))
        assertEquals(plugins, entries("plugins", "id"))
        assertEquals(setOf("versions", "libraries", "plugins"), catalogue.keySet())
    }

    @Test
    fun `the published version is the toolchain's`() {
        val expected = mapOf(
            "group" to "com.seefud",
            "version" to Toml.parse(MavenBuild.file("python/pyproject.toml").toPath()).getString("project.version"),
            "org.gradle.jvmargs" to "-Xmx2g -Dfile.encoding=UTF-8",
            "org.gradle.caching" to "true",
            "org.gradle.configuration-cache" to "true",
        )
        assertEquals(expected, properties("gradle.properties"))
    }

    @Test
    fun `the sample that was linked here has the published version too, as Gradle's versionName`() {
        assertEquals(properties("gradle.properties")["version"], MavenBuild.badging["versionName"])
    }

    @Test
    fun `Gradle is new enough for the Android Gradle plugin`() {
        val url = properties("gradle/wrapper/gradle-wrapper.properties").getValue("distributionUrl")
        val version = Regex("https://services\\.gradle\\.org/distributions/gradle-(\\d+)\\.(\\d+)\\.\\d+-bin\\.zip").matchEntire(url)
        val (major, minor) = version!!.destructured
        // Android Gradle plugin 9.5: at least Gradle 9.6, by its release notes.
        assertTrue(url, major.toInt() == 9 && minor.toInt() >= 6)
    }

    private fun entries(table: String, name: String): Map<String, String> = catalogue.getTable(table)!!.toMap().keys
        .associateWith { key ->
            val entry = catalogue.getTable("$table.$key")!!
            "${entry.getString(name)} ${entry.getString("version.ref")}"
        }

    private fun properties(path: String): Map<String, String> {
        val properties = Properties()
        MavenBuild.file(path).reader().use(properties::load)
        return properties.entries.associate { it.key.toString() to it.value.toString() }
    }

    private companion object {
        const val ARM64_LOCK = "android/jvm/arm64/requirements.txt"
    }
}
