package com.seefud.packaging

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test
import java.io.File
import java.lang.reflect.InvocationTargetException

/** Why the consumer rules speak of enums; that they suffice is ConsumerTest's. */
class EnumRuleTest {
    @Test
    fun `without the library's rules ProGuard leaves an enum that cannot be looked up by name`() {
        val folder = Parts.scratch("no-enum-rule")
        val output = File(folder, "shrunk.jar")
        val program = Shrinker.library(folder) + Consumer.compile(folder)
        ShrinkTool.PROGUARD.shrink(program, listOf(Parts.tensorflowLite), listOf(Consumer.RULES), output)
        val problem = assertThrows(InvocationTargetException::class.java) {
            Consumer.run(listOf(output), Parts.bundle, "sup ayam")
        }
        assertEquals(IllegalArgumentException::class.java, problem.cause?.javaClass)
        assertEquals("is not an enum class", problem.cause?.message.orEmpty().substringAfter(' '))
    }
}
