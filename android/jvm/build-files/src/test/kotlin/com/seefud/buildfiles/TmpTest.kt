package com.seefud.buildfiles
import org.junit.Test
import java.io.File
class TmpTest {
    @Test fun dump() {
        for (f in listOf("settings.gradle","build.gradle","android/core/build.gradle","android/recommender/build.gradle","android/sample/build.gradle")) {
            println("== $f"); GradleScript(File(System.getProperty("project.root"), f)) { "<$it>".replace(Regex("<(.*sdk)>"),"35") }.settings.forEach(::println)
        }
    }
}
