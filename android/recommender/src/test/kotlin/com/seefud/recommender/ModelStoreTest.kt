package com.seefud.recommender

import com.google.gson.JsonParser
import com.seefud.recommender.core.Resealed
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import java.io.File

/** What gets in, what stays out, and what ranks afterwards. */
class ModelStoreTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val signer = Signer()
    private val float32 = TestModels.file("float32").readBytes()
    private val float16 = TestModels.file("float16").readBytes()
    private val int8 = TestModels.file("dynamic_wi8").readBytes()
    private lateinit var directory: File

    @Before
    fun makeFolder() {
        directory = File(folder.root, "models")
    }

    private fun store(keys: String = signer.pem, assetRelease: Long = 0, step: (String) -> Unit = {}) = ModelStore(
        directory,
        TrustedKeys.ofPem(keys),
        "asset",
        assetRelease,
        { ModelFiles.map(TestModels.file("float32")) },
        step,
    )

    private fun release(number: Long, content: ByteArray, by: Signer = signer) = by.release(folder.newFolder(), number, content)

    private fun ModelStore.take(release: SignedRelease): Long = runBlocking { install(release.model, release.signature) }

    private fun ModelStore.ranks(): String = runBlocking {
        open().use {
            assertEquals(20, it.recommend(Profile.empty()).size)
            it.info.modelId
        }
    }

    private fun ModelStore.said(): String = runBlocking { status() }.problem

    private fun id(content: ByteArray) = Signer.modelId(content)

    @Test
    fun `without a release the asset ranks`() {
        assertEquals(id(float32), store().ranks())
        assertEquals("StoreStatus(current 0, previous 0, highest 0, )", runBlocking { store().status() }.toString())
    }

    @Test
    fun `a release ranks once it is installed, in this store and after a start`() {
        val store = store()
        assertEquals(7, store.take(release(7, int8)))
        assertEquals(id(int8), store.ranks())
        assertEquals(id(int8), store().ranks())
        assertEquals(9, store.take(release(9, float16)))
        assertEquals(id(float16), store().ranks())
        assertEquals("StoreStatus(current 9, previous 7, highest 9, )", runBlocking { store.status() }.toString())
        assertEquals(12, store.take(release(12, int8)))
        assertEquals(listOf("12", "9"), File(directory, "releases").list()!!.sorted())
        assertFalse(File(directory, "incoming").exists())
    }

    @Test
    fun `what Java calls does the same`() {
        val new = release(7, int8)
        val store = store()
        assertEquals(7, store.installBlocking(new.model, new.signature))
        assertEquals(7, store.statusBlocking().current)
        store.openBlocking().use { assertEquals(id(int8), it.info.modelId) }
    }

    @Test
    fun `the same release, an older one, and one that is not newer than the asset's are refused`() {
        val store = store()
        store.take(release(7, int8))
        for (number in listOf(7L, 6L)) {
            val problem = assertThrows(RollbackException::class.java) { store.take(release(number, float16)) }
            assertTrue(problem.message, "expected a release above 7, found $number" in problem.message!!)
        }
        val later = store(assetRelease = 8)
        assertThrows(RollbackException::class.java) { later.take(release(8, float16)) }
        assertEquals(id(float32), later.ranks())
        assertEquals(0, runBlocking { later.status() }.current)
    }

    @Test
    fun `nothing that was not signed as it is gets in`() {
        val store = store()
        store.take(release(7, int8))
        val good = release(8, float16)
        val other = release(8, float32)

        fun refused(error: Class<out RecommenderException>, model: File, signature: File) {
            val problem = assertThrows(error) { runBlocking { store.install(model, signature) } }
            assertTrue(problem.message, problem.message!!.matches(Regex(".+: expected .+, found .+; .+")))
        }
        refused(MissingFileException::class.java, good.model, File(folder.root, "none.sig"))
        refused(MissingFileException::class.java, File(folder.root, "none.tflite"), good.signature)
        refused(UnknownKeyException::class.java, good.model, release(8, float16, Signer()).signature)
        refused(WrongSizeException::class.java, other.model, good.signature)
        refused(SignatureFormException::class.java, good.model, good.model)
        val misnamed = signer.release(folder.newFolder(), 8, float16, "0123456789ab")
        refused(WrongModelException::class.java, misnamed.model, misnamed.signature)
        for (place in 0 until 24) {
            val content = float16.clone()
            val at = (content.size - 1L) * place / 23
            content[at.toInt()] = (content[at.toInt()].toInt() xor 1).toByte()
            refused(WrongDigestException::class.java, folder.newFile().apply { writeBytes(content) }, good.signature)
            val cut = folder.newFile().apply { writeBytes(float16.copyOf(at.toInt())) }
            refused(WrongSizeException::class.java, cut, good.signature)
        }
        assertEquals(id(int8), store().ranks())
        assertEquals("", store.said())
        assertFalse(File(directory, "incoming").exists())
        assertEquals(8, store.take(good))
    }

    @Test
    fun `a file that the reader refuses does not get in, though it is signed`() {
        val store = store()
        val damages = JsonParser.parseString(TestModels.path("damaged/damaged.json").readText()).asJsonArray
        for ((number, entry) in damages.withIndex()) {
            val damage = entry.asJsonObject
            val content = TestModels.path("damaged/" + damage["file"].asString).readBytes()
            if (content.isEmpty()) continue // that cannot be signed
            val release = signer.release(folder.newFolder(), number + 1L, content)
            val problem = assertThrows(BundleException::class.java) { store.take(release) }
            assertEquals(damage["error"].asString.replace("Error", "Exception"), problem.javaClass.simpleName)
        }
        assertTrue("${damages.size()} damages", damages.size() > 40)
        assertEquals(id(float32), store.ranks())
        assertEquals(0, runBlocking { store.status() }.highest)
    }

    @Test
    fun `a file that gives other answers than it carries does not get in`() {
        val text = Resealed(int8).text()
        val score = Regex("\"scores\": \\[\\s*(\\d\\.\\d{4,})").find(text)!!.groupValues[1]
        val other = score.dropLast(4) + (if (score[score.length - 4] == '9') '0' else '9') + score.takeLast(3)
        val wrong = Resealed(int8).document(score, other).seal()
        val problem = assertThrows(WrongAnswerException::class.java) { store().take(release(3, wrong)) }
        assertTrue(problem.message, "probe 0: expected score" in problem.message!!)
        assertEquals(id(float32), store().ranks())
    }

    @Test
    fun `a file for a newer runtime does not get in`() {
        val needy = Resealed(int8).document("\"minimum_runtime\": \"2.3.0\"", "\"minimum_runtime\": \"9.3.0\"").seal()
        val problem = assertThrows(NewerRuntimeException::class.java) { store().take(release(3, needy)) }
        assertEquals(
            "new-3.tflite: minimum_runtime: expected 2.16.1 or older, found 9.3.0; " +
                "update the app's TFLite runtime and this library, or convert the model with older operators",
            problem.message,
        )
    }

    @Test
    fun `keys are rotated by trusting both for a while`() {
        val next = Signer()
        store().take(release(7, int8))
        val both = store(signer.pem + next.pem)
        assertEquals(id(int8), both.ranks())
        both.take(release(8, float16, next))
        assertEquals(id(float16), store(next.pem).ranks())
        // Release 7 is by a key that is out of force: it is no model to go back to.
        File(directory, "releases/8/model.tflite").appendText("x")
        assertEquals(id(float32), store(next.pem).ranks())
        assertTrue(store(next.pem).said(), "release 7: release 7: expected a signature by a trusted key" in store(next.pem).said())
    }

    @Test
    fun `a release whose files were changed is given up at once, for the one before, then for the asset`() {
        store().take(release(7, int8))
        store().take(release(8, float16))
        val model = File(directory, "releases/8/model.tflite")
        model.writeBytes(float16.clone().also { it[5000] = (it[5000] + 1).toByte() })
        assertEquals(id(int8), store().ranks())
        assertTrue(store().said(), store().said().startsWith("release 8: release 8: expected SHA-256"))
        assertThrows(RollbackException::class.java) { store().take(release(8, float16)) }
        File(directory, "releases/7").deleteRecursively()
        assertEquals(id(float32), store().ranks())
        assertEquals(8, runBlocking { store().status() }.highest)
        assertEquals(9, store().take(release(9, float16)))
        assertEquals("", store().said())
    }

    @Test
    fun `a release in the place of another is given up`() {
        store().take(release(7, int8))
        store().take(release(8, float16))
        File(directory, "releases/8").deleteRecursively()
        File(directory, "releases/7").copyRecursively(File(directory, "releases/8"))
        assertEquals(id(int8), store().ranks())
        assertTrue(store().said(), "release 8: expected its own signature, found that of release 7" in store().said())
    }

    @Test
    fun `after the process ended twice while a release was opened, the one before ranks`() {
        store().take(release(7, int8))
        store().take(release(8, float16))
        repeat(2) {
            // The second state of an opening is written when the release has been opened.
            var states = 0
            val dying = store { if (it == "write the state" && ++states == 2) throw Killed() }
            assertThrows(Killed::class.java) { dying.ranks() }
        }
        assertEquals(id(int8), store().ranks())
        assertEquals("release 8: the app ended while it was opened", store().said())
        assertEquals(7, runBlocking { store().status() }.current)
    }

    @Test
    fun `one end of the process is forgotten when the release opens the next time`() {
        store().take(release(7, int8))
        repeat(3) {
            var states = 0
            val dying = store { if (it == "write the state" && ++states == 2) throw Killed() }
            assertThrows(Killed::class.java) { dying.ranks() }
            assertEquals(id(int8), store().ranks())
        }
    }

    @Test
    fun `a damaged state is made again of the releases that are there`() {
        store().take(release(7, int8))
        store().take(release(8, float16))
        for (damage in listOf("", "hello", "seefud-store-1\n9\n8\n7\n0\n\n", "x".repeat(20_000))) {
            File(directory, "state").writeText(damage)
            assertEquals(id(float16), store().ranks())
            assertEquals("the store's state was damaged", store().said())
            assertThrows(RollbackException::class.java) { store().take(release(8, int8)) }
        }
    }

    @Test
    fun `a release number of the asset is not negative`() {
        val problem = assertThrows(InvalidRequestException::class.java) { store(assetRelease = -1) }
        assertEquals("assetRelease: expected at least 0, found -1; leave it out", problem.message)
    }
}

/** The process ends here: nothing after it runs, and nobody tidies up. */
internal class Killed : Error("killed")
