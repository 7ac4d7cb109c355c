package com.seefud.packaging

import proguard.Configuration
import proguard.ConfigurationParser
import proguard.ProGuard
import java.io.File
import java.util.Properties
import java.util.zip.ZipFile

/** ProGuard as an app runs it that does not shrink by R8. It ends with an exception where it must warn. */
internal object ProGuardShrinker {
    /**
     * Shrinks, optimizes and renames; see [Shrinker.shrink].
     *
     * @param output a jar
     */
    fun shrink(program: List<File>, libraries: List<File>, rules: List<String>, output: File) {
        val folder = output.parentFile
        val settings = program.map { "-injars ${quoted(it)}(!META-INF/MANIFEST.MF,!META-INF/versions/**)" } +
            (libraries + Platform.jar).map { "-libraryjars ${quoted(it)}" } +
            "-outjars ${quoted(output)}" +
            "-dontnote **"
        val file = File(folder, "${output.nameWithoutExtension}.pro")
        file.writeText((settings + rules + program.flatMap(::carried)).joinToString("\n"))
        val configuration = Configuration()
        ConfigurationParser(arrayOf("@${file.path}"), Properties()).use { it.parse(configuration) }
        ProGuard(configuration).execute()
    }

    private fun carried(jar: File): List<String> = ZipFile(jar).use { zip ->
        zip.names().filter { it.startsWith("META-INF/proguard/") }.map { String(zip.read(it)) }
    }

    private fun quoted(file: File) = "'${file.path}'"
}
