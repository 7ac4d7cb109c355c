package com.seefud.buildfiles

import org.w3c.dom.Element
import java.io.File
import java.util.concurrent.TimeUnit
import javax.xml.parsers.DocumentBuilderFactory

/** What the Maven build compiled and ran with, measured where it can be. */
internal object MavenBuild {
    val projectRoot: File = File(System.getProperty("project.root")).canonicalFile
    private val modules = File(System.getProperty("modules"))

    /** The standard library that the code was compiled against has the compiler's version. */
    val kotlin = KotlinVersion.CURRENT.toString()

    val coroutines = resource("META-INF/kotlinx_coroutines_core.version")

    val tensorflowLite = property("tflite.version")
    val junit = property("junit4.version")
    val gson = property("gson.version")
    val r8 = property("r8.version")
    val apksig = property("apksig.version")
    val explicitApi = property("explicit.api")

    /** Version of Java whose bytecode every compiled class of the three modules is in. */
    val bytecode: Set<Int> = listOf("core", "recommender", "sample").flatMap { module ->
        File(modules, "$module/target/classes").walk().filter { it.extension == "class" }.map { it.readBytes()[7] - 44 }
    }.toSet()

    /** API level of the classes that the code was compiled against, the newest that they name. */
    val compileSdk: Int = Class.forName("android.os.Build\$VERSION_CODES").fields.map { it.getInt(null) }
        .filter { it < CUR_DEVELOPMENT }.max()

    /** API levels that animal-sniffer checks calls against. */
    val snifferLevels: Set<Int> = poms().flatMap { Regex("gummy-bears-api-(\\d+)").findAll(it.readText()) }
        .map { it.groupValues[1].toInt() }.toSet()

    /** Of `aapt2 dump badging`, such as `targetSdkVersion` to `35` of the APK of resources. */
    val badging: Map<String, String> by lazy {
        val command = listOf(property("aapt2"), "dump", "badging", File(modules, "sample/target/res.apk").path)
        val process = ProcessBuilder(command).redirectErrorStream(true).start()
        val said = process.inputStream.reader().readText()
        check(process.waitFor(1, TimeUnit.MINUTES)) { "aapt2 does not end" }
        val levels = Regex("^(\\w+):'([^']*)'", RegexOption.MULTILINE).findAll(said)
        val names = Regex("\\b(name|versionCode|versionName)='([^']*)'").findAll(said.lines().first { it.startsWith("package:") })
        (levels + names).associate { it.groupValues[1] to it.groupValues[2] }
    }

    /** Artifact of each dependency that a module's POM takes along to its users. */
    fun dependencies(module: String): Set<String> {
        val pom = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(File(modules, "$module/pom.xml"))
        val nodes = pom.getElementsByTagName("dependency")
        val all = (0 until nodes.length).map { nodes.item(it) as Element }
        return all.filter { it.text("scope").isEmpty() }.map { it.text("artifactId") }.toSet()
    }

    fun file(path: String) = File(projectRoot, path)

    private fun poms() = modules.walk().maxDepth(2).filter { it.name == "pom.xml" }.toList()

    private fun Element.text(tag: String) = getElementsByTagName(tag).item(0)?.textContent.orEmpty()

    private fun property(name: String): String = System.getProperty(name)

    private fun resource(name: String) = javaClass.classLoader.getResource(name)!!.readText().trim()

    private const val CUR_DEVELOPMENT = 10_000
}
