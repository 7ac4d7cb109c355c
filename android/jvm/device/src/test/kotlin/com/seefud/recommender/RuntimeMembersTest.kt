package com.seefud.recommender

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.objectweb.asm.ClassReader
import org.objectweb.asm.ClassVisitor
import org.objectweb.asm.FieldVisitor
import org.objectweb.asm.MethodVisitor
import org.objectweb.asm.Opcodes
import java.io.File
import java.util.zip.ZipFile

private const val RUNTIME = "org/tensorflow/lite/"

/**
 * Holds the library and the shim against the real classes of TensorFlow Lite, by their class files: the real ones
 * cannot be loaded beside the shim.
 */
class RuntimeMembersTest {
    private data class Member(val owner: String, val name: String, val descriptor: String, val isStatic: Boolean)

    private class Type(val access: Int, val parents: List<String>, val members: Set<Member>)

    private val real = types(File(System.getProperty("tflite.classes")))
    private val shim = types(locationOf(org.tensorflow.lite.Interpreter::class.java))

    @Test
    fun `everything public in the shim is in the real classes with the same descriptor`() {
        val public = shim.filter { (_, type) -> type.access and Opcodes.ACC_PUBLIC != 0 }
        assertEquals(
            setOf("DataType", "Interpreter", "Interpreter\$Options", "Tensor"),
            public.keys.map { it.removePrefix(RUNTIME) }.toSet(),
        )
        val members = public.values.flatMap { it.members }
        assertTrue("only ${members.size} members", members.size >= 18)
        assertEquals(emptyList<Member>(), members.filterNot { isIn(real, it) })
    }

    @Test
    fun `everything that the library uses is in the shim and in the real classes`() {
        val used = uses(locationOf(Recommender::class.java))
        val methods = used.map { it.name }
        for (name in listOf("<init>", "setNumThreads", "getSignatureKeys", "runSignature", "dataType", "close")) {
            assertTrue("$name in $methods", name in methods)
        }
        assertEquals("missing in the real classes", emptyList<Member>(), used.filterNot { isIn(real, it) })
        assertEquals("missing in the shim", emptyList<Member>(), used.filterNot { isIn(shim, it) })
    }

    @Test
    fun `only one class of the library knows the interpreter`() {
        val users = classFiles(locationOf(Recommender::class.java)).filter { uses(it).isNotEmpty() }
            .map { ClassReader(it).className.substringAfterLast('/').substringBefore('$') }
        assertEquals(setOf("TfliteModel"), users.toSet())
    }

    private fun isIn(types: Map<String, Type>, member: Member): Boolean {
        val type = types[member.owner] ?: return false
        if (member in type.members) return true
        // What every enum inherits from java.lang.Enum.
        if ("java/lang/Enum" in type.parents && member.name == "name") return true
        return type.parents.any { isIn(types, member.copy(owner = it)) }
    }

    private fun types(place: File): Map<String, Type> = classFiles(place).map { ClassReader(it) }
        .filter { it.className.startsWith(RUNTIME) }.associate { it.className to type(it) }

    private fun type(reader: ClassReader): Type {
        val members = HashSet<Member>()
        val visitor = object : ClassVisitor(Opcodes.ASM9) {
            override fun visitMethod(
                access: Int,
                name: String,
                descriptor: String,
                signature: String?,
                exceptions: Array<String>?,
            ): MethodVisitor? = null.also { add(access, name, descriptor) }

            override fun visitField(
                access: Int,
                name: String,
                descriptor: String,
                signature: String?,
                value: Any?,
            ): FieldVisitor? = null.also { add(access, name, descriptor) }

            private fun add(access: Int, name: String, descriptor: String) {
                if (access and Opcodes.ACC_PUBLIC == 0) return
                members.add(Member(reader.className, name, descriptor, access and Opcodes.ACC_STATIC != 0))
            }
        }
        reader.accept(visitor, ClassReader.SKIP_CODE)
        return Type(reader.access, listOfNotNull(reader.superName) + reader.interfaces, members)
    }

    private fun uses(place: File): Set<Member> = classFiles(place).flatMap { uses(it) }.toSet()

    private fun uses(classFile: ByteArray): Set<Member> {
        val used = HashSet<Member>()
        val code = object : MethodVisitor(Opcodes.ASM9) {
            override fun visitMethodInsn(code: Int, owner: String, name: String, type: String, isInterface: Boolean) {
                add(owner, name, type, code == Opcodes.INVOKESTATIC)
            }

            override fun visitFieldInsn(code: Int, owner: String, name: String, type: String) {
                add(owner, name, type, code == Opcodes.GETSTATIC || code == Opcodes.PUTSTATIC)
            }

            private fun add(owner: String, name: String, type: String, isStatic: Boolean) {
                if (owner.startsWith(RUNTIME)) used.add(Member(owner, name, type, isStatic))
            }
        }
        val visitor = object : ClassVisitor(Opcodes.ASM9) {
            override fun visitMethod(
                access: Int,
                name: String,
                descriptor: String,
                signature: String?,
                exceptions: Array<String>?,
            ) = code
        }
        ClassReader(classFile).accept(visitor, 0)
        return used
    }

    private fun locationOf(type: Class<*>) = File(type.protectionDomain.codeSource.location.toURI())

    /** The class files of a folder or a jar. */
    private fun classFiles(place: File): List<ByteArray> {
        if (place.isDirectory) return place.walk().filter { it.extension == "class" }.map { it.readBytes() }.toList()
        return ZipFile(place).use { jar ->
            jar.entries().asSequence().filter { it.name.endsWith(".class") }
                .map { entry -> jar.getInputStream(entry).use { it.readBytes() } }.toList()
        }
    }
}
