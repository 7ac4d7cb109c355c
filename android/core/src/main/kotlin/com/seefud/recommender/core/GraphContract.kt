package com.seefud.recommender.core

import com.seefud.recommender.MissingSignatureException
import com.seefud.recommender.NonFiniteException
import com.seefud.recommender.WrongTensorException
import java.nio.ByteOrder

/**
 * The contract between a bundle's document and its graph: signatures, tensors, tables, finite numbers.
 *
 * @property where named in errors
 */
internal class GraphContract(
    private val model: FileBytes,
    private val graph: Graph,
    private val document: BundleDocument,
    private val where: String,
) {
    /**
     * Checks that the graph is the one that the document describes.
     *
     * @return the product table and the token table
     * @throws MissingSignatureException one of the four signatures is absent
     * @throws WrongTensorException a tensor or table has another name, type or shape, or a table is stored twice
     * @throws NonFiniteException a scale or a weight is not finite
     */
    fun check(): Pair<StoredTable, StoredTable> {
        val expected = signatureForms(document)
        if (!graph.signatures.keys.containsAll(expected.keys)) {
            val found = graph.signatures.keys.sorted().joinToString(", ").ifEmpty { "no signature" }
            throw MissingSignatureException(where, "signatures " + expected.keys.joinToString(", "), found, AGAIN)
        }
        for ((key, form) in expected) {
            val signature = graph.signatures.getValue(key)
            checkTensors("$where: inputs of $key", form.inputs, signature.inputs)
            checkTensors("$where: outputs of $key", form.outputs, signature.outputs)
        }
        checkScales()
        for (tensor in graph.constants()) checkWeights(tensor)
        val products = table("products", PRODUCT_TABLE_USERS, intArrayOf(document.products, document.dimension + 1))
        val tokens = table("tokens", TOKEN_TABLE_USERS, intArrayOf(maxOf(document.tokens, 1), document.dimension))
        return products to tokens
    }

    private fun checkTensors(place: String, expected: Map<String, String>, found: Map<String, Tensor>) {
        if (expected.keys != found.keys) {
            val names = found.keys.sorted().joinToString(" and ").ifEmpty { "none" }
            throw WrongTensorException(place, expected.keys.sorted().joinToString(" and "), names, AGAIN)
        }
        for ((name, form) in expected) {
            val tensor = found.getValue(name)
            if (tensor.form != form) throw WrongTensorException("$place: $name", form, tensor.form, AGAIN)
        }
    }

    private fun checkScales() {
        for (tensor in graph.subgraphs.flatten()) {
            val wrong = tensor.scales.find { !it.isFinite() || it <= 0 } ?: continue
            throw NonFiniteException("$where: tensor '${tensor.name}'", "finite, positive scales", "$wrong", AGAIN)
        }
    }

    private fun checkWeights(tensor: Tensor) {
        val bytes = tensor.constant ?: return
        val numbers = model.part(bytes.start, bytes.size).buffer(ByteOrder.LITTLE_ENDIAN)
        val wrong = when (tensor.type) {
            "float32" -> (0 until bytes.size / 4).find { !numbers.getFloat(4 * it).isFinite() }
            "float16" -> (0 until bytes.size / 2).find { numbers.getShort(2 * it).toInt() and 0x7c00 == 0x7c00 }
            "float64" -> (0 until bytes.size / 8).find { !numbers.getDouble(8 * it).isFinite() }
            else -> null
        } ?: return
        val rowSize = tensor.shape.drop(1).fold(1) { size, dimension -> size * dimension }
        val found = "a NaN or an infinity in row ${wrong / rowSize}"
        throw NonFiniteException("$where: tensor '${tensor.name}'", "finite weights", found, AGAIN)
    }

    /** Looked for by shape among the constants of its users, so that tables of one shape cannot be mixed up. */
    private fun table(which: String, users: List<String>, shape: IntArray): StoredTable {
        val place = "$where: table of $which"
        val found = users.map { graph.signatures.getValue(it).subgraph }
            .flatMap { graph.subgraphs[it] }
            .filter { it.constant != null && it.shape.contentEquals(shape) }
            .distinctBy { it.buffer }
        val table = found.singleOrNull()
        val bytes = table?.constant ?: throw WrongTensorException(
            place,
            "one constant of shape ${shape.contentToString()}",
            "${found.size}",
            AGAIN,
        )
        // The quantizer leaves small constants alone.
        val small = shape[0].toLong() * shape[1] < LEAST_QUANTIZED
        val type = if (small) TableType.FLOAT32 else TableType.ofRecipe(document.recipe)
        if (table.type != type.typeName) {
            throw WrongTensorException(place, "${type.typeName} for recipe ${document.recipe}", table.type, AGAIN)
        }
        if (type == TableType.INT8 && (table.scales.size != 1 || table.zeroPoints.any { it != 0L })) {
            val points = table.zeroPoints.take(3)
            val counted = "${table.scales.size} scales, zero points $points"
            throw WrongTensorException(place, "one scale and zero point 0", counted, AGAIN)
        }
        val scale = if (type == TableType.INT8) table.scales[0] else 1f
        val values = model.part(bytes.start, bytes.size).buffer(ByteOrder.LITTLE_ENDIAN)
        return StoredTable(type, shape[0], shape[1], scale, values)
    }

    private class SignatureForm(val inputs: Map<String, String>, val outputs: Map<String, String>)

    private companion object {
        const val AGAIN = "build the bundle again"
        const val LEAST_QUANTIZED = 1024
        val PRODUCT_TABLE_USERS = listOf("score", "recommend", "embed_products")
        val TOKEN_TABLE_USERS = listOf("embed_text")

        /** Inputs and outputs of each signature as the document's numbers define them. */
        fun signatureForms(document: BundleDocument): Map<String, SignatureForm> {
            val d = document.dimension
            val h = document.historyLength
            val k = document.topK
            return linkedMapOf(
                "recommend" to SignatureForm(
                    mapOf("history" to "int32 [1, $h]", "weights" to "float32 [1, $h]"),
                    mapOf("items" to "int32 [1, $k]", "scores" to "float32 [1, $k]"),
                ),
                "embed_products" to SignatureForm(
                    mapOf("products" to "int32 [1, $h]"),
                    mapOf("vectors" to "float32 [1, $h, $d]"),
                ),
                "embed_text" to SignatureForm(
                    mapOf("tokens" to "int32 [1, ${document.textLength}]"),
                    mapOf("vector" to "float32 [1, $d]"),
                ),
                "score" to SignatureForm(
                    mapOf("profile" to "float32 [1, $d]"),
                    mapOf("scores" to "float32 [1, ${document.products}]"),
                ),
            )
        }
    }
}
