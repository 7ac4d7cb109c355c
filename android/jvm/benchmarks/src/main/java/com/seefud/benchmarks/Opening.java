package com.seefud.benchmarks;

import com.seefud.recommender.Recommender;
import com.seefud.recommender.core.Bundle;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A model of 100,000 products, read and checked, beside a plain reading of its bytes and its vocabulary. */
@State(Scope.Benchmark)
public class Opening {
    @Param({"100000"})
    public int products;

    private Path file;
    private byte[] vocabulary;

    @Setup
    public void find() throws IOException {
        file = Fixtures.model(products);
        vocabulary = vocabulary(file);
    }

    /** The file's bytes once, and its lines of text as strings. */
    @Benchmark
    public Object read() throws IOException {
        byte[] content = Files.readAllBytes(file);
        return new Object[] {content, lines(vocabulary)};
    }

    /** Mapped, every digest and every line checked, ready to look up titles and tokens. */
    @Benchmark
    public Bundle bundle() throws IOException {
        return Bundle.read(Fixtures.map(file), file.toString());
    }

    /** That, and the interpreter on its thread: ready to rank. */
    @Benchmark
    public String recommender() throws InterruptedException {
        try (Recommender recommender = Fixtures.open(products)) {
            return recommender.getInfo().getModelId();
        }
    }

    /** Every text of the archive that follows the model. */
    static byte[] vocabulary(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        int start = new String(content, StandardCharsets.ISO_8859_1).indexOf("PK\3\4");
        ByteArrayInputStream archive = new ByteArrayInputStream(content, start, content.length - start);
        ByteArrayOutputStream texts = new ByteArrayOutputStream();
        try (ZipInputStream zip = new ZipInputStream(archive)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().endsWith(".txt")) {
                    texts.write(zip.readAllBytes());
                }
            }
        }
        return texts.toByteArray();
    }

    private static List<String> lines(byte[] text) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        for (int at = 0; at < text.length; at++) {
            if (text[at] == '\n') {
                lines.add(new String(text, start, at - start, StandardCharsets.UTF_8));
                start = at + 1;
            }
        }
        return lines;
    }
}
