package org.tensorflow.lite;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/**
 * For tests on a desktop: the part of org.tensorflow.lite.Interpreter that the library uses, over libLiteRt.so of the
 * ai-edge-litert wheel (system property litert.so). Members and descriptors are those of TensorFlow Lite 2.16.1, so
 * that classes compiled against that run here unchanged. Stricter than the real class: what it cannot do it refuses, and it
 * refuses to be used by two threads at once, which the real one does not notice.
 */
public final class Interpreter implements AutoCloseable {
    /** How to run. */
    public static class Options {
        private int threads = -1;

        /** At least 1, or -1 for the runtime's own choice. */
        public Options setNumThreads(int threads) {
            if (threads < 1 && threads != -1) {
                throw new IllegalArgumentException("numThreads should be at least 1, or -1; it is " + threads);
            }
            this.threads = threads;
            return this;
        }
    }

    /** LiteRT does not promise that compiling and destroying may overlap within one environment. */
    private static final Object COMPILER = new Object();

    private final ByteBuffer kept; // the native model reads from it until it is destroyed
    private final Map<String, Signature> signatures = new LinkedHashMap<>();
    private final AtomicReference<Thread> user = new AtomicReference<>();
    private Pointer model;
    private Pointer options;
    private Pointer compiled;

    public Interpreter(ByteBuffer buffer, Options options) {
        boolean usable = buffer.isDirect() && buffer.order() == ByteOrder.nativeOrder();
        if (!usable && !(buffer instanceof MappedByteBuffer)) {
            throw new IllegalArgumentException(
                "Model ByteBuffer should be either a MappedByteBuffer of the model file, or a direct ByteBuffer using "
                    + "ByteOrder.nativeOrder() which contains bytes of model content.");
        }
        kept = buffer.duplicate();
        kept.clear();
        synchronized (COMPILER) {
            try {
                compile(options == null ? -1 : options.threads);
            } catch (RuntimeException e) {
                destroy();
                throw e;
            }
        }
    }

    private void compile(int threads) {
        Pointer bytes = Native.getDirectBufferPointer(kept);
        model = LiteRt.handle(
            "LiteRtCreateModelFromBuffer",
            out -> LiteRt.LiteRtCreateModelFromBuffer(LiteRt.ENVIRONMENT, bytes, kept.capacity(), out));
        options = LiteRt.handle("LiteRtCreateOptions", LiteRt::LiteRtCreateOptions);
        LiteRt.check(
            "LiteRtSetOptionsHardwareAccelerators",
            LiteRt.LiteRtSetOptionsHardwareAccelerators(options, LiteRt.CPU));
        if (threads > 0) {
            LiteRt.check(
                "LiteRtAddOpaqueOptions", LiteRt.LiteRtAddOpaqueOptions(options, LiteRt.threads(threads)));
        }
        compiled = LiteRt.handle(
            "LiteRtCreateCompiledModel",
            out -> LiteRt.LiteRtCreateCompiledModel(LiteRt.ENVIRONMENT, model, options, out));
        long count = LiteRt.size(
            "LiteRtGetNumModelSignatures", out -> LiteRt.LiteRtGetNumModelSignatures(model, out));
        for (long i = 0; i < count; i++) {
            Signature signature = new Signature(model, compiled, i);
            signatures.put(signature.key, signature);
        }
    }

    public String[] getSignatureKeys() {
        checkOpen();
        return signatures.keySet().toArray(new String[0]);
    }

    public String[] getSignatureInputs(String key) {
        return signature(key).inputs.keySet().toArray(new String[0]);
    }

    public String[] getSignatureOutputs(String key) {
        return signature(key).outputs.keySet().toArray(new String[0]);
    }

    public Tensor getInputTensorFromSignature(String name, String key) {
        return tensor(signature(key).inputs, name, key);
    }

    public Tensor getOutputTensorFromSignature(String name, String key) {
        return tensor(signature(key).outputs, name, key);
    }

    /** Values are direct buffers in native byte order, one for every input; outputs may be left out. */
    public void runSignature(Map<String, Object> inputs, Map<String, Object> outputs, String key) {
        Signature signature = signature(key);
        enter();
        try {
            signature.run(compiled, inputs, outputs);
        } finally {
            user.set(null);
        }
    }

    @Override
    public void close() {
        enter();
        try {
            synchronized (COMPILER) {
                destroy();
            }
        } finally {
            user.set(null);
        }
    }

    private void enter() {
        if (!user.compareAndSet(null, Thread.currentThread())) {
            throw new IllegalStateException(
                "The Interpreter is used by two threads at once, one of them " + Thread.currentThread().getName()
                    + "; it is not safe for that.");
        }
    }

    private void destroy() {
        signatures.values().forEach(Signature::destroy);
        signatures.clear();
        if (compiled != null) {
            LiteRt.LiteRtDestroyCompiledModel(compiled);
        }
        if (options != null) {
            LiteRt.LiteRtDestroyOptions(options);
        }
        if (model != null) {
            LiteRt.LiteRtDestroyModel(model);
        }
        compiled = null;
        options = null;
        model = null;
    }

    private void checkOpen() {
        if (compiled == null) {
            throw new IllegalStateException("Internal error: The Interpreter has already been closed.");
        }
    }

    private Signature signature(String key) {
        checkOpen();
        Signature signature = signatures.get(key);
        if (signature == null) {
            throw new IllegalArgumentException(
                "Invalid signature key (" + key + "); the model has " + signatures.keySet() + ".");
        }
        return signature;
    }

    private static Tensor tensor(Map<String, SignatureTensor> tensors, String name, String key) {
        SignatureTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(
                "Invalid tensor name (" + name + ") for signature (" + key + "), which has " + tensors.keySet() + ".");
        }
        return tensor;
    }
}
