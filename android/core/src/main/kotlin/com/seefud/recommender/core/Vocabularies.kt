package com.seefud.recommender.core

import com.seefud.recommender.DigestMismatchException
import com.seefud.recommender.MissingFileException
import com.seefud.recommender.UnexpectedFileException
import com.seefud.recommender.VocabularyException
import com.seefud.recommender.VocabularySizeException

internal const val DOCUMENT_FILE: String = "bundle.json"
internal const val PRODUCTS_FILE: String = "products.txt"
internal const val TOKENS_FILE: String = "tokens.txt"
internal const val INGREDIENTS_FILE: String = "ingredients.txt"

/** Key of the digest of everything before the archive. */
internal const val MODEL_DIGEST: String = "flatbuffer"

/**
 * The texts of a bundle.
 *
 * @property products display titles by row
 * @property rows from title to row
 * @property ids from token to id
 * @property ingredients by row, or null where the bundle has none
 */
internal class Vocabularies private constructor(
    val products: LineTable,
    val rows: LineIndex,
    val ids: LineIndex,
    val ingredients: LineTable?,
) {
    internal companion object {
        /**
         * Checks that the files are those that the document lists, and their lines, and indexes them.
         *
         * @param where named in errors
         * @throws MissingFileException a file is absent
         * @throws UnexpectedFileException there is a file that the document does not list
         * @throws VocabularySizeException a file has more or fewer lines than the document says
         * @throws VocabularyException a line is not UTF-8, or a title or token is blank or repeated
         */
        fun read(files: Map<String, FileBytes>, document: BundleDocument, where: String): Vocabularies {
            checkFiles(files, document, where)
            val products = LineTable.read(files.getValue(PRODUCTS_FILE), document.products, "$where: $PRODUCTS_FILE")
            val rows = LineIndex.of(products, LineHash.Canonical(), "$where: $PRODUCTS_FILE")
            val tokens = LineTable.read(files.getValue(TOKENS_FILE), document.tokens, "$where: $TOKENS_FILE")
            val ids = LineIndex.of(tokens, LineHash.Exact(), "$where: $TOKENS_FILE")
            val ingredients = files[INGREDIENTS_FILE]?.let {
                LineTable.read(it, document.products, "$where: $INGREDIENTS_FILE")
            }
            return Vocabularies(products, rows, ids, ingredients)
        }

        /**
         * Holds the files against the document's digests; those that the document does not list are passed over.
         *
         * @throws DigestMismatchException a file is not the one of which the document has the digest
         */
        fun checkDigests(files: Map<String, FileBytes>, document: BundleDocument, where: String) {
            for (name in listOf(PRODUCTS_FILE, TOKENS_FILE, INGREDIENTS_FILE)) {
                checkDigest("$where: $name", files[name] ?: continue, document.digests[name] ?: continue)
            }
        }

        private fun checkFiles(files: Map<String, FileBytes>, document: BundleDocument, where: String) {
            for (name in listOf(PRODUCTS_FILE, TOKENS_FILE, INGREDIENTS_FILE)) {
                if (name in files || name == INGREDIENTS_FILE && name !in document.digests) continue
                throw MissingFileException("$where: $name", "this file in the archive", "nothing", REBUILD)
            }
            val known = setOf(PRODUCTS_FILE, TOKENS_FILE, INGREDIENTS_FILE)
            for (name in files.keys) {
                if (name == DOCUMENT_FILE || name in known && name in document.digests) continue
                throw UnexpectedFileException("$where: $name", "only files that bundle.json lists", "one more", REBUILD)
            }
        }
    }
}

/**
 * Holds the SHA-256 of [content] against the recorded one.
 *
 * @throws DigestMismatchException they differ
 */
internal fun checkDigest(where: String, content: FileBytes, expected: String) {
    val found = content.sha256()
    if (found == expected) return
    val changed = "${found.take(SHOWN_DIGITS)}...: the bytes were changed"
    throw DigestMismatchException(where, "SHA-256 ${expected.take(SHOWN_DIGITS)}...", changed, REBUILD)
}

private const val SHOWN_DIGITS = 12
