package com.seefud.recommender.core

import com.seefud.recommender.Product
import com.seefud.recommender.Profile
import com.seefud.recommender.ProfileItem
import kotlin.math.sqrt

/** The rules of docs/file-format.md once more, in double precision and without a thought for speed. */
class NaiveRanker(private val made: MadeModel) {
    class Scored(val title: String, val row: Int?, val score: Double)

    fun textVector(title: String, ingredients: String = ""): List<Double> {
        val words = naiveWords(title)
        val tokens = words + naiveWords(ingredients) + words.zipWithNext { a, b -> "$a $b" }
        val ids = tokens.map { made.vocabulary.indexOf(it) }.filter { it >= 0 }.toSortedSet()
        val used = ids.take(made.document.textLength)
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
            val prior = if (row == null) MadeModel.COLD else made.priors[row]
            val cosine = unit.zip(vectorOf(product)) { a, b -> a * b }.sum()
            Scored(product.title, row, cosine + prior)
        }.sortedByDescending { it.score }
    }

    fun recommend(profile: Profile, also: List<Product>): List<Scored> {
        val liked = profile.items.filterIsInstance<ProfileItem.Liked>().map { it.product.title }
        val new = also.filter { it.title !in made.titles }
        return rank(profile, (made.titles.map { Product(it) } + new).filter { it.title !in liked })
    }

    private fun unit(vector: List<Double>): List<Double> {
        val length = sqrt(vector.sumOf { it * it } + 1e-12)
        return vector.map { it / length }
    }
}
