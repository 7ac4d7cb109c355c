package com.seefud.packaging

import org.objectweb.asm.ClassReader
import org.objectweb.asm.commons.ClassRemapper
import org.objectweb.asm.commons.Remapper
import org.objectweb.asm.tree.ClassNode
import java.io.File
import java.util.zip.Deflater
import java.util.zip.ZipEntry
import java.util.zip.ZipFile
import java.util.zip.ZipOutputStream

/**
 * Android and Java as far as what is shrunk knows them: each class that it names, and the classes that those name in
 * turn outside of their code, all whole. R8 and ProGuard read every class of their libraries, and most of the tens of
 * thousands of Android's and Java's are out of reach. Where one were missing, both would say so, which the tests take
 * for a failure.
 */
internal object Platform {
    /** Made once for all tests. */
    val jar: File by lazy {
        val folder = Parts.scratch("platform")
        val program = Shrinker.library(folder) + Parts.coroutinesAndroid + Parts.sample + Parts.tensorflowLite
        File(folder, "platform.jar").also { jar ->
            ZipFile(Parts.androidAll).use { android -> write(jar, closure(program) { bytes(android, it) }) }
        }
    }

    private fun closure(program: List<File>, find: (String) -> ByteArray?): Map<String, ByteArray> {
        val found = sortedMapOf<String, ByteArray>()
        val asked = HashSet<String>()
        val waiting = ArrayDeque(program.flatMap { jar -> classes(jar).flatMap { named(it) } }.distinct())
        while (waiting.isNotEmpty()) {
            val name = waiting.removeFirst()
            if (!asked.add(name)) continue
            val bytes = find(name) ?: continue
            found[name] = bytes
            waiting += named(bytes, ClassReader.SKIP_CODE)
        }
        return found
    }

    private fun classes(jar: File): List<ByteArray> = ZipFile(jar).use { zip ->
        zip.names().filter { it.endsWith(".class") && !it.startsWith("META-INF/") }.map { zip.read(it) }
    }

    /** Every class that a class names: what it extends, in its members, its annotations and, unless skipped, its code. */
    private fun named(bytes: ByteArray, skipped: Int = 0): Set<String> {
        val names = HashSet<String>()
        val remapper = object : Remapper() {
            override fun map(name: String): String = name.also { names += it }
        }
        // Into a node, because what nobody takes is not visited.
        ClassReader(bytes).accept(ClassRemapper(ClassNode(), remapper), skipped)
        return names
    }

    /** Android's, or Java's: android-all is without the classes of Java itself. */
    private fun bytes(android: ZipFile, name: String): ByteArray? {
        val path = "$name.class"
        if (android.getEntry(path) != null) return android.read(path)
        return ClassLoader.getPlatformClassLoader().getResourceAsStream(path)?.use { it.readBytes() }
    }

    private fun write(jar: File, classes: Map<String, ByteArray>) = ZipOutputStream(jar.outputStream()).use { zip ->
        zip.setLevel(Deflater.BEST_SPEED)
        for ((name, bytes) in classes) {
            zip.putNextEntry(ZipEntry("$name.class"))
            zip.write(bytes)
            zip.closeEntry()
        }
    }
}
