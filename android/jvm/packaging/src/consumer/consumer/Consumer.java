package consumer;

import com.seefud.recommender.Profile;
import com.seefud.recommender.Recommendation;
import com.seefud.recommender.Recommender;
import com.seefud.recommender.RecommenderException;
import java.io.File;
import java.util.Collections;

/** The smallest app with the library: prints five dishes for the title given, or what was wrong with the file. */
public final class Consumer {
    private Consumer() {}

    public static void main(String[] arguments) throws Exception {
        try (Recommender recommender = Recommender.openBlocking(new File(arguments[0]))) {
            Profile profile = Profile.of(Collections.singletonList(arguments[1]));
            for (Recommendation each : recommender.recommendBlocking(profile, 5)) {
                System.out.println(each.getRow() + " " + each.getTitle() + ", " + each.getReasons().get(0).getText());
            }
        } catch (RecommenderException error) {
            System.out.println(error.getMessage());
        }
    }
}
