package com.seefud.benchmarks;

import com.seefud.recommender.Filter;
import com.seefud.recommender.Profile;
import com.seefud.recommender.Ranking;
import com.seefud.recommender.Recommender;
import com.seefud.recommender.TfliteModel;
import com.seefud.recommender.core.Bundle;
import com.seefud.recommender.core.Ranker;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.tensorflow.lite.Interpreter;

/** The 20 best products for a profile, through the library and by the interpreter alone, one thread each. */
@State(Scope.Benchmark)
public class Asking {
    private static final int K = 20;

    @Param({"100000"})
    public int products;

    private Recommender recommender;
    private TfliteModel model;
    private Ranker ranker;
    private Profile profile;
    private Interpreter interpreter;
    private final Map<String, Object> scoreInputs = new HashMap<>();
    private final Map<String, Object> scoreOutputs = new HashMap<>();
    private final Map<String, Object> recommendInputs = new HashMap<>();
    private final Map<String, Object> recommendOutputs = new HashMap<>();

    @Setup
    public void open() throws Exception {
        recommender = Fixtures.open(products);
        profile = Fixtures.profile(recommender);
        // Internal in Kotlin, so that apps do not see it.
        Bundle bundle = Bundle.read(Fixtures.map(Fixtures.model(products)), "model");
        model = TfliteModel.Companion.open(bundle.getFlatbuffer(), bundle.getDocument(), 1, "model");
        ranker = new Ranker(bundle, model);
        interpreter = new Interpreter(bundle.getFlatbuffer(), new Interpreter.Options().setNumThreads(1));
        Random random = new Random(5);
        FloatBuffer sum = floats(size("profile", "score", true));
        while (sum.hasRemaining()) {
            sum.put((float) random.nextGaussian());
        }
        scoreInputs.put("profile", sum);
        scoreOutputs.put("scores", floats(size("scores", "score", false)));
        int history = size("history", "recommend", true);
        IntBuffer rows = ints(history);
        FloatBuffer weights = floats(history);
        for (int place = 0; place < history; place++) {
            rows.put(place, place < 6 ? place * 1_000 : -1);
            weights.put(place, place < 6 ? 1 : 0);
        }
        recommendInputs.put("history", rows);
        recommendInputs.put("weights", weights);
        recommendOutputs.put("items", ints(size("items", "recommend", false)));
        recommendOutputs.put("scores", floats(size("scores", "recommend", false)));
    }

    @TearDown
    public void close() {
        recommender.close();
        model.close();
        interpreter.close();
    }

    /** What every answer costs at least: the model's scores, as the runtime hands them over. */
    @Benchmark
    public void invoke() {
        ((FloatBuffer) scoreOutputs.get("scores")).rewind();
        interpreter.runSignature(scoreInputs, scoreOutputs, "score");
    }

    /** The model's own list of 100, which can leave nothing else out and gives no reasons. */
    @Benchmark
    public void graph() {
        for (Object output : recommendOutputs.values()) {
            ((Buffer) output).rewind();
        }
        interpreter.runSignature(recommendInputs, recommendOutputs, "recommend");
    }

    /** On the calling thread, as the recommender's own does it. */
    @Benchmark
    public Ranking ranker() {
        return ranker.recommend(profile, K, Filter.none(), 0f, false);
    }

    @Benchmark
    public Ranking rankerExplained() {
        return ranker.recommend(profile, K, Filter.none(), 0f, true);
    }

    /** As an app calls it: another thread answers. */
    @Benchmark
    public Ranking plain() throws InterruptedException {
        return recommender.recommendBlocking(profile, K, Filter.none(), 0f, false);
    }

    @Benchmark
    public Ranking explained() throws InterruptedException {
        return recommender.recommendBlocking(profile, K, Filter.none(), 0f, true);
    }

    /** A text without a word: nothing but the way to the recommender's thread and back. */
    @Benchmark
    public Ranking nothing() throws InterruptedException {
        return recommender.searchBlocking("", K, Filter.none(), false);
    }

    private int size(String name, String signature, boolean isInput) {
        return isInput
            ? interpreter.getInputTensorFromSignature(name, signature).numElements()
            : interpreter.getOutputTensorFromSignature(name, signature).numElements();
    }

    private static FloatBuffer floats(int count) {
        return ByteBuffer.allocateDirect(4 * count).order(ByteOrder.nativeOrder()).asFloatBuffer();
    }

    private static IntBuffer ints(int count) {
        return ByteBuffer.allocateDirect(4 * count).order(ByteOrder.nativeOrder()).asIntBuffer();
    }
}
