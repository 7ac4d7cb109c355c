package com.seefud.sample

import com.seefud.recommender.Product
import com.seefud.recommender.Profile
import com.seefud.recommender.ProfileItem
import java.util.Locale

/**
 * What a person told the app. Immutable; every change makes another one.
 *
 * @property profile what follows from all that was done so far; it comes from the [Journal]
 * @property unwanted ingredients in lower case, in the order in which they were given
 * @property query what stands in the search box, as typed
 */
data class Taste(
    val profile: Profile = Profile.empty(),
    val unwanted: List<String> = emptyList(),
    val query: String = "",
) {
    private val products = profile.items.filterIsInstance<ProfileItem.Liked>().asReversed()

    /** Newest first. */
    val liked: List<Product> = products.filter { it.weight > 0 }.map { it.product }

    /** Taken away again, dismissed, or given one or two stars; newest first. */
    val refused: List<Product> = products.filter { it.weight <= 0 }.map { it.product }

    fun likes(title: String): Boolean = liked.any { it.title == title }

    fun refuses(title: String): Boolean = refused.any { it.title == title }

    /** Several ingredients may be given at once, with commas between. What is no word is passed over. */
    fun leavingOut(ingredients: String): Taste {
        val given = ingredients.split(',').map { it.trim().lowercase(Locale.ROOT) }
        val named = given.filter { it.any(Char::isLetterOrDigit) }
        return copy(unwanted = (unwanted + named).distinct())
    }

    fun allowing(ingredient: String): Taste = copy(unwanted = unwanted - ingredient)

    fun searching(text: String): Taste = copy(query = text)
}
