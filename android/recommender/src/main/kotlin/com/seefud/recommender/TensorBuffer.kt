package com.seefud.recommender

import java.nio.Buffer
import java.nio.ByteBuffer

/** Direct memory in native order through which numbers go to and from the interpreter. */
internal sealed class TensorBuffer {
    /** What the interpreter takes. */
    abstract val asTensor: Buffer

    /** Back to the start. Through [Buffer], because Android 7 has no `rewind` of its own in the subclasses. */
    fun rewind() {
        asTensor.rewind()
    }

    open fun put(values: IntArray): Unit = error("not a tensor of whole numbers")

    open fun put(values: FloatArray): Unit = error("not a tensor of floats")

    open fun get(values: IntArray): Unit = error("not a tensor of whole numbers")

    open fun get(values: FloatArray): Unit = error("not a tensor of floats")

    /** The interpreter would take stale numbers for those that are missing. */
    protected fun check(count: Int) {
        require(count == asTensor.capacity()) { "$count numbers for a tensor of ${asTensor.capacity()}" }
    }
}

internal class IntTensorBuffer(bytes: ByteBuffer) : TensorBuffer() {
    override val asTensor = bytes.asIntBuffer()

    override fun put(values: IntArray) {
        check(values.size)
        rewind()
        asTensor.put(values)
    }

    override fun get(values: IntArray) {
        check(values.size)
        rewind()
        asTensor.get(values)
    }
}

internal class FloatTensorBuffer(bytes: ByteBuffer) : TensorBuffer() {
    override val asTensor = bytes.asFloatBuffer()

    override fun put(values: FloatArray) {
        check(values.size)
        rewind()
        asTensor.put(values)
    }

    override fun get(values: FloatArray) {
        check(values.size)
        rewind()
        asTensor.get(values)
    }
}
