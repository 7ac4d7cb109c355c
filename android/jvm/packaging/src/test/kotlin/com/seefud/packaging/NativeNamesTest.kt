package com.seefud.packaging

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.junit.runners.Parameterized
import org.objectweb.asm.ClassReader
import org.objectweb.asm.Opcodes
import org.objectweb.asm.tree.ClassNode
import java.io.File
import java.util.zip.ZipFile

/**
 * What the consumer rules are for: on a phone the runtime's classes are shrunk with the app, and its native library
 * finds methods by the name that it was compiled with, such as `Java_org_tensorflow_lite_TensorImpl_dtype`.
 */
@RunWith(Parameterized::class)
class NativeNamesTest(tool: String) {
    private val tool = ShrinkTool.valueOf(tool)
    private val kept = kept(this.tool)

    @Test
    fun `with the library's rules every native method still has its function`() {
        val functions = kept.flatMap(::functions)
        assertTrue("$functions", functions.contains("Java_org_tensorflow_lite_NativeSignatureRunnerWrapper_nativeInvoke"))
        assertEquals(emptyList<String>(), functions - exported())
    }

    @Test
    fun `with the library's rules the runtime finds its implementation by name`() {
        val factory = kept.find { it.name == "org/tensorflow/lite/InterpreterFactoryImpl" }
        assertNotNull(factory)
        assertTrue(factory!!.methods.any { it.name == "<init>" && it.desc == "()V" })
    }

    @Test
    fun `without them native methods are renamed and would not be found`() {
        val functions = shrunk(tool, "without", "-dontwarn org.checkerframework.**").flatMap(::functions)
        assertTrue("$functions", functions.isNotEmpty())
        assertNotEquals(emptyList<String>(), functions - exported())
    }

    /** Names that JNI looks for, by the rules of the Java Native Interface for names without special letters. */
    private fun functions(node: ClassNode): List<String> = node.methods
        .filter { it.access and Opcodes.ACC_NATIVE != 0 }
        .map { "Java_${node.name.replace("_", "_1").replace('/', '_')}_${it.name.replace("_", "_1")}" }

    private fun exported(): Set<String> {
        val library = File(Parts.tensorflowLiteLibraries, "arm64-v8a/libtensorflowlite_jni.so")
        return Regex("Java_\\w+").findAll(library.readText(Charsets.ISO_8859_1)).map { it.value }.toSet()
    }

    companion object {
        private val made = HashMap<ShrinkTool, List<ClassNode>>()

        @JvmStatic
        @Parameterized.Parameters(name = "{0}")
        fun tools(): List<String> = ShrinkTool.entries.map { it.name }

        /** It takes its time: once for both tests. */
        private fun kept(tool: ShrinkTool) = made.getOrPut(tool) { shrunk(tool, "with", Parts.consumerRules.readText()) }

        /** The consumer and the real runtime, by the runtime's own rules and these. */
        private fun shrunk(tool: ShrinkTool, name: String, rules: String): List<ClassNode> {
            val folder = Parts.scratch("native-$tool-$name")
            val output = File(folder, "shrunk.jar")
            val program = Shrinker.library(folder) + Consumer.compile(folder) + Parts.tensorflowLite
            val all = listOf(Consumer.RULES, Parts.tensorflowLiteRules.readText(), rules)
            tool.shrink(program, emptyList(), all, output)
            return ZipFile(output).use { zip ->
                zip.names().filter { it.endsWith(".class") }
                    .map { ClassNode().apply { ClassReader(zip.read(it)).accept(this, ClassReader.SKIP_CODE) } }
            }
        }
    }
}
