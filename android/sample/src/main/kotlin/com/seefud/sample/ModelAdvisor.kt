package com.seefud.sample

import android.content.Context
import com.seefud.recommender.Filter
import com.seefud.recommender.Product
import com.seefud.recommender.Profile
import com.seefud.recommender.Recommender
import java.util.Locale

private const val FOR_YOU = 10
private const val FOUND = 12

/** The dishes of the model and the arrivals of this week, ranked on the phone. */
class ModelAdvisor(private val recommender: Recommender, private val arrivals: List<Product>) : Advisor {
    override val model = ModelCard(recommender.info.modelId, recommender.info.size)

    private var menu: Menu? = null

    override suspend fun advise(taste: Taste): Advice {
        val filter =
            if (taste.unwanted.isEmpty()) Filter.none else Filter.withoutIngredients(*taste.unwanted.toTypedArray())
        val profile = rankingProfile(taste, arrivals)
        val started = System.nanoTime()
        val forYou = recommender.recommend(profile, FOR_YOU, filter)
        val nanoseconds = System.nanoTime() - started
        val refused = taste.refused.map { it.title }
        val ranked = recommender.rank(profile, arrivals, filter and Filter.exclude(refused))
        val dishes = menu(taste.unwanted, filter).dishes
        val found =
            if (taste.query.isBlank()) {
                null
            } else {
                val alike = recommender.search(taste.query, FOUND, filter).map { it.product }
                found(taste.query, dishes + arrivals(filter), alike, FOUND)
            }
        return Advice(found, forYou, ranked, dishes, nanoseconds)
    }

    override fun close() = recommender.close()

    /** Refused ones too: a search is the way back to them. */
    private suspend fun arrivals(filter: Filter): List<Product> =
        recommender.rank(Profile.empty(), arrivals, filter, explain = false).map { it.product }

    /** Ranking is only a way to filter here; the order is A to Z. Kept until other ingredients are left out. */
    private suspend fun menu(unwanted: List<String>, filter: Filter): Menu {
        menu?.let { if (it.unwanted == unwanted) return it }
        val allowed = recommender.rank(Profile.empty(), recommender.products, filter).map { it.product }
        return Menu(unwanted, allowed.sortedBy { it.title.lowercase(Locale.ROOT) }).also { menu = it }
    }

    private class Menu(val unwanted: List<String>, val dishes: List<Product>)

    companion object {
        /** @throws com.seefud.recommender.RecommenderException the model cannot be opened or trusted */
        suspend fun open(context: Context, model: String, arrivals: String): ModelAdvisor =
            ModelAdvisor(
                Recommender.open(context, model),
                context.assets.open(arrivals).bufferedReader().use { productsOf(it.readText()) },
            )
    }
}
