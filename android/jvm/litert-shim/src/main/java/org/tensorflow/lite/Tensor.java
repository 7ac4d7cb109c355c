package org.tensorflow.lite;

/** What a tensor is, not what it holds. */
public interface Tensor {
    DataType dataType();

    int[] shape();

    int numElements();

    int numBytes();

    String name();
}
