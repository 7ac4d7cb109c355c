package com.seefud.recommender.core

/**
 * A tensor of a TFLite model.
 *
 * @property name its name in the flatbuffer; the names of a signature are the signature's
 * @property type TFLite's name of the type in lower case: `float32`, `int8`
 * @property shape its dimensions
 * @property buffer number of its buffer; tensors of one buffer share their bytes
 * @property scales of quantization; empty if it is not quantized
 * @property zeroPoints of quantization
 * @property constant its bytes in the flatbuffer, or null if it is computed
 */
internal class Tensor(
    val name: String,
    val type: String,
    val shape: IntArray,
    val buffer: Int,
    val scales: FloatArray,
    val zeroPoints: LongArray,
    val constant: FlatVector?,
) {
    /** Type and shape as messages give them: `float32 [1, 400]`. */
    val form: String get() = "$type ${shape.contentToString()}"
}

/** A named entry to the model: number of its subgraph, and its tensors by the names that callers use. */
internal class Signature(
    val subgraph: Int,
    val inputs: Map<String, Tensor>,
    val outputs: Map<String, Tensor>,
)

/**
 * What a reader needs of a TFLite model.
 *
 * @property subgraphs the tensors of each subgraph
 * @property signatures by key
 * @property metadata bytes of the named metadata buffers
 */
internal class Graph(
    val subgraphs: List<List<Tensor>>,
    val signatures: Map<String, Signature>,
    val metadata: Map<String, FlatVector>,
) {
    /** Every constant once: the first tensor of each buffer that has bytes. */
    fun constants(): List<Tensor> = subgraphs.flatten().filter { it.constant != null }.distinctBy { it.buffer }
}
