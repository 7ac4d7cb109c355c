package org.tensorflow.lite;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;

/** A tensor of a signature with the native buffer that it keeps for its lifetime. */
final class SignatureTensor implements Tensor {
    private final String name;
    private final DataType type;
    private final int[] shape;
    private final Pointer buffer;
    private final Memory address = new Memory(8);

    /** @param requirements of the compiled model for this tensor */
    SignatureTensor(String name, Pointer tensor, Pointer requirements) {
        Memory ranked = new Memory(LiteRt.RANKED_TENSOR_TYPE);
        ranked.clear();
        LiteRt.check("LiteRtGetRankedTensorType", LiteRt.LiteRtGetRankedTensorType(tensor, ranked));
        this.name = name;
        this.type = type(name, ranked.getInt(0));
        int rank = ranked.getInt(4) & 0x7f; // 7 bits; the eighth says whether there are strides
        this.shape = ranked.getIntArray(8, rank);
        this.buffer = LiteRt.handle(
            "LiteRtCreateManagedTensorBufferFromRequirements",
            out -> LiteRt.LiteRtCreateManagedTensorBufferFromRequirements(
                LiteRt.ENVIRONMENT, ranked, requirements, out));
    }

    private static DataType type(String name, int code) {
        switch (code) {
            case LiteRt.FLOAT32:
                return DataType.FLOAT32;
            case LiteRt.INT32:
                return DataType.INT32;
            default:
                throw new UnsupportedOperationException(
                    "tensor " + name + ": the shim knows FLOAT32 and INT32, not LiteRtElementType " + code);
        }
    }

    @Override
    public DataType dataType() {
        return type;
    }

    @Override
    public int[] shape() {
        return shape.clone();
    }

    @Override
    public int numElements() {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    @Override
    public int numBytes() {
        return Math.multiplyExact(4, numElements());
    }

    @Override
    public String name() {
        return name;
    }

    /** LiteRT's managed buffers for the processor stay where they are, so that the lock need not be held. */
    @Override
    public ByteBuffer asReadOnlyBuffer() {
        ByteBuffer view = lock(LiteRt.LOCK_READ);
        unlock();
        return view.asReadOnlyBuffer().order(ByteOrder.nativeOrder());
    }

    Pointer buffer() {
        return buffer;
    }

    /** The whole of source, wherever its position is: that is what the real class does with a direct buffer. */
    void write(Object source) {
        Buffer whole = checked(source, "input").duplicate();
        whole.clear();
        ByteBuffer target = lock(LiteRt.LOCK_WRITE);
        try {
            if (whole instanceof FloatBuffer) {
                target.asFloatBuffer().put((FloatBuffer) whole);
            } else {
                target.asIntBuffer().put((IntBuffer) whole);
            }
        } finally {
            unlock();
        }
    }

    /** From the target's position on, which moves, as with the real class. */
    void read(Object target) {
        Buffer checked = checked(target, "output");
        ByteBuffer source = lock(LiteRt.LOCK_READ);
        try {
            if (checked instanceof FloatBuffer) {
                ((FloatBuffer) checked).put(source.asFloatBuffer());
            } else {
                ((IntBuffer) checked).put(source.asIntBuffer());
            }
        } finally {
            unlock();
        }
    }

    void destroy() {
        LiteRt.LiteRtDestroyTensorBuffer(buffer);
    }

    /** The buffer if it is one for this tensor: native byte order, its type and size; an input must be direct. */
    Buffer checked(Object value, String side) {
        boolean fits = type == DataType.FLOAT32
            ? value instanceof FloatBuffer && ((FloatBuffer) value).order() == ByteOrder.nativeOrder()
            : value instanceof IntBuffer && ((IntBuffer) value).order() == ByteOrder.nativeOrder();
        // The real class puts an output into a buffer of either kind.
        if (!fits || !(((Buffer) value).isDirect() || side.equals("output"))) {
            String wanted = type == DataType.FLOAT32 ? "FloatBuffer" : "IntBuffer";
            throw new UnsupportedOperationException(
                side + " " + name + ": the shim takes a direct " + wanted + " in native byte order for " + type
                    + ", not " + (value == null ? "null" : value.getClass().getName()));
        }
        if (((Buffer) value).capacity() != numElements()) {
            throw new IllegalArgumentException(
                side + " " + name + ": tensor has shape " + Arrays.toString(shape) + ", buffer holds "
                    + ((Buffer) value).capacity() + " numbers");
        }
        return (Buffer) value;
    }

    private ByteBuffer lock(int mode) {
        LiteRt.check("LiteRtLockTensorBuffer", LiteRt.LiteRtLockTensorBuffer(buffer, address, mode));
        return address.getPointer(0).getByteBuffer(0, numBytes()).order(ByteOrder.nativeOrder());
    }

    private void unlock() {
        LiteRt.check("LiteRtUnlockTensorBuffer", LiteRt.LiteRtUnlockTensorBuffer(buffer));
    }
}
