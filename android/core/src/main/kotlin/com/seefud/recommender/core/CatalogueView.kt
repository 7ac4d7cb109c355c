package com.seefud.recommender.core

/** What ranking asks of a bundle, so that it can be tested without a file. */
internal interface CatalogueView {
    val document: BundleDocument

    /** Whether the bundle was built with ingredients. */
    val hasIngredients: Boolean

    /** Display title of a row. */
    fun title(row: Int): String

    /** Ingredients of a row; null or blank where unknown. */
    fun ingredients(row: Int): String?

    /** The row of a title, whatever its letter case and spacing; -1 where unknown. */
    fun row(title: String): Int

    /** The id of a token; -1 where unknown. */
    fun token(token: String): Int
}

/** A bundle as ranking sees it. */
internal class BundleView(private val bundle: Bundle) : CatalogueView {
    override val document: BundleDocument get() = bundle.document

    override val hasIngredients: Boolean get() = bundle.hasIngredients

    override fun title(row: Int): String = bundle.title(row)

    override fun ingredients(row: Int): String? = bundle.ingredients(row)

    override fun row(title: String): Int = bundle.row(title)

    override fun token(token: String): Int = bundle.token(token)
}
