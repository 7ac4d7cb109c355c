package org.tensorflow.lite;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.Test;

/** The shim itself, on a file of every recipe: what it lists, what it computes and what it refuses. */
public class InterpreterTest {
    private static final List<String> RECIPES = Arrays.asList("dynamic_wi8", "float16", "float32");

    @Test
    public void listsSignaturesAndTensorsByName() throws IOException {
        for (String recipe : RECIPES) {
            try (Interpreter interpreter = open(recipe, 1)) {
                assertEquals(
                    new HashSet<>(Arrays.asList("recommend", "embed_products", "embed_text", "score")),
                    new HashSet<>(Arrays.asList(interpreter.getSignatureKeys())));
                String[] inputs = interpreter.getSignatureInputs("recommend");
                Arrays.sort(inputs);
                assertArrayEquals(new String[] {"history", "weights"}, inputs);
                assertArrayEquals(new String[] {"vector"}, interpreter.getSignatureOutputs("embed_text"));
                Tensor history = interpreter.getInputTensorFromSignature("history", "recommend");
                assertEquals(DataType.INT32, history.dataType());
                assertEquals(1, history.shape()[0]);
                assertEquals(history.shape()[1], history.numElements());
                assertEquals(4 * history.numElements(), history.numBytes());
                assertEquals("history", history.name());
            }
        }
    }

    /** The signatures agree with each other: a stored row scores its own product as 1 plus the prior. */
    @Test
    public void scoresAStoredRowHighestForItsOwnProduct() throws IOException {
        for (String recipe : RECIPES) {
            try (Interpreter interpreter = open(recipe, 1)) {
                int slots = interpreter.getInputTensorFromSignature("products", "embed_products").shape()[1];
                int dimension = interpreter.getInputTensorFromSignature("profile", "score").shape()[1];
                int products = interpreter.getOutputTensorFromSignature("scores", "score").shape()[1];
                IntBuffer rows = ints(slots);
                rows.put(0, products - 1);
                for (int slot = 1; slot < slots; slot++) {
                    rows.put(slot, -1);
                }
                FloatBuffer vectors = floats(slots * dimension);
                interpreter.runSignature(map("products", rows), map("vectors", vectors), "embed_products");
                assertEquals("the position moves past what was read", slots * dimension, vectors.position());
                FloatBuffer profile = floats(dimension);
                double length = 0;
                for (int d = 0; d < dimension; d++) {
                    length += vectors.get(d) * (double) vectors.get(d);
                    profile.put(d, vectors.get(d));
                    assertEquals("padding is zeros", 0f, vectors.get(dimension + d), 0f);
                }
                assertEquals(recipe, 1.0, length, 0.02);
                FloatBuffer scores = floats(products);
                interpreter.runSignature(map("profile", profile), map("scores", scores), "score");
                FloatBuffer prior = floats(products);
                interpreter.runSignature(map("profile", floats(dimension)), map("scores", prior), "score");
                assertEquals(recipe, 1f, scores.get(products - 1) - prior.get(products - 1), 0.02f);
            }
        }
    }

    /** Threads are honoured: each further one is a native thread of this process while the interpreter lives. */
    @Test
    public void startsAsManyThreadsAsAsked() throws IOException {
        open("float32", 1).close(); // whatever the library starts once
        int[] started = new int[2];
        for (int i = 0; i < 2; i++) {
            int before = nativeThreads();
            try (Interpreter interpreter = open("float32", i == 0 ? 1 : 9)) {
                started[i] = nativeThreads() - before;
            }
        }
        // A few at most come and go with the JVM itself; 8 do not.
        assertTrue(Arrays.toString(started), started[1] - started[0] >= 6);
    }

    @Test
    public void refusesWhatItDoesNotSupport() throws IOException {
        assertSays("numThreads should be at least 1, or -1; it is 0", () -> new Interpreter.Options().setNumThreads(0));
        assertSays(
            "Model ByteBuffer should be either a MappedByteBuffer of the model file, or a direct ByteBuffer using "
                + "ByteOrder.nativeOrder() which contains bytes of model content.",
            () -> new Interpreter(ByteBuffer.allocate(16), null));
        try (Interpreter interpreter = open("float32", 1)) {
            int tokens = interpreter.getInputTensorFromSignature("tokens", "embed_text").shape()[1];
            int dimension = interpreter.getOutputTensorFromSignature("vector", "embed_text").shape()[1];
            Map<String, Object> vector = map("vector", floats(dimension));
            assertSays(
                "input tokens: the shim takes a direct IntBuffer in native byte order for INT32, not [[I",
                () -> interpreter.runSignature(map("tokens", new int[1][tokens]), vector, "embed_text"));
            assertSays(
                "input tokens: the shim takes a direct IntBuffer in native byte order for INT32, not "
                    + "java.nio.HeapIntBuffer",
                () -> interpreter.runSignature(map("tokens", IntBuffer.allocate(tokens)), vector, "embed_text"));
            assertSays(
                "input tokens: tensor has shape [1, " + tokens + "], buffer holds 1 numbers",
                () -> interpreter.runSignature(map("tokens", ints(1)), vector, "embed_text"));
            assertSays(
                "signature embed_text: inputs are [tokens], given were []",
                () -> interpreter.runSignature(new HashMap<>(), vector, "embed_text"));
            assertSays(
                "signature embed_text: outputs are [vector], asked for were [vectors]",
                () -> interpreter.runSignature(
                    map("tokens", ints(tokens)), map("vectors", floats(dimension)), "embed_text"));
            assertSays(
                "Invalid tensor name (x) for signature (embed_text), which has [tokens].",
                () -> interpreter.getInputTensorFromSignature("x", "embed_text"));
        }
    }

    @Test
    public void writesAnOutputIntoAnArrayAsIntoDirectMemory() throws IOException {
        try (Interpreter interpreter = open("float32", 1)) {
            int tokens = interpreter.getInputTensorFromSignature("tokens", "embed_text").shape()[1];
            int dimension = interpreter.getOutputTensorFromSignature("vector", "embed_text").shape()[1];
            FloatBuffer direct = floats(dimension);
            FloatBuffer array = FloatBuffer.allocate(dimension);
            interpreter.runSignature(map("tokens", ints(tokens)), map("vector", direct), "embed_text");
            interpreter.runSignature(map("tokens", ints(tokens)), map("vector", array), "embed_text");
            assertEquals(dimension, array.position());
            array.rewind();
            direct.rewind();
            assertEquals(direct, array);
            assertTrue(array.get(0) != 0f);
        }
    }

    @Test
    public void showsAnOutputWhereItLies() throws IOException {
        for (String recipe : RECIPES) {
            try (Interpreter interpreter = open(recipe, 1)) {
                int dimension = interpreter.getInputTensorFromSignature("profile", "score").shape()[1];
                Tensor output = interpreter.getOutputTensorFromSignature("scores", "score");
                FloatBuffer profile = floats(dimension);
                FloatBuffer copied = floats(output.numElements());
                for (int sign = -1; sign <= 1; sign += 2) {
                    for (int d = 0; d < dimension; d++) {
                        profile.put(d, sign * (d + 1f));
                    }
                    copied.rewind();
                    interpreter.runSignature(map("profile", profile), map("scores", copied), "score");
                    copied.rewind();
                    interpreter.runSignature(map("profile", profile), new HashMap<>(), "score");
                    ByteBuffer view = output.asReadOnlyBuffer();
                    assertTrue(view.isReadOnly() && view.isDirect());
                    assertEquals(ByteOrder.nativeOrder(), view.order());
                    assertEquals(recipe, copied, view.asFloatBuffer());
                }
            }
        }
    }

    @Test
    public void saysThatItIsClosed() throws IOException {
        Interpreter interpreter = open("float32", 1);
        interpreter.close();
        interpreter.close();
        assertSays("Internal error: The Interpreter has already been closed.", interpreter::getSignatureKeys);
        assertSays(
            "Internal error: The Interpreter has already been closed.",
            () -> interpreter.runSignature(new HashMap<>(), new HashMap<>(), "score"));
    }

    @Test
    public void refusesBytesThatAreNoModel() {
        ByteBuffer bytes = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder());
        RuntimeException e = assertThrows(RuntimeException.class, () -> new Interpreter(bytes, null));
        assertTrue(e.getMessage(), e.getMessage().startsWith("LiteRtCreateModelFromBuffer failed with status "));
    }

    private static Interpreter open(String recipe, int threads) throws IOException {
        Path file = Path.of(System.getProperty("fixtures"), recipe, "seefud.tflite");
        try (FileChannel channel = FileChannel.open(file)) {
            return new Interpreter(
                channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()),
                new Interpreter.Options().setNumThreads(threads));
        }
    }

    private static int nativeThreads() {
        return new File("/proc/self/task").list().length;
    }

    private static void assertSays(String message, Runnable refused) {
        assertEquals(message, assertThrows(RuntimeException.class, refused::run).getMessage());
    }

    private static IntBuffer ints(int count) {
        return ByteBuffer.allocateDirect(4 * count).order(ByteOrder.nativeOrder()).asIntBuffer();
    }

    private static FloatBuffer floats(int count) {
        return ByteBuffer.allocateDirect(4 * count).order(ByteOrder.nativeOrder()).asFloatBuffer();
    }

    private static Map<String, Object> map(String name, Object value) {
        return Collections.singletonMap(name, value);
    }
}
