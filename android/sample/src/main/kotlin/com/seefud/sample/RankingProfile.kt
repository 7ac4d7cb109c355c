package com.seefud.sample

import com.seefud.recommender.Product
import com.seefud.recommender.Profile
import com.seefud.recommender.ProfileItem
import java.util.Locale

/**
 * The profile that a list is ranked by: what was done so far and, as certain as a liked dish, the text in the search
 * box for as long as it stands there.
 *
 * @param arrivals the model knows them by their ingredients only, which no event carries
 */
fun rankingProfile(taste: Taste, arrivals: List<Product> = emptyList()): Profile {
    val withIngredients = arrivals.associateBy { it.title }
    val query = searchKey(taste.query)
    val builder = Profile.Builder()
    for (item in taste.profile.items) {
        when (item) {
            is ProfileItem.Liked ->
                builder.like(withIngredients[item.product.title] ?: item.product, item.weight, item.time)
            is ProfileItem.Searched ->
                if (searchKey(item.text) != query) builder.search(item.text, item.weight, item.time)
        }
    }
    if (query.isNotEmpty()) builder.search(taste.query.trim())
    return builder.build()
}

/** Searches that differ in letter case or spacing only are the same search. */
fun searchKey(text: String): String =
    text.lowercase(Locale.ROOT).split(' ').filter { it.isNotBlank() }.joinToString(" ")
