package com.seefud.packaging

import com.android.tools.r8.CompilationMode
import com.android.tools.r8.Diagnostic
import com.android.tools.r8.DiagnosticsHandler
import com.android.tools.r8.OutputMode
import com.android.tools.r8.R8
import com.android.tools.r8.R8Command
import com.android.tools.r8.origin.Origin
import java.io.File
import java.util.zip.ZipFile

/** R8 as a release build of an app runs it. */
internal object Shrinker {
    /** Everything that an app with this library compiles into itself, except the runtime and the app. */
    fun library(folder: File): List<File> =
        listOf(Parts.classesOfAar(folder), Parts.core, Parts.stdlib, Parts.annotations, Parts.coroutines)

    /**
     * Shrinks and renames.
     *
     * @param program what goes into the app; rules that their jars carry apply
     * @param libraries what stays outside, except for Android and Java
     * @param rules further rules
     * @param output a jar for class files, a folder for dex
     * @return warnings of R8
     */
    fun shrink(program: List<File>, libraries: List<File>, rules: List<String>, output: File): List<String> {
        val warnings = ArrayList<String>()
        val handler = object : DiagnosticsHandler {
            override fun warning(warning: Diagnostic) {
                // Two jars with a manifest each: one is left out.
                if (!SAME_RESOURCE.matches(warning.diagnosticMessage)) warnings += warning.diagnosticMessage
            }

            override fun info(info: Diagnostic) = Unit
        }
        val command = R8Command.builder(handler)
            .setMode(CompilationMode.RELEASE)
            .addProgramFiles(program.map(File::toPath))
            .addLibraryFiles((libraries + Platform.jar).map(File::toPath))
            .addProguardConfiguration(rules + program.flatMap(::carried), Origin.unknown())
        if (output.name.endsWith(".jar")) {
            command.setOutput(output.toPath(), OutputMode.ClassFile)
        } else {
            command.setMinApiLevel(24).setOutput(output.toPath(), OutputMode.DexIndexed)
        }
        R8.run(command.build())
        return warnings
    }

    /** Rules within a jar, of which the Android Gradle plugin applies those for its R8. */
    private fun carried(jar: File): List<String> = ZipFile(jar).use { zip ->
        zip.names().filter { CARRIED.containsMatchIn(it) }.map { String(zip.read(it)) }
    }

    private val SAME_RESOURCE = Regex("Resource 'META-INF/.*' already exists\\.")
    private val CARRIED = Regex("^META-INF/com\\.android\\.tools/r8(-from-[0-9.]+)?/[^/]+$")
}
