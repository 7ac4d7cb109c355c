package org.tensorflow.lite;

/** The element types that a model of this project has; the real class has more. */
public enum DataType {
    FLOAT32,
    INT32,
}
