package org.tensorflow.lite;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;

/**
 * The functions of libLiteRt.so that the shim calls, as litert/c/*.h of LiteRT 2.x declares them (size_t is long, an
 * enum is int, a handle and an out parameter are pointers). Every status but 0 becomes an exception that names the
 * call.
 */
final class LiteRt {
    static final int CPU = 1;
    static final int LOCK_READ = 0;
    static final int LOCK_WRITE = 1;
    static final int FLOAT32 = 1;
    static final int INT32 = 2;

    /** sizeof(LiteRtRankedTensorType): element type, rank and flag, 8 dimensions, 8 strides, 4 bytes each. */
    static final int RANKED_TENSOR_TYPE = 4 * (1 + 1 + 8 + 8);

    /** One for the process, never destroyed: what it loads cannot be unloaded. */
    static final Pointer ENVIRONMENT;

    static {
        String path = System.getProperty("litert.so");
        if (path == null) {
            throw new UnsatisfiedLinkError("system property litert.so is not set; give the path of libLiteRt.so");
        }
        Native.register(LiteRt.class, NativeLibrary.getInstance(path));
        ENVIRONMENT = handle("LiteRtCreateEnvironment", out -> LiteRtCreateEnvironment(0, Pointer.NULL, out));
    }

    private LiteRt() {}

    /** A call that writes a handle to where its argument points and returns a status. */
    interface Call {
        int into(Pointer out);
    }

    static Pointer handle(String name, Call call) {
        return out(name, call).getPointer(0);
    }

    static long size(String name, Call call) {
        return out(name, call).getLong(0);
    }

    static String text(String name, Call call) {
        return handle(name, call).getString(0, StandardCharsets.UTF_8.name());
    }

    static void check(String name, int status) {
        if (status != 0) {
            throw new IllegalStateException(name + " failed with status " + status);
        }
    }

    private static Memory out(String name, Call call) {
        Memory out = new Memory(8);
        out.clear();
        check(name, call.into(out));
        return out;
    }

    /** Options of the CPU accelerator: LiteRT takes them as a line of TOML under the name "xnnpack". */
    static Pointer threads(int threads) {
        byte[] toml = ("num_threads = " + threads + "\n\0").getBytes(StandardCharsets.UTF_8);
        Pointer payload = new Pointer(Native.malloc(toml.length));
        payload.write(0, toml, 0, toml.length);
        Function free = NativeLibrary.getProcess().getFunction("free");
        return handle(
            "LiteRtCreateOpaqueOptions", out -> LiteRtCreateOpaqueOptions(XNNPACK, payload, free, out));
    }

    private static final Pointer XNNPACK = constant("xnnpack");

    private static Pointer constant(String text) {
        Memory memory = new Memory(text.length() + 1);
        memory.setString(0, text, StandardCharsets.US_ASCII.name());
        return memory;
    }

    static native int LiteRtCreateEnvironment(int count, Pointer options, Pointer environment);

    static native int LiteRtCreateModelFromBuffer(Pointer environment, Pointer bytes, long size, Pointer model);

    static native void LiteRtDestroyModel(Pointer model);

    static native int LiteRtCreateOptions(Pointer options);

    static native int LiteRtSetOptionsHardwareAccelerators(Pointer options, int accelerators);

    static native int LiteRtCreateOpaqueOptions(Pointer name, Pointer payload, Pointer destroy, Pointer options);

    /** Takes the opaque options over. */
    static native int LiteRtAddOpaqueOptions(Pointer options, Pointer opaque);

    static native void LiteRtDestroyOptions(Pointer options);

    static native int LiteRtCreateCompiledModel(Pointer environment, Pointer model, Pointer options, Pointer compiled);

    static native void LiteRtDestroyCompiledModel(Pointer compiled);

    static native int LiteRtGetNumModelSignatures(Pointer model, Pointer count);

    static native int LiteRtGetModelSignature(Pointer model, long index, Pointer signature);

    static native int LiteRtGetSignatureKey(Pointer signature, Pointer key);

    static native int LiteRtGetNumSignatureInputs(Pointer signature, Pointer count);

    static native int LiteRtGetNumSignatureOutputs(Pointer signature, Pointer count);

    static native int LiteRtGetSignatureInputName(Pointer signature, long index, Pointer name);

    static native int LiteRtGetSignatureOutputName(Pointer signature, long index, Pointer name);

    static native int LiteRtGetSignatureInputTensorByIndex(Pointer signature, long index, Pointer tensor);

    static native int LiteRtGetSignatureOutputTensorByIndex(Pointer signature, long index, Pointer tensor);

    static native int LiteRtGetRankedTensorType(Pointer tensor, Pointer type);

    static native int LiteRtGetCompiledModelInputBufferRequirements(
        Pointer compiled, long signature, long index, Pointer requirements);

    static native int LiteRtGetCompiledModelOutputBufferRequirements(
        Pointer compiled, long signature, long index, Pointer requirements);

    static native int LiteRtCreateManagedTensorBufferFromRequirements(
        Pointer environment, Pointer type, Pointer requirements, Pointer buffer);

    static native int LiteRtLockTensorBuffer(Pointer buffer, Pointer address, int mode);

    static native int LiteRtUnlockTensorBuffer(Pointer buffer);

    static native void LiteRtDestroyTensorBuffer(Pointer buffer);

    static native int LiteRtRunCompiledModel(
        Pointer compiled, long signature, long inputs, Pointer inputBuffers, long outputs, Pointer outputBuffers);
}
