package com.seefud.sample

import com.seefud.recommender.Product
import java.util.Locale

/**
 * What a person told the app. Immutable; every change makes another one.
 *
 * @property liked newest first; whole products, because the model knows an arrival by its ingredients only
 * @property unwanted ingredients in lower case, in the order in which they were given
 * @property query what stands in the search box, as typed
 */
data class Taste(
    val liked: List<Product> = emptyList(),
    val unwanted: List<String> = emptyList(),
    val query: String = "",
) {
    fun likes(title: String): Boolean = liked.any { it.title == title }

    /** Adds the product to what the person likes, or takes it away. */
    fun toggling(product: Product): Taste {
        val rest = liked.filter { it.title != product.title }
        return copy(liked = if (rest.size < liked.size) rest else listOf(product) + rest)
    }

    /** Several ingredients may be given at once, with commas between. What is no word is passed over. */
    fun leavingOut(ingredients: String): Taste {
        val given = ingredients.split(',').map { it.trim().lowercase(Locale.ROOT) }
        val named = given.filter { it.any(Char::isLetterOrDigit) }
        return copy(unwanted = (unwanted + named).distinct())
    }

    fun allowing(ingredient: String): Taste = copy(unwanted = unwanted - ingredient)

    fun searching(text: String): Taste = copy(query = text)
}
