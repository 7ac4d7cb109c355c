package com.seefud.recommender

import com.seefud.recommender.core.BundleDocument
import java.nio.ByteBuffer
import java.nio.ByteOrder

private const val INT32 = "int32"
private const val FLOAT32 = "float32"
private const val NUMBER_BYTES = 4

/**
 * What a tensor is.
 *
 * @param type as TFLite names it, in lower case
 * @param shape dimensions, the batch first
 */
internal data class TensorForm(private val type: String, private val shape: List<Int>) {
    private val count: Int get() = shape.fold(1, Int::times)

    /** Memory for its numbers. */
    fun buffer(): TensorBuffer {
        val bytes = ByteBuffer.allocateDirect(NUMBER_BYTES * count).order(ByteOrder.nativeOrder())
        return if (type == INT32) IntTensorBuffer(bytes) else FloatTensorBuffer(bytes)
    }

    override fun toString(): String = "$type $shape"
}

/** The tensors of a signature by name, as docs/file-format.md lists them. */
internal class SignatureForm(
    val key: String,
    val inputs: Map<String, TensorForm>,
    val outputs: Map<String, TensorForm>,
) {
    companion object {
        /** The four signatures by key. */
        fun all(document: BundleDocument): Map<String, SignatureForm> {
            val history = document.historyLength
            val dimension = document.dimension
            return listOf(
                SignatureForm(
                    "recommend",
                    mapOf("history" to ints(1, history), "weights" to floats(1, history)),
                    mapOf("items" to ints(1, document.topK), "scores" to floats(1, document.topK)),
                ),
                SignatureForm(
                    "embed_products",
                    mapOf("products" to ints(1, history)),
                    mapOf("vectors" to floats(1, history, dimension)),
                ),
                SignatureForm(
                    "embed_text",
                    mapOf("tokens" to ints(1, document.textLength)),
                    mapOf("vector" to floats(1, dimension)),
                ),
                SignatureForm(
                    "score",
                    mapOf("profile" to floats(1, dimension)),
                    mapOf("scores" to floats(1, document.products)),
                ),
            ).associateBy { it.key }
        }

        private fun ints(vararg shape: Int) = TensorForm(INT32, shape.toList())

        private fun floats(vararg shape: Int) = TensorForm(FLOAT32, shape.toList())
    }
}
