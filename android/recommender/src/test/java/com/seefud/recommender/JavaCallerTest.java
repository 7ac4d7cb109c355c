package com.seefud.recommender;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertThrows;

import java.io.File;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.Test;

/** The library as Java code sees it. */
public class JavaCallerTest {
    private final File file = new File(System.getProperty("fixtures"), "dynamic_wi8/seefud.tflite");

    @Test
    public void asksEveryQuestion() throws InterruptedException {
        try (Recommender recommender = Recommender.openBlocking(file)) {
            List<Product> products = recommender.getProducts();
            Profile profile = new Profile.Builder()
                .like(products.get(0).getTitle())
                .like(new Product("Ayam baru", "ayam, cabai"), 0.5f)
                .search("ayam pedas")
                .build();
            Filter filter = Filter.exclude(products.get(1).getTitle()).and(Filter.withoutIngredients("udang"));
            Ranking ranking = recommender.recommendBlocking(profile, 10, filter);
            assertEquals(10, ranking.size());
            for (Recommendation each : ranking) {
                assertNotNull(each.getTitle());
                assertEquals(4, each.getReasons().size());
            }
            assertEquals(20, recommender.recommendBlocking(profile).size());
            assertEquals(2, recommender.rankBlocking(profile, Arrays.asList(products.get(3), products.get(4))).size());
            assertEquals(20, recommender.searchBlocking("ayam").size());
            assertEquals(5, recommender.similarBlocking(products.get(3), 5).size());
            assertEquals(20, recommender.similarBlocking(products.get(3).getTitle()).size());
            assertEquals(12, recommender.getInfo().getModelId().length());
        }
    }

    @Test
    public void takesOptionsAndLambdas() throws InterruptedException {
        Recommender.Options options =
            new Recommender.Options(2, Collections.singletonList(new Product("Ayam baru", "", "7")));
        Recommender recommender = Recommender.openBlocking(file, options);
        Ranking even = recommender.recommendBlocking(Profile.empty(), 5, candidate -> candidate.getRow() % 2 == 0);
        assertEquals(0, even.get(0).getRow() % 2);
        recommender.close();
        assertThrows(ClosedRecommenderException.class, () -> recommender.searchBlocking("ayam"));
    }
}
