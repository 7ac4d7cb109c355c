package com.seefud.packaging

import java.io.File

/** The two programs by which apps shrink; what the rules say must hold for both. */
internal enum class ShrinkTool {
    R8 {
        override fun shrink(program: List<File>, libraries: List<File>, rules: List<String>, output: File) =
            Shrinker.shrink(program, libraries, rules, output)
    },
    PROGUARD {
        override fun shrink(program: List<File>, libraries: List<File>, rules: List<String>, output: File): List<String> {
            // Of the defaults that every app's build adds: annotations of coroutines and the runtime, and Java's own parts.
            ProGuardShrinker.shrink(program, libraries, rules + DEFAULTS, output)
            return emptyList()
        }
    }, ;

    /**
     * Shrinks and renames by [rules] and by those that the [program]'s jars carry for this tool.
     *
     * @param output a jar
     * @return warnings
     */
    abstract fun shrink(program: List<File>, libraries: List<File>, rules: List<String>, output: File): List<String>

    private companion object {
        const val DEFAULTS = "-dontwarn org.codehaus.mojo.animal_sniffer.**"
    }
}
