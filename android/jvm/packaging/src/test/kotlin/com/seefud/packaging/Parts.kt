package com.seefud.packaging

import java.io.File
import java.net.URL
import java.net.URLClassLoader
import java.util.zip.ZipFile

/** What the Maven build left for these tests. */
internal object Parts {
    private val parts = File(System.getProperty("parts"))
    private val modules = File(System.getProperty("modules"))

    val projectRoot = File(System.getProperty("project.root")).canonicalFile
    val aar = File(parts, "recommender.aar")
    val core = File(parts, "recommender-core.jar")
    val sample = File(parts, "sample.jar")
    val consumerRules = File(projectRoot, "android/recommender/consumer-rules.pro")

    val androidAll = property("android.all")
    val stdlib = property("kotlin.stdlib")
    val annotations = property("annotations")
    val coroutines = property("coroutines.core")
    val coroutinesAndroid = property("coroutines.android")
    val jna = property("jna")

    /** The real classes of TensorFlow Lite, the rules in its AAR and its native libraries by architecture. */
    val tensorflowLite = File(parts, "tensorflow-lite.jar")
    val tensorflowLiteRules = module("tflite-classes/target/aar/runtime/proguard.txt")
    val tensorflowLiteLibraries = module("tflite-classes/target/aar/runtime/jni")

    /** The same class names over the runtime of this computer. */
    val shim = module("litert-shim/target/classes")

    /** Resources and assets of the sample, and what its manifest and layouts name, both by aapt2. */
    val sampleResources = module("sample/target/res.apk")
    val sampleResourceRules = module("sample/target/aapt-rules.pro")

    val bundle = File(System.getProperty("fixtures"), "dynamic_wi8/seefud.tflite")

    fun module(path: String) = File(modules, path)

    /** A fresh folder for one test's files. */
    fun scratch(name: String): File {
        val folder = File(parts.parentFile, "scratch/$name")
        folder.deleteRecursively()
        folder.mkdirs()
        return folder
    }

    /** The AAR's classes.jar, taken out of the AAR as a build would. */
    fun classesOfAar(folder: File): File {
        val classes = File(folder, "classes.jar")
        ZipFile(aar).use { zip -> classes.writeBytes(zip.read("classes.jar")) }
        return classes
    }

    /** Runs a main method where nothing but these files and the JDK can be seen. */
    fun run(main: String, classPath: List<File>, vararg arguments: String) {
        val urls = classPath.map<File, URL> { it.toURI().toURL() }.toTypedArray()
        URLClassLoader(urls, ClassLoader.getPlatformClassLoader()).use { loader ->
            val before = Thread.currentThread().contextClassLoader
            Thread.currentThread().contextClassLoader = loader
            try {
                loader.loadClass(main).getMethod("main", Array<String>::class.java).invoke(null, arguments)
            } finally {
                Thread.currentThread().contextClassLoader = before
            }
        }
    }

    private fun property(name: String) = File(System.getProperty(name))
}

/** The bytes of one entry. */
internal fun ZipFile.read(name: String): ByteArray = getInputStream(getEntry(name)).use { it.readBytes() }

/** Names of all files, sorted. */
internal fun ZipFile.names(): List<String> =
    entries().asSequence().filterNot { it.isDirectory }.map { it.name }.sorted().toList()
