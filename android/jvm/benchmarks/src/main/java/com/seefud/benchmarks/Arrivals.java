package com.seefud.benchmarks;

import com.seefud.recommender.Filter;
import com.seefud.recommender.Product;
import com.seefud.recommender.Profile;
import com.seefud.recommender.Ranking;
import com.seefud.recommender.Recommender;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** 200 products that the model never saw, ranked by their texts: the first time, and again, as for another profile. */
public class Arrivals {
    static final int PRODUCTS = 200;

    /** An open recommender. */
    public abstract static class Opened {
        Recommender recommender;
        Profile profile;

        @Setup(Level.Trial)
        public void open() throws InterruptedException {
            recommender = Fixtures.open(100_000);
            profile = Fixtures.profile(recommender);
        }

        @TearDown(Level.Trial)
        public void close() {
            recommender.close();
        }

        Ranking rank(List<Product> products, boolean explain) throws InterruptedException {
            return recommender.rankBlocking(profile, products, Filter.none(), 0f, explain);
        }
    }

    /** Other products in every call. */
    @State(Scope.Benchmark)
    public static class Unknown extends Opened {
        List<Product> products;
        private int call;

        @Setup(Level.Invocation)
        public void make() {
            products = Fixtures.unseen(recommender, PRODUCTS, call++);
        }
    }

    /** The same products in every call. */
    @State(Scope.Benchmark)
    public static class Ranked extends Opened {
        List<Product> products;

        @Setup(Level.Trial)
        public void make() {
            products = Fixtures.unseen(recommender, PRODUCTS, 0);
        }
    }

    @Benchmark
    public Ranking first(Unknown unknown) throws InterruptedException {
        return unknown.rank(unknown.products, false);
    }

    @Benchmark
    public Ranking firstExplained(Unknown unknown) throws InterruptedException {
        return unknown.rank(unknown.products, true);
    }

    @Benchmark
    public Ranking cached(Ranked ranked) throws InterruptedException {
        return ranked.rank(ranked.products, false);
    }

    @Benchmark
    public Ranking cachedExplained(Ranked ranked) throws InterruptedException {
        return ranked.rank(ranked.products, true);
    }
}
