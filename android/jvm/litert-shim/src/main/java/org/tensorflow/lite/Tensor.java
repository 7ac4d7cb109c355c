package org.tensorflow.lite;

import java.nio.ByteBuffer;

/** What a tensor is, not what it holds. */
public interface Tensor {
    DataType dataType();

    int[] shape();

    int numElements();

    int numBytes();

    String name();

    /** The numbers where the runtime has them, in native byte order; after the interpreter ran, until it runs again. */
    ByteBuffer asReadOnlyBuffer();
}
