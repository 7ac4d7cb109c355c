package com.seefud.sample

import android.os.Bundle
import com.seefud.recommender.Product

private const val LIKED_TITLES = "liked.titles"
private const val LIKED_INGREDIENTS = "liked.ingredients"
private const val UNWANTED = "unwanted"
private const val QUERY = "query"

/** Keeps the taste while the system has put the app away. */
fun Bundle.putTaste(taste: Taste) {
    putStringArrayList(LIKED_TITLES, ArrayList(taste.liked.map { it.title }))
    putStringArrayList(LIKED_INGREDIENTS, ArrayList(taste.liked.map { it.ingredients }))
    putStringArrayList(UNWANTED, ArrayList(taste.unwanted))
    putString(QUERY, taste.query)
}

/** The taste that [putTaste] kept; an empty one if there is none. */
fun Bundle?.taste(): Taste {
    if (this == null) return Taste()
    val titles = getStringArrayList(LIKED_TITLES).orEmpty()
    val ingredients = getStringArrayList(LIKED_INGREDIENTS).orEmpty()
    return Taste(
        liked = titles.zip(ingredients) { title, text -> Product(title, text) },
        unwanted = getStringArrayList(UNWANTED).orEmpty(),
        query = getString(QUERY).orEmpty(),
    )
}
