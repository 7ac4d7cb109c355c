package com.seefud.benchmarks;

import com.seefud.recommender.Product;
import com.seefud.recommender.Profile;
import com.seefud.recommender.Recommender;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** The large models of tests/fixtures.py and what is asked of them. */
final class Fixtures {
    /** A history of five products of the model and one search. */
    private static final int HISTORY = 5;

    private Fixtures() {}

    static Path model(int products) {
        return Path.of(System.getProperty("fixtures"), "large-" + products, "seefud.tflite");
    }

    static Recommender open(int products) throws InterruptedException {
        return Recommender.openBlocking(model(products).toFile());
    }

    static ByteBuffer map(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()).order(ByteOrder.nativeOrder());
        }
    }

    static Profile profile(Recommender recommender) {
        List<String> liked = new ArrayList<>();
        for (int place = 0; place < HISTORY; place++) {
            liked.add(recommender.getProducts().get(place * 1_000).getTitle());
        }
        return Profile.of(liked, List.of(recommender.getProducts().get(777).getTitle()));
    }

    /**
     * Products that the model never saw, made of words that it knows; no two calls make the same.
     *
     * @param call what makes them different from those of other calls
     */
    static List<Product> unseen(Recommender recommender, int count, int call) {
        List<Product> made = new ArrayList<>();
        for (int place = 0; place < count; place++) {
            String words = recommender.getProducts().get((place * 37 + call * 11) % 10_000).getTitle();
            made.add(new Product(words + " nr " + call + " " + place));
        }
        return made;
    }
}
