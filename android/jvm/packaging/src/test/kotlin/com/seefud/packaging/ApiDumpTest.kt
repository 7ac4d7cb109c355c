package com.seefud.packaging

import kotlinx.validation.api.dump
import kotlinx.validation.api.filterOutNonPublic
import kotlinx.validation.api.loadApiFromJvmClasses
import org.junit.Assert.assertEquals
import org.junit.Test
import java.io.File

/** A change of the public API must be seen in review: it changes a committed file. */
class ApiDumpTest {
    @Test
    fun `the public API of core is the committed one`() = compare("core")

    @Test
    fun `the public API of the library is the committed one`() = compare("recommender")

    private fun compare(module: String) {
        val committed = File(Parts.projectRoot, "android/$module/api/$module.api")
        val found = dumpOf(Parts.module("$module/target/classes"))
        if (System.getProperty("api.record") == "true") {
            committed.parentFile.mkdirs()
            committed.writeText(found)
        }
        val expected = if (committed.exists()) committed.readText() else "nothing"
        assertEquals("$committed; if the change is meant, write it anew with -Dapi.record=true", expected, found)
    }

    private fun dumpOf(classes: File): String {
        val files = classes.walk().filter { it.name.endsWith(".class") && !it.path.contains("META-INF") }
        val api = files.map { it.inputStream() }.loadApiFromJvmClasses().filterOutNonPublic()
        return api.dump(StringBuilder()).toString()
    }
}
