package com.seefud.recommender.core

import com.seefud.recommender.Product
import com.seefud.recommender.Profile
import com.seefud.recommender.ProfileItem
import kotlin.math.abs
import kotlin.math.ln
import kotlin.math.sqrt

/** The rules of docs/file-format.md once more, in double precision and without a thought for speed. */
class NaiveRanker(private val made: MadeModel) {
    class Scored(val title: String, val row: Int?, val score: Double)

    private fun usedTokens(title: String, ingredients: String): List<Int> {
        val words = naiveWords(title)
        val tokens = words + naiveWords(ingredients) + words.zipWithNext { a, b -> "$a $b" }
        return tokens.map { made.vocabulary.indexOf(it) }.filter { it >= 0 }.toSortedSet().take(made.document.textLength)
    }

    fun textVector(title: String, ingredients: String = ""): List<Double> {
        val used = usedTokens(title, ingredients)
        return unit(List(made.dimension) { at -> used.sumOf { made.tokenVectors[it][at].toDouble() } })
    }

    private fun naiveWords(text: String) = text.lowercase().split(Regex("[^a-z0-9]+")).filter { it.isNotEmpty() }

    private fun vectorOf(product: Product): List<Double> {
        val row = made.titles.indexOf(product.title)
        return if (row >= 0) made.vectors[row].map { it.toDouble() } else textVector(product.title, product.ingredients)
    }

    fun profile(profile: Profile): List<Double> {
        val parts = profile.items.map { item ->
            val vector = when (item) {
                is ProfileItem.Liked -> vectorOf(item.product)
                is ProfileItem.Searched -> textVector(item.text)
            }
            vector.map { it * item.weight }
        }
        return List(made.dimension) { at -> parts.sumOf { it[at] } }
    }

    fun rank(profile: Profile, products: List<Product>): List<Scored> {
        val unit = unit(profile(profile))
        return products.map { product ->
            val row = made.titles.indexOf(product.title).takeIf { it >= 0 }
            val prior = if (row == null) ofNew(product) else made.priors[row].toDouble()
            val cosine = unit.zip(vectorOf(product)) { a, b -> a * b }.sum()
            Scored(product.title, row, cosine + prior)
        }.sortedByDescending { it.score }
    }

    fun ofNew(product: Product): Double =
        MadeModel.COLD + made.document.prior.words * ln(1.0 + usedTokens(product.title, product.ingredients).size)

    fun recommend(profile: Profile, also: List<Product>): List<Scored> {
        val liked = profile.items.filterIsInstance<ProfileItem.Liked>().map { it.product.title }
        val new = also.filter { it.title !in made.titles }
        val all = rank(profile, (made.titles.map { Product(it) } + new).filter { it.title !in liked })
        if (profile(profile).all { abs(it) < 1e-6 }) return all
        val mixing = made.document.mixing
        val places = all.filter { it.row == null }.withIndex().associate { (rank, each) ->
            each to each.score + mixing.lift - rank * mixing.crowding
        }
        return all.sortedByDescending { places[it] ?: it.score }
    }

    private fun unit(vector: List<Double>): List<Double> {
        val length = sqrt(vector.sumOf { it * it } + 1e-12)
        return vector.map { it / length }
    }
}
