package com.seefud.recommender.core

import com.seefud.recommender.Filter
import com.seefud.recommender.InvalidRequestException
import com.seefud.recommender.Product
import com.seefud.recommender.Profile
import com.seefud.recommender.ProfileItem
import com.seefud.recommender.Ranking
import java.nio.FloatBuffer

/**
 * Ranks products by a model; python/seefud/recommender.py is the twin. Not safe for several threads: one owns it. What
 * a question allocates does not grow with the number of products.
 *
 * Every function takes a [Filter], which leaves products out; a `diversity`, which is 0 for the best products and up to
 * 1 for products that differ (maximal marginal relevance over the best 5 k, at least 100); and whether to `explain` the
 * scores by reasons.
 */
public class Ranker internal constructor(
    private val view: CatalogueView,
    model: Model,
    catalogue: Collection<Product>,
) {
    /**
     * @param bundle texts and numbers of the model
     * @param model runs the bundle's flatbuffer
     * @param catalogue the app's own products: for those that the model knows, ids and ingredients; for others, the
     *     ingredients where a question gives the title alone
     */
    @JvmOverloads
    public constructor(bundle: Bundle, model: Model, catalogue: Collection<Product> = emptyList()) :
        this(BundleView(bundle), model, catalogue)

    private val document = view.document
    private val calls = ModelCalls(model, document)
    private val known = KnownProducts(view, catalogue)
    private val entries = TextEntries(view, known, calls)
    private val profiles = ProfileSum(document, entries, calls)
    private val shortlist = Shortlist(view, known)
    private val presentation = Presentation(view, known, calls)

    /**
     * The best products for a profile, without the profile's own. An empty profile ranks by popularity.
     *
     * @param k length of the list; shorter if not so many are left
     * @param also products to rank along with the model's own, in one list: one that the model knows keeps its row, any
     *     other is ranked by its text and takes its place by the model's rule for new products, so that scores need not
     *     fall from place to place. A tie goes to the product with a row
     * @throws InvalidRequestException k is below 1, diversity is not 0 to 1, weights are too large, or the filter asks
     *     for ingredients and none are known
     */
    @JvmOverloads
    public fun recommend(
        profile: Profile,
        k: Int = DEFAULT_LENGTH,
        filter: Filter = Filter.none,
        diversity: Float = 0f,
        explain: Boolean = true,
        also: Collection<Product> = emptyList(),
    ): Ranking {
        checkLength(k)
        checkDiversity(diversity)
        checkFilter(filter, also)
        return recommend(profiles.of(profile), likedTitles(profile), k, filter, diversity, explain, also)
    }

    /**
     * Exactly these products, best first, the profile's own too. A product that the model knows has its row's score, any
     * other is ranked by its text. Ties go to products with a row, then to the lower row, then to the one given first.
     *
     * @param products of any number; those given twice come back twice
     * @throws InvalidRequestException as for [recommend]
     */
    @JvmOverloads
    public fun rank(
        profile: Profile,
        products: Collection<Product>,
        filter: Filter = Filter.none,
        diversity: Float = 0f,
        explain: Boolean = true,
    ): Ranking {
        checkDiversity(diversity)
        checkFilter(filter, products)
        val query = profiles.of(profile)
        val given = products.map { it to entries.of(it) }
        // The model scores all its products or none, and arrivals are often asked about alone.
        val scores = if (given.any { (_, entry) -> entry.row >= 0 }) calls.score(query.sum) else FloatBuffer.allocate(0)
        val offers = given.map { (product, entry) ->
            val score = if (entry.row >= 0) scores.get(entry.row) else coldScore(query, entry)
            Offer(entry.row, score, product, entry)
        }
        val accepted = offers.filter { filter.accepts(shortlist.candidate(it)) }.sortedWith(BEST_FIRST)
        val shortened = given.filter { (_, entry) -> entry.isShortened }.map { (product, _) -> product.title }
        return presentation.present(query, accepted, accepted.size, diversity, explain, shortened)
    }

    /**
     * Products by a text, such as what a person typed.
     *
     * @return empty if no word of the text is known; then [Ranking.ignored] holds it
     * @throws InvalidRequestException as for [recommend]
     */
    @JvmOverloads
    public fun search(
        text: String,
        k: Int = DEFAULT_LENGTH,
        filter: Filter = Filter.none,
        explain: Boolean = true,
    ): Ranking = nearest(Profile.of(searched = listOf(text)), text, k, filter, explain)

    /**
     * Products like one of the model's, or like an unknown one by the words of its title. The product itself is left
     * out.
     *
     * @return empty if the model knows nothing of the product; then [Ranking.ignored] holds its title
     * @throws InvalidRequestException as for [recommend]
     */
    @JvmOverloads
    public fun similar(
        title: String,
        k: Int = DEFAULT_LENGTH,
        filter: Filter = Filter.none,
        explain: Boolean = true,
    ): Ranking = similar(Product(title), k, filter, explain)

    /** Products like this one; where the model does not know the title, by title and ingredients. See above. */
    @JvmOverloads
    public fun similar(
        product: Product,
        k: Int = DEFAULT_LENGTH,
        filter: Filter = Filter.none,
        explain: Boolean = true,
    ): Ranking = nearest(Profile.Builder().like(product).build(), product.title, k, filter, explain)

    private fun nearest(profile: Profile, text: String, k: Int, filter: Filter, explain: Boolean): Ranking {
        checkLength(k)
        checkFilter(filter, emptyList())
        val query = profiles.of(profile)
        if (query.isZero) return Ranking(emptyList(), listOf(text), emptyList(), document.modelId)
        return recommend(query, emptySet(), k, filter, 0f, explain, emptyList())
    }

    private fun recommend(
        query: ProfileVector,
        liked: Set<String>,
        k: Int,
        filter: Filter,
        diversity: Float,
        explain: Boolean,
        also: Collection<Product>,
    ): Ranking {
        val (withRow, without) = also.map { it to entries.of(it) }.partition { (_, entry) -> entry.row >= 0 }
        val new = without.filter { (_, entry) -> entry.canonicalTitle !in liked }
            .map { (product, entry) -> Offer(-1, coldScore(query, entry), product, entry) }
        val asked = HashMap<Int, Product>()
        for ((product, entry) in withRow) if (entry.row !in asked) asked[entry.row] = product
        val own = query.sources.mapTo(HashSet()) { it.entry.row }
        val scores = calls.score(query.sum)
        val pool = if (diversity > 0f) pool(k) else k
        // An empty profile knows no new product from another, so that none of them is lifted.
        val mixing = if (query.isZero) Mixing.NONE else document.mixing
        val known = shortlist.rows(scores, own, pool, filter, asked)
        val list = mixed(known, shortlist.offers(new, pool, filter), pool, mixing)
        val shortened = new.filter { it.entry?.isShortened == true }.map { it.entry?.title.orEmpty() }
        return presentation.present(query, list, k, diversity, explain, shortened)
    }

    /** The twin of the model's own score, for a product without a row. */
    private fun coldScore(query: ProfileVector, entry: TextEntry): Float {
        val cosine = dot(query.sum, 0, entry.vector, 0, document.dimension) * query.scale
        return (cosine + document.prior.ofNew(entry.tokens)).toFloat()
    }

    private fun likedTitles(profile: Profile): Set<String> =
        profile.items.filterIsInstance<ProfileItem.Liked>().mapTo(HashSet()) { canonicalTitle(it.product.title) }

    private fun checkFilter(filter: Filter, given: Collection<Product>) {
        if (!filter.asksIngredients || known.haveIngredients || given.any { it.ingredients.isNotBlank() }) return
        throw InvalidRequestException(
            "filter by ingredients",
            "ingredients of at least one product",
            "none",
            "build the model with --with-ingredients, or give products with their ingredients",
        )
    }

    private fun checkLength(k: Int) {
        if (k >= 1) return
        throw InvalidRequestException("k", "at least 1", k.toString(), "ask for at least 1 product")
    }

    private fun checkDiversity(diversity: Float) {
        if (diversity in 0f..1f) return
        val remedy = "take 0 for the best products, or a little more, such as 0.3"
        throw InvalidRequestException("diversity", "a number from 0 to 1", diversity.toString(), remedy)
    }

    /** How many of the best a diverse list of k is chosen from. */
    private fun pool(k: Int): Int = maxOf(5L * k, 100L).coerceAtMost(Int.MAX_VALUE.toLong()).toInt()

    private companion object {
        const val DEFAULT_LENGTH = 20
    }
}
