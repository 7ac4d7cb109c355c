package com.seefud.recommender

import android.content.Context
import com.seefud.recommender.core.Bundle
import com.seefud.recommender.core.BundleDocument
import com.seefud.recommender.core.Model
import com.seefud.recommender.core.Ranker
import java.io.Closeable
import java.io.File
import java.nio.ByteBuffer

private const val LIST_LENGTH = 20

/**
 * Ranks products on the phone with one file, a model that `seefud build` wrote. Needs neither network nor permission.
 *
 *     Recommender.open(context, "seefud.tflite").use { recommender ->
 *         val profile = Profile.of(liked = listOf("sate jamur tahu"), searched = listOf("ayam pedas"))
 *         recommender.recommend(profile, k = 20, filter = Filter.withoutIngredients("udang"))
 *     }
 *
 * Safe for threads: questions are answered one after the other on a thread of the recommender's own, which ends with
 * [close]. The suspending functions may be called from any thread, the main one too. Their twins for Java, whose names
 * end in `Blocking`, wait for the answer; they throw [MainThreadException] on the main thread and
 * [InterruptedException] if they are interrupted. A question that is cancelled, or whose caller is interrupted, before its turn is never
 * answered. After [close] every function throws [ClosedRecommenderException].
 *
 * @property info what the model says of itself
 * @property products the model's own products by row, read when they are asked for; works after [close] too
 */
public class Recommender private constructor(
    private val thread: RankingThread,
    private val ranker: Ranker,
    public val info: ModelInfo,
    public val products: List<Product>,
) : Closeable {
    /**
     * How to open a model.
     *
     * @property threads how many threads the runtime may use for one ranking
     * @property catalogue the app's own products: their ids and ingredients come back in rankings and are what filters
     *     see. Those that the model does not know bring the ingredients for questions that name the title alone
     * @throws InvalidRequestException threads is below 1
     */
    public class Options @JvmOverloads constructor(
        public val threads: Int = 1,
        public val catalogue: Collection<Product> = emptyList(),
    ) {
        init {
            if (threads < 1) throw InvalidRequestException("threads", "at least 1", "$threads", "leave it out")
        }
    }

    /**
     * The best products for a profile, best first, without the profile's own. An empty profile ranks by popularity.
     *
     * @param k length of the list; shorter if not so many are left
     * @param filter what may enter the list; asked on the recommender's thread
     * @param diversity 0 for the best products, up to 1 for products that differ from each other: maximal marginal
     *     relevance (Carbonell and Goldstein 1998)
     * @param explain whether each product comes with the reasons for its score
     * @param also products to rank along with the model's own, such as arrivals that it never saw
     * @throws InvalidRequestException k is below 1, diversity is not 0 to 1, or the filter asks for ingredients and
     *     none are known
     * @throws ClosedRecommenderException the recommender is closed
     */
    public suspend fun recommend(
        profile: Profile,
        k: Int = LIST_LENGTH,
        filter: Filter = Filter.none,
        diversity: Float = 0f,
        explain: Boolean = true,
        also: Collection<Product> = emptyList(),
    ): Ranking = thread.ask { ranker.recommend(profile, k, filter, diversity, explain, also) }

    /**
     * Exactly these products, best first, the profile's own too. Any list: one that the model never saw is ranked by
     * its text.
     *
     * @param products those given twice come back twice
     * @throws InvalidRequestException as for [recommend]
     * @throws ClosedRecommenderException the recommender is closed
     */
    public suspend fun rank(
        profile: Profile,
        products: Collection<Product>,
        filter: Filter = Filter.none,
        diversity: Float = 0f,
        explain: Boolean = true,
    ): Ranking = thread.ask { ranker.rank(profile, products, filter, diversity, explain) }

    /**
     * Products by a text, such as what a person typed.
     *
     * @return empty if the model knows no word of the text; then [Ranking.ignored] holds it
     * @throws InvalidRequestException as for [recommend]
     * @throws ClosedRecommenderException the recommender is closed
     */
    public suspend fun search(
        text: String,
        k: Int = LIST_LENGTH,
        filter: Filter = Filter.none,
        explain: Boolean = true,
    ): Ranking = thread.ask { ranker.search(text, k, filter, explain) }

    /**
     * Products like one of the model's, or like an unknown one by the words of its title. It is not in the list itself.
     *
     * @return empty if the model knows nothing of it; then [Ranking.ignored] holds the title
     * @throws InvalidRequestException as for [recommend]
     * @throws ClosedRecommenderException the recommender is closed
     */
    public suspend fun similar(
        title: String,
        k: Int = LIST_LENGTH,
        filter: Filter = Filter.none,
        explain: Boolean = true,
    ): Ranking = similar(Product(title), k, filter, explain)

    /** Products like this one; where the model does not know its title, by title and ingredients. See above. */
    public suspend fun similar(
        product: Product,
        k: Int = LIST_LENGTH,
        filter: Filter = Filter.none,
        explain: Boolean = true,
    ): Ranking = thread.ask { ranker.similar(product, k, filter, explain) }

    /** [recommend], waiting for the answer. */
    @JvmOverloads
    @Throws(InterruptedException::class)
    public fun recommendBlocking(
        profile: Profile,
        k: Int = LIST_LENGTH,
        filter: Filter = Filter.none,
        diversity: Float = 0f,
        explain: Boolean = true,
        also: Collection<Product> = emptyList(),
    ): Ranking = waiting("recommendBlocking") { ranker.recommend(profile, k, filter, diversity, explain, also) }

    /** [rank], waiting for the answer. */
    @JvmOverloads
    @Throws(InterruptedException::class)
    public fun rankBlocking(
        profile: Profile,
        products: Collection<Product>,
        filter: Filter = Filter.none,
        diversity: Float = 0f,
        explain: Boolean = true,
    ): Ranking = waiting("rankBlocking") { ranker.rank(profile, products, filter, diversity, explain) }

    /** [search], waiting for the answer. */
    @JvmOverloads
    @Throws(InterruptedException::class)
    public fun searchBlocking(
        text: String,
        k: Int = LIST_LENGTH,
        filter: Filter = Filter.none,
        explain: Boolean = true,
    ): Ranking = waiting("searchBlocking") { ranker.search(text, k, filter, explain) }

    /** [similar], waiting for the answer. */
    @JvmOverloads
    @Throws(InterruptedException::class)
    public fun similarBlocking(
        title: String,
        k: Int = LIST_LENGTH,
        filter: Filter = Filter.none,
        explain: Boolean = true,
    ): Ranking = similarBlocking(Product(title), k, filter, explain)

    /** [similar], waiting for the answer. */
    @JvmOverloads
    @Throws(InterruptedException::class)
    public fun similarBlocking(
        product: Product,
        k: Int = LIST_LENGTH,
        filter: Filter = Filter.none,
        explain: Boolean = true,
    ): Ranking = waiting("similarBlocking") { ranker.similar(product, k, filter, explain) }

    /**
     * Gives the interpreter and the thread back. Returns at once, so that the main thread may call it: an answer being
     * given is finished, questions that wait get [ClosedRecommenderException]. Closing twice does no harm.
     */
    override fun close(): Unit = thread.close()

    override fun toString(): String = "Recommender($info)"

    private fun waiting(function: String, question: () -> Ranking): Ranking {
        MainThread.refuse(function)
        return thread.askBlocking(question)
    }

    public companion object {
        /**
         * Opens a model among the app's assets, where it must not be compressed
         * (`androidResources { noCompress += "tflite" }`). It is mapped into memory, not copied.
         *
         * @param context any; not kept
         * @param asset path below `assets`, such as `seefud.tflite`
         * @return ready to rank
         * @throws BundleException the asset is missing, compressed or cannot be trusted; each case has its own class
         * @throws RuntimeFailureException the app has no TFLite runtime, or it refused the model
         */
        public suspend fun open(context: Context, asset: String, options: Options = Options()): Recommender {
            val assets = context.assets
            return start(asset) { ready(it, asset, options) { AndroidAssets.map(assets, asset) } }
        }

        /**
         * Opens a model from a file, such as one that was downloaded. It is mapped into memory, so the file must not
         * change while the recommender is in use: replace it by renaming another over it.
         *
         * @return ready to rank
         * @throws BundleException the file is missing or cannot be trusted; each case has its own class
         * @throws RuntimeFailureException the app has no TFLite runtime, or it refused the model
         */
        public suspend fun open(file: File, options: Options = Options()): Recommender =
            start(file.name) { ready(it, file.name, options) { ModelFiles.map(file) } }

        /** [open], waiting until the recommender is ready. */
        @JvmStatic
        @JvmOverloads
        @Throws(InterruptedException::class)
        public fun openBlocking(context: Context, asset: String, options: Options = Options()): Recommender {
            val assets = context.assets
            return startBlocking(asset) { ready(it, asset, options) { AndroidAssets.map(assets, asset) } }
        }

        /** [open], waiting until the recommender is ready. */
        @JvmStatic
        @JvmOverloads
        @Throws(InterruptedException::class)
        public fun openBlocking(file: File, options: Options = Options()): Recommender =
            startBlocking(file.name) { ready(it, file.name, options) { ModelFiles.map(file) } }

        /**
         * Opens what a [ModelStore] has mapped, waiting until it is ready.
         *
         * @param trust is asked, on the recommender's thread, before the runtime sees the model
         * @param prove is asked there before anything ranks; what these throw is thrown here
         */
        @Throws(InterruptedException::class)
        internal fun openChecked(
            name: String,
            options: Options,
            map: () -> ByteBuffer,
            trust: (BundleDocument) -> Unit = {},
            prove: (Model, BundleDocument) -> Unit = { _, _ -> },
        ): Recommender = startBlocking(name) { ready(it, name, options, trust, prove, map) }

        private suspend fun start(name: String, ready: (RankingThread) -> Recommender): Recommender {
            val thread = threadFor(name)
            return closingOnFailure(thread) { thread.ask { ready(thread) } }
        }

        private fun startBlocking(name: String, ready: (RankingThread) -> Recommender): Recommender {
            MainThread.refuse("openBlocking")
            val thread = threadFor(name)
            return closingOnFailure(thread) { thread.askBlocking { ready(thread) } }
        }

        private fun threadFor(name: String) = RankingThread("seefud $name", "recommender $name")

        /** A caller who was cancelled or refused has nothing to close: the thread closes what it keeps. */
        private inline fun closingOnFailure(thread: RankingThread, open: () -> Recommender): Recommender {
            try {
                return open()
            } catch (problem: Throwable) {
                thread.close()
                throw problem
            }
        }

        /** On the thread. */
        private fun ready(
            thread: RankingThread,
            name: String,
            options: Options,
            trust: (BundleDocument) -> Unit = {},
            prove: (Model, BundleDocument) -> Unit = { _, _ -> },
            map: () -> ByteBuffer,
        ): Recommender {
            lateinit var model: TfliteModel
            val bundle = Bundle.readBeside(map(), name) { document, flatbuffer ->
                trust(document)
                model = TfliteModel.open(flatbuffer, document, options.threads, name)
                thread.keep(model)
            }
            prove(model, bundle.document)
            val info = ModelInfo(bundle.document, bundle.size, bundle.hasIngredients)
            return Recommender(thread, Ranker(bundle, model, options.catalogue), info, ModelProducts(bundle))
        }
    }
}
