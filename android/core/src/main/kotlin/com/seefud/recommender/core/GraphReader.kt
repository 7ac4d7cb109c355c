package com.seefud.recommender.core

import com.seefud.recommender.TruncatedException
import java.nio.ByteOrder

/** Name of the metadata buffer that TFLite Metadata tools read. */
internal const val METADATA_NAME: String = "TFLITE_METADATA"

/**
 * Reads the parts of a TFLite flatbuffer that the contract speaks of. The numbers of the fields are those of
 * TensorFlow's `schema.fbs`, version 3.
 */
internal class GraphReader private constructor(private val model: FileBytes, private val flatbuffer: Flatbuffer) {
    private fun read(): Graph {
        val root = flatbuffer.root()
        val operators = root.tables(OPERATOR_CODES, "operator codes").onEach(::checkOperator).size
        val buffers = root.tables(BUFFERS, "buffers").map(::bytesOf)
        // Honest buffers do not overlap, and what is looked at later is no more than the file.
        if (buffers.sumOf { (it?.size ?: 0).toLong() } > model.length) throw FlatbufferException("buffers that overlap")
        val subgraphs = root.tables(SUBGRAPHS, "subgraphs").map { subgraph ->
            val tensors = subgraph.tables(SUBGRAPH_TENSORS, "tensors").map { tensor(it, buffers) }
            // Not used here, but the runtime reads them.
            subgraph.text(SUBGRAPH_NAME)
            for (field in listOf(SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS)) subgraph.vector(field, Int.SIZE_BYTES)
            for (operator in subgraph.tables(SUBGRAPH_OPERATORS, "operators")) {
                if (operator.int(OPERATOR_CODE) !in 0 until operators) throw FlatbufferException("an unknown operator")
            }
            tensors
        }
        val signatures = root.tables(SIGNATURES, "signatures").associate { signature(it, subgraphs) }
        val metadata = root.tables(METADATA, "metadata entries").associate {
            it.text(METADATA_KEY) to (buffers.numbered(it.int(METADATA_BUFFER), "buffer") ?: FlatVector(0, 0))
        }
        return Graph(subgraphs, signatures, metadata)
    }

    /** Which operator it is, is the runtime's business; but its fields must lie inside. */
    private fun checkOperator(code: FlatTable) {
        code.byte(DEPRECATED_BUILTIN_CODE)
        code.text(CUSTOM_CODE)
        code.int(OPERATOR_VERSION)
        code.int(BUILTIN_CODE)
    }

    private fun bytesOf(buffer: FlatTable): FlatVector? {
        // Only models of more than 2 GB have bytes elsewhere.
        val elsewhere = buffer.long(BUFFER_OFFSET) !in 0..1 || buffer.long(BUFFER_SIZE) !in 0..1
        if (elsewhere) throw FlatbufferException("a buffer outside the flatbuffer")
        return buffer.vector(BUFFER_BYTES, 1)?.takeIf { it.size > 0 }
    }

    private fun tensor(entry: FlatTable, buffers: List<FlatVector?>): Tensor {
        val code = entry.byte(TENSOR_TYPE)
        val type = TYPES.getOrElse(code) { "type $code" }
        val shape = entry.ints(TENSOR_SHAPE, "dimensions")
        val buffer = entry.int(TENSOR_BUFFER)
        val constant = buffers.numbered(buffer, "buffer")
        val bytes = TYPE_BYTES[type]
        if (constant != null && bytes != null) checkSize(constant, shape, bytes)
        val quantization = entry.table(TENSOR_QUANTIZATION)
        return Tensor(
            entry.text(TENSOR_NAME),
            type,
            shape,
            buffer,
            quantization?.floats(QUANTIZATION_SCALES, "scales") ?: FloatArray(0),
            quantization?.longs(QUANTIZATION_ZERO_POINTS, "zero points") ?: LongArray(0),
            constant,
        )
    }

    private fun checkSize(constant: FlatVector, shape: IntArray, bytes: Int) {
        var told = bytes.toLong()
        for (size in shape) {
            // No product of what is left can overflow.
            if (size < 0 || size > 0 && told > Int.MAX_VALUE / size) told = -1
            if (told < 0) break
            told *= size
        }
        if (told == constant.size.toLong()) return
        throw FlatbufferException("${constant.size} bytes for a tensor of shape ${shape.contentToString()}")
    }

    private fun signature(entry: FlatTable, subgraphs: List<List<Tensor>>): Pair<String, Signature> {
        val index = entry.int(SIGNATURE_SUBGRAPH)
        val tensors = subgraphs.numbered(index, "subgraph")

        fun named(field: Int): Map<String, Tensor> = entry.tables(field, "signature tensors").associate {
            it.text(TENSOR_MAP_NAME) to tensors.numbered(it.int(TENSOR_MAP_INDEX), "tensor")
        }
        val signature = Signature(index, named(SIGNATURE_INPUTS), named(SIGNATURE_OUTPUTS))
        return entry.text(SIGNATURE_KEY) to signature
    }

    private fun <T> List<T>.numbered(number: Int, what: String): T {
        if (number !in indices) throw FlatbufferException("$what $number of $size")
        return get(number)
    }

    internal companion object {
        private const val OPERATOR_CODES = 1
        private const val SUBGRAPHS = 2
        private const val BUFFERS = 4
        private const val METADATA = 6
        private const val SIGNATURES = 7
        private const val SUBGRAPH_TENSORS = 0
        private const val SUBGRAPH_INPUTS = 1
        private const val SUBGRAPH_OUTPUTS = 2
        private const val SUBGRAPH_OPERATORS = 3
        private const val SUBGRAPH_NAME = 4
        private const val DEPRECATED_BUILTIN_CODE = 0
        private const val CUSTOM_CODE = 1
        private const val OPERATOR_VERSION = 2
        private const val BUILTIN_CODE = 3
        private const val OPERATOR_CODE = 0
        private const val TENSOR_SHAPE = 0
        private const val TENSOR_TYPE = 1
        private const val TENSOR_BUFFER = 2
        private const val TENSOR_NAME = 3
        private const val TENSOR_QUANTIZATION = 4
        private const val QUANTIZATION_SCALES = 2
        private const val QUANTIZATION_ZERO_POINTS = 3
        private const val BUFFER_BYTES = 0
        private const val BUFFER_OFFSET = 1
        private const val BUFFER_SIZE = 2
        private const val METADATA_KEY = 0
        private const val METADATA_BUFFER = 1
        private const val SIGNATURE_INPUTS = 0
        private const val SIGNATURE_OUTPUTS = 1
        private const val SIGNATURE_KEY = 2
        private const val SIGNATURE_SUBGRAPH = 4
        private const val TENSOR_MAP_NAME = 0
        private const val TENSOR_MAP_INDEX = 1

        private val TYPES = listOf(
            "float32", "float16", "int32", "uint8", "int64", "string", "bool", "int16", "complex64", "int8", "float64",
            "complex128", "uint64", "resource", "variant", "uint32", "uint16", "int4", "bfloat16",
        )
        private val TYPE_BYTES = mapOf(
            "float32" to 4, "float16" to 2, "int32" to 4, "uint8" to 1, "int64" to 8, "bool" to 1, "int16" to 2,
            "int8" to 1, "float64" to 8,
        )

        /**
         * Reads a model.
         *
         * @param model the flatbuffer's bytes; what follows them is ignored
         * @param where named in errors
         * @throws TruncatedException an offset leads outside, as in a file that was cut or overwritten
         */
        fun read(model: FileBytes, where: String): Graph = try {
            GraphReader(model, Flatbuffer(model.buffer(ByteOrder.LITTLE_ENDIAN))).read()
        } catch (problem: FlatbufferException) {
            val found = "one whose parts lead outside (${problem.message})"
            throw TruncatedException(where, "a whole flatbuffer", found, "copy or build the file again", problem)
        }
    }
}
