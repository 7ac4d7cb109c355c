package com.seefud.packaging

import org.junit.Assert.assertEquals
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.PrintStream
import java.io.StringWriter
import javax.tools.ToolProvider

/** A project of its own that knows the library by its published files alone. */
internal object Consumer {
    private const val MAIN = "consumer.Consumer"

    /** What such an app tells R8: where it starts. */
    const val RULES = "-keep class $MAIN { public static void main(java.lang.String[]); }"

    /** Compiles it against the AAR's classes and core. */
    fun compile(folder: File): File {
        val source = File(System.getProperty("user.dir"), "src/consumer/consumer/Consumer.java")
        val classes = File(folder, "consumer").apply { mkdirs() }
        val classPath = Shrinker.library(folder) + Parts.androidAll
        val options = listOf("--release", "11", "-Xlint:all,-classfile", "-Werror", "-d", classes.path)
        val problems = StringWriter()
        val compiler = ToolProvider.getSystemJavaCompiler()
        val files = compiler.getStandardFileManager(null, null, null)
        val all = options + listOf("-classpath", classPath.joinToString(File.pathSeparator))
        val task = compiler.getTask(problems, files, null, all, null, files.getJavaFileObjects(source))
        assertEquals(problems.toString(), true, task.call())
        val jar = File(folder, "consumer.jar")
        java.util.jar.JarOutputStream(jar.outputStream()).use { zip ->
            zip.putNextEntry(java.util.zip.ZipEntry("consumer/Consumer.class"))
            zip.write(File(classes, "consumer/Consumer.class").readBytes())
        }
        return jar
    }

    /** Runs it on the runtime of this computer. */
    fun run(classPath: List<File>, model: File, liked: String): List<String> {
        val printed = ByteArrayOutputStream()
        val before = System.out
        System.setOut(PrintStream(printed, true, "UTF-8"))
        try {
            Parts.run(MAIN, listOf(Parts.shim, Parts.jna) + classPath + Parts.androidAll, model.path, liked)
        } finally {
            System.setOut(before)
        }
        return printed.toString("UTF-8").trim().lines()
    }
}
