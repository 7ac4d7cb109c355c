package com.seefud.recommender

/**
 * A product by its text, whether the model knows it or not.
 *
 * @property title what people see; titles meet whatever their letter case and spacing
 * @property ingredients further words, blank where unknown
 * @property id whatever the app calls it; carried along untouched
 */
public data class Product @JvmOverloads constructor(
    public val title: String,
    public val ingredients: String = "",
    public val id: String? = null,
)
