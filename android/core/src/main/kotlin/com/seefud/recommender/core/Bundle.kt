package com.seefud.recommender.core

import com.seefud.recommender.BundleException
import com.seefud.recommender.DigestMismatchException
import com.seefud.recommender.ForeignModelException
import com.seefud.recommender.MissingFileException
import com.seefud.recommender.NotAModelException
import com.seefud.recommender.TruncatedException
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.concurrent.ExecutionException
import java.util.concurrent.FutureTask
import kotlin.concurrent.thread

/** What a person can do about most damages. */
internal const val REBUILD: String = "build the bundle again or copy it again"

/**
 * A `seefud.tflite` of which every part was checked: flatbuffer, vocabularies and `bundle.json`. It keeps the buffer
 * that it was read from, and needs that to stay as it is. Immutable; several threads may read.
 *
 * The vocabularies stay in that buffer; the heap gets about 20 bytes a product and token.
 *
 * @property document the checked `bundle.json`
 * @property size bytes of the whole file
 * @property productTable [N, D + 1]: a row for each product, its prior last
 * @property tokenTable [max(V, 1), D]: a row for each token
 */
public class Bundle private constructor(
    public val document: BundleDocument,
    public val size: Long,
    public val productTable: StoredTable,
    public val tokenTable: StoredTable,
    private val model: FileBytes,
    private val vocabularies: Vocabularies,
) {
    /**
     * The model for an interpreter: a view of its bytes in the native order, position 0. A new one at each call, direct
     * or mapped if the file's buffer is.
     */
    public val flatbuffer: ByteBuffer get() = model.buffer(ByteOrder.nativeOrder())

    /** Whether [ingredients] are known: the bundle was built with `--with-ingredients`. */
    public val hasIngredients: Boolean get() = vocabularies.ingredients != null

    /**
     * The title to show of a row.
     *
     * @throws IndexOutOfBoundsException there is no such row
     */
    public fun title(row: Int): String = vocabularies.products.line(row)

    /**
     * The ingredients of a row, blank where the catalogue had none; null if the bundle has none at all.
     *
     * @throws IndexOutOfBoundsException there is no such row
     */
    public fun ingredients(row: Int): String? = vocabularies.ingredients?.line(row)

    /**
     * The row of a title, whatever its letter case and white space, or -1 if it is unknown. Where two titles only
     * differ in those, the lower row, which is the more popular product.
     */
    public fun row(title: String): Int = vocabularies.rows.find(title)

    /** The id of a token, or -1 if it is unknown. Tokens are compared as they stand, so give normalised words. */
    public fun token(token: String): Int = vocabularies.ids.find(token)

    public companion object {
        /**
         * Reads and checks, in this order: identifier, archive, document, files, lines, digests, graph.
         *
         * @param content the whole file, from the buffer's position to its limit; it must not change afterwards
         * @param name of the file, for messages
         * @throws BundleException a part breaks the contract; each case has its own class
         */
        @JvmStatic
        public fun read(content: ByteBuffer, name: String): Bundle {
            val parts = Parts.of(content, name)
            val vocabularies = parts.vocabularies()
            parts.checkVocabularyDigests()
            return parts.bundle(parts.tables(), vocabularies)
        }

        /**
         * [read], and meanwhile something with the model: once that has been checked, [use] is called on this thread,
         * while another one still reads the vocabularies. An error is the one that [read] would throw; what [use] throws
         * is thrown if nothing is wrong with the file.
         *
         * @param use gets the document and the [flatbuffer]. Must be undone by the caller if this function throws
         * @throws BundleException as [read]
         */
        public fun readBeside(content: ByteBuffer, name: String, use: (BundleDocument, ByteBuffer) -> Unit): Bundle {
            val parts = Parts.of(content, name)
            val reading = FutureTask { parts.vocabularies() }
            thread(isDaemon = true, name = "seefud $name, vocabularies") { reading.run() }
            val tables = runCatching {
                parts.tables().also { use(parts.document, parts.model.buffer(ByteOrder.nativeOrder())) }
            }
            val digests = runCatching { parts.checkVocabularyDigests() }
            val vocabularies = try {
                reading.get()
            } catch (problem: ExecutionException) {
                throw problem.cause ?: problem
            }
            digests.getOrThrow()
            return parts.bundle(tables.getOrThrow(), vocabularies)
        }
    }

    /** A file whose identifier, archive and document were checked; the rest can be checked by two threads at once. */
    private class Parts(
        private val name: String,
        private val file: FileBytes,
        private val archive: Archive,
        val document: BundleDocument,
    ) {
        val model = file.part(0, archive.modelLength)

        fun vocabularies(): Vocabularies = Vocabularies.read(archive.files, document, name)

        fun checkVocabularyDigests() = Vocabularies.checkDigests(archive.files, document, name)

        /** Of products and of tokens. */
        fun tables(): Pair<StoredTable, StoredTable> {
            checkModel(model, document, name)
            return GraphContract(model, GraphReader.read(model, name), document, name).check()
        }

        fun bundle(tables: Pair<StoredTable, StoredTable>, vocabularies: Vocabularies) =
            Bundle(document, file.length.toLong(), tables.first, tables.second, model, vocabularies)

        companion object {
            private const val IDENTIFIER = "TFL3"
            private const val MOST_SHOWN = 4

            fun of(content: ByteBuffer, name: String): Parts {
                val bytes = content.slice()
                val file = FileBytes(bytes, 0, bytes.limit())
                checkIdentifier(file, name)
                val archive = try {
                    Archive.read(file, name)
                } catch (problem: MissingFileException) {
                    refuseCutModel(file, name)
                    throw problem
                }
                return Parts(name, file, archive, document(archive, name))
            }

            private fun checkIdentifier(file: FileBytes, name: String) {
                val from = minOf(4, file.length)
                val found = file.copy(from, minOf(MOST_SHOWN, file.length - from))
                if (found.contentEquals(IDENTIFIER.toByteArray())) return
                // Other bytes may be anything; as ISO 8859-1 each has a character.
                val shown = String(found, Charsets.ISO_8859_1).map { if (it in ' '..'~') it else '?' }.joinToString("")
                throw NotAModelException(
                    name,
                    "the identifier '$IDENTIFIER' at byte 4",
                    "'$shown' in ${file.length} bytes",
                    "give a .tflite file",
                )
            }

            /** Without an archive: was the file cut, or is it a model that never had one? */
            private fun refuseCutModel(file: FileBytes, name: String) {
                val metadata = GraphReader.read(file, name).metadata[METADATA_NAME] ?: return
                val text = String(file.copy(metadata.start, metadata.size), Charsets.ISO_8859_1)
                if (DOCUMENT_FILE !in text) return
                val expected = "$DOCUMENT_FILE after the model, as its metadata says"
                throw TruncatedException(name, expected, "nothing", REBUILD)
            }

            private fun document(archive: Archive, name: String): BundleDocument {
                val content = archive.files[DOCUMENT_FILE]
                if (content != null) return DocumentReader.read(content, "$name: $DOCUMENT_FILE")
                val found = archive.files.keys.joinToString(", ").ifEmpty { "an empty archive" }
                throw ForeignModelException(
                    name,
                    "$DOCUMENT_FILE in the archive",
                    found,
                    "give a file that seefud build wrote",
                )
            }

            private fun checkModel(model: FileBytes, document: BundleDocument, name: String) {
                val expected = document.digests.getValue(MODEL_DIGEST)
                checkDigest("$name: the model", model, expected)
                if (expected.startsWith(document.modelId)) return
                throw DigestMismatchException(
                    "$name: model_id",
                    "the digest's first digits ${expected.take(document.modelId.length)}",
                    document.modelId,
                    REBUILD,
                )
            }
        }
    }
}
