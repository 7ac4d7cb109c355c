package com.seefud.benchmarks;

import com.seefud.recommender.core.Bundle;
import java.io.File;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures the library beside its peers in one run and prints each figure with its goal. Every call is timed, and the
 * median call counts, which another program's turn on the processor does not move. Rounds go over all benchmarks, a
 * fresh process each, and of their medians the median counts. A goal that is missed is printed and is no failure.
 */
public final class Benchmarks {
    private static final String ALLOCATED = "gc.alloc.rate.norm";
    private static final int PRODUCTS = 100_000;
    private static final String FORMAT = "  %-52s %,12.1f   %.2f %s, at most %s: %s%n";

    /** By benchmark and size, such as `Asking.plain 100000`: the median call's microseconds of each
     * iteration, and the bytes that a call allocates. */
    private final Map<String, List<Double>> times = new HashMap<>();
    private final Map<String, List<Double>> bytes = new HashMap<>();

    private Benchmarks() {}

    public static void main(String[] arguments) throws IOException, RunnerException {
        int rounds = Integer.parseInt(arguments[0]);
        for (int products : new int[] {10_000, PRODUCTS}) {
            if (!Files.isRegularFile(Fixtures.model(products))) {
                System.err.println(Fixtures.model(products)
                    + ": expected a model, found no file; write it with `python tests/fixtures.py --large`");
                System.exit(2);
            }
        }
        long heap = heapOfBundle();
        Benchmarks benchmarks = new Benchmarks();
        for (int round = 1; round <= rounds; round++) {
            System.err.println("round " + round + " of " + rounds);
            benchmarks.run("Asking\\.", Integer.toString(PRODUCTS));
            benchmarks.run("Asking\\.(plain|explained)", "10000");
            benchmarks.run("Opening\\.", Integer.toString(PRODUCTS));
            benchmarks.run("Arrivals\\.", Integer.toString(PRODUCTS));
        }
        benchmarks.print(heap);
    }

    private void run(String pattern, String products) throws RunnerException {
        OptionsBuilder options = new OptionsBuilder();
        options.include("com\\.seefud\\.benchmarks\\." + pattern)
            .param("products", products)
            .mode(Mode.SampleTime)
            .timeUnit(TimeUnit.MICROSECONDS)
            .forks(1)
            .warmupIterations(8)
            .warmupTime(TimeValue.milliseconds(300))
            .measurementIterations(5)
            .measurementTime(TimeValue.milliseconds(300))
            .addProfiler(GCProfiler.class)
            // Compiled before it is measured, however busy the computer is.
            .jvmArgsAppend("-Xbatch", "-Xms512m", "-Xmx512m", "-XX:+UseSerialGC")
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
        for (RunResult result : new Runner(options.build()).run()) {
            BenchmarkParams params = result.getParams();
            String name = params.getBenchmark().substring("com.seefud.benchmarks.".length()) + " " + products;
            for (BenchmarkResult fork : result.getBenchmarkResults()) {
                for (IterationResult iteration : fork.getIterationResults()) {
                    add(times, name, iteration.getPrimaryResult().getStatistics().getPercentile(50));
                    iteration.getSecondaryResults().forEach((label, value) -> {
                        if (label.endsWith(ALLOCATED)) {
                            add(bytes, name, value.getScore());
                        }
                    });
                }
            }
        }
    }

    private void print(long heap) throws IOException {
        double invoke = time("Asking.invoke");
        System.out.println("The 20 best of 100,000 x 32, one thread, microseconds");
        row("the interpreter's own invoke of `score`", invoke);
        row("the graph's own `recommend`", time("Asking.graph"));
        row("to the recommender's thread and back, nothing asked", time("Asking.nothing"));
        compared("recommend, on the recommender's thread", time("Asking.ranker"), invoke, "x invoke", 1.5);
        compared("the same, with reasons", time("Asking.rankerExplained"), invoke, "x invoke", 1.5);
        compared("recommend, the way there and back included", time("Asking.plain"), invoke, "x invoke", 1.5);
        compared("the same, with reasons", time("Asking.explained"), invoke, "x invoke", 1.5);

        System.out.println("\nBytes allocated by a question");
        for (String kind : List.of("plain", "explained")) {
            double few = median(bytes.get("Asking." + kind + " 10000"));
            double many = median(bytes.get("Asking." + kind + " " + PRODUCTS));
            row(kind + ", 10,000 products", few);
            compared(kind + ", 100,000 products", many, few, "x 10,000", 1.1);
        }

        System.out.println("\nOpening 100,000 products, microseconds");
        double read = time("Opening.read");
        row("the file's bytes once, and its vocabulary as strings", read);
        compared("the bundle, checked and ready for look-ups", time("Opening.bundle"), read, "x reading", 3);
        compared("the recommender, with its interpreter", time("Opening.recommender"), read, "x reading", 3);
        double text = Opening.vocabulary(Fixtures.model(PRODUCTS)).length;
        row("bytes of vocabulary text", text);
        compared("heap growth of the bundle, bytes", heap, text, "x text", 3);

        System.out.println("\n200 unseen products, microseconds per product");
        for (String kind : List.of("", "Explained")) {
            double first = time("Arrivals.first" + kind) / Arrivals.PRODUCTS;
            double cached = time("Arrivals.cached" + kind) / Arrivals.PRODUCTS;
            String label = kind.isEmpty() ? "rank" : "rank with reasons";
            row(label + ", first time", first);
            compared(label + ", again", cached, first, "x first", 0.1);
        }

        File aar = new File(System.getProperty("aar"));
        System.out.println("\nBytes of the AAR without the runtime");
        if (aar.isFile()) {
            row(aar.getName() + ", at most 150,000", aar.length());
        } else {
            System.out.println("  skipped: " + aar.getName() + " was not assembled");
        }
    }

    /** What the heap holds more once a bundle is open, after collections. */
    private static long heapOfBundle() throws IOException {
        Path file = Fixtures.model(PRODUCTS);
        Reference.reachabilityFence(Bundle.read(Fixtures.map(Fixtures.model(10_000)), "warm-up"));
        long before = used();
        Bundle bundle = Bundle.read(Fixtures.map(file), file.toString());
        long growth = used() - before;
        Reference.reachabilityFence(bundle);
        return growth;
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private double time(String name) {
        return median(times.get(name + " " + PRODUCTS));
    }

    private static void add(Map<String, List<Double>> to, String name, double value) {
        to.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted.length % 2 == 1
            ? sorted[sorted.length / 2]
            : Arrays.stream(sorted, sorted.length / 2 - 1, sorted.length / 2 + 1).average().orElseThrow();
    }

    private static void row(String label, double value) {
        System.out.printf(Locale.ROOT, "  %-52s %,12.1f%n", label, value);
    }

    private static void compared(String label, double value, double peer, String unit, double goal) {
        double ratio = value / peer;
        String verdict = ratio <= goal ? "reached" : "missed";
        System.out.printf(Locale.ROOT, FORMAT, label, value, ratio, unit, shown(goal), verdict);
    }

    private static String shown(double goal) {
        return goal == Math.rint(goal) ? String.format(Locale.ROOT, "%,d", (long) goal) : Double.toString(goal);
    }
}
