package com.seefud.recommender.core

import com.google.gson.JsonObject
import com.google.gson.JsonParser
import com.seefud.recommender.InvalidKeyException
import com.seefud.recommender.NewerSignatureSchemaException
import com.seefud.recommender.ReleaseException
import com.seefud.recommender.RollbackException
import com.seefud.recommender.SignatureFormException
import com.seefud.recommender.TrustedKeys
import com.seefud.recommender.UnknownKeyException
import com.seefud.recommender.WrongDigestException
import com.seefud.recommender.WrongModelException
import com.seefud.recommender.WrongSignatureException
import com.seefud.recommender.WrongSizeException
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File
import java.nio.ByteBuffer
import java.util.Base64
import java.util.Random

/** The vectors that the toolchain wrote, and damage. */
class ReleaseSignatureTest {
    private val golden = File(System.getProperty("project.root"), "tests/golden/signature")
    private val vectors: JsonObject = JsonParser.parseString(File(golden, "vectors.json").readText()).asJsonObject
    private val trusted = TrustedKeys.ofPem(File(golden, vectors["trusted"].asString).readText())
    private val good = File(golden, "content.bin.sig").readBytes()

    private fun accept(signature: ByteArray, file: String, newerThan: Long) {
        val parsed = ReleaseSignature.parse(signature, "x.sig")
        parsed.check(trusted)
        parsed.checkRelease(newerThan)
        parsed.checkContent(ByteBuffer.wrap(File(golden, file).readBytes()), "x")
    }

    @Test
    fun `every vector of the toolchain has the toolchain's answer`() {
        val cases = vectors["cases"].asJsonArray.map { it.asJsonObject }
        val met = HashSet<String>()
        for (case in cases) {
            val signature = Base64.getDecoder().decode(case["signature"].asString)
            val call = { accept(signature, case["file"].asString, case["newer_than"].asLong) }
            if (case["error"].isJsonNull) {
                call()
                continue
            }
            val name = case["name"].asString
            val problem = assertThrows(name, ReleaseException::class.java) { call() }
            val expected = case["error"].asString.removeSuffix("Error") + "Exception"
            assertEquals(name, expected, problem.javaClass.simpleName)
            assertTrue("$name: ${problem.message}", case["says"].asString in problem.message!!)
            met += expected
        }
        assertEquals(40, cases.size)
        val all = listOf(
            SignatureFormException::class, NewerSignatureSchemaException::class, UnknownKeyException::class,
            WrongSignatureException::class, RollbackException::class, WrongSizeException::class, WrongDigestException::class,
        )
        assertEquals(all.map { it.simpleName }.toSet(), met)
    }

    @Test
    fun `keys have the toolchain's ids`() {
        assertEquals(vectors["keys"].asJsonObject.entrySet().map { it.value.asString }, trusted.ids.toList())
    }

    @Test
    fun `a text without keys, a private key, a broken one and one of another curve are refused`() {
        fun refused(text: String) = assertThrows(InvalidKeyException::class.java) { TrustedKeys.ofPem(text) }.message
        val remedy = "give what seefud keygen wrote as NAME.public.pem"
        val pem = File(golden, "test-key.public.pem").readText()
        assertEquals("trusted keys: expected public keys in PEM, found none; $remedy", refused("hello"))
        assertEquals("trusted keys: expected public keys, found a private one; $remedy", refused(pem.replace("PUBLIC", "PRIVATE")))
        assertEquals("trusted keys: expected a block of PEM, found one without its end; $remedy", refused(pem.substringBefore("-----END")))
        val other = refused(File(golden, vectors["refused_keys"].asJsonArray[0].asString).readText())
        assertEquals("trusted keys: expected a public key of P-256, found another key of 88 bytes; $remedy", other)
        assertEquals("trusted keys: expected base64 in the block PUBLIC KEY, found something else; $remedy", refused(pem.replace("\nM", "\n*")))
    }

    @Test
    fun `a key whose point is not on the curve verifies nothing`() {
        val pem = File(golden, "test-key.public.pem").readText()
        val body = pem.lines().filterNot { it.startsWith("-") }.joinToString("")
        val der = Base64.getDecoder().decode(body).also { it[40] = (it[40] + 1).toByte() }
        val changed = "-----BEGIN PUBLIC KEY-----\n" + Base64.getEncoder().encodeToString(der) + "\n-----END PUBLIC KEY-----\n"
        val problem = assertThrows(ReleaseException::class.java) {
            ReleaseSignature.parse(good, "x.sig").check(TrustedKeys.ofPem(changed))
        }
        assertTrue("$problem", problem is InvalidKeyException || problem is UnknownKeyException)
    }

    @Test
    fun `a signature of another model is refused`() {
        val problem = assertThrows(WrongModelException::class.java) {
            ReleaseSignature.parse(good, "x.sig").checkModel("ba9876543210", "x")
        }
        assertEquals("x: expected model 0123456789ab, as signed, found ba9876543210; sign the file again", problem.message)
    }

    @Test
    fun `no damaged signature is accepted`() {
        val random = Random(7)
        repeat(2000) {
            val bytes = damaged(good, random)
            if (bytes.contentEquals(good)) return@repeat
            assertThrows(ReleaseException::class.java) { accept(bytes, "content.bin", 0) }
        }
    }

    @Test
    fun `base64 is read as Java reads it, and in one spelling only`() {
        val random = Random(5)
        repeat(2000) {
            val bytes = ByteArray(random.nextInt(40)).also(random::nextBytes)
            val text = Base64.getEncoder().encodeToString(bytes)
            assertTrue(bytes.contentEquals(Base64Text.decode(text)))
        }
        for (wrong in listOf("A", "AA", "AAA", "AA=A", "A===", "====", "AB==", "AAB=", "AA==AA==", "A A=", "A\u00e9==", "AA=")) {
            assertNull(wrong, Base64Text.decode(wrong))
        }
    }

    private fun damaged(content: ByteArray, random: Random): ByteArray {
        val place = random.nextInt(content.size)
        return when (random.nextInt(4)) {
            0 -> content.copyOf().also { it[place] = (it[place].toInt() xor (1 shl random.nextInt(8))).toByte() }
            1 -> content.copyOf(place)
            2 -> content.copyOfRange(0, place) + random.nextInt(256).toByte() + content.copyOfRange(place, content.size)
            else -> content.copyOfRange(0, place) + content.copyOfRange(place + 1, content.size)
        }
    }
}
