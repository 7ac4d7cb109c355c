package com.seefud.recommender.core

import com.seefud.recommender.Product

/**
 * The app's own products beside the model's: they bring ingredients and ids. Where two have one title, the first counts.
 *
 * @param products of the app, known to the model or not
 */
internal class KnownProducts(private val view: CatalogueView, products: Collection<Product>) {
    private val byRow = if (products.isEmpty()) null else arrayOfNulls<Product>(view.document.products)
    private val byTitle = HashMap<String, Product>()

    /** Whether ingredients of any product are known. */
    val haveIngredients: Boolean = view.hasIngredients || products.any { it.ingredients.isNotBlank() }

    init {
        for (product in products) {
            val row = view.row(product.title)
            if (row < 0) {
                val canonical = canonicalTitle(product.title)
                if (canonical !in byTitle) byTitle[canonical] = product
            } else if (byRow != null && byRow[row] == null) {
                byRow[row] = product
            }
        }
    }

    /** The app's product of a row. */
    fun ofRow(row: Int): Product? = byRow?.get(row)

    /** The app's product of a title that the model does not know, by its canonical form. */
    fun unseen(canonicalTitle: String): Product? = byTitle[canonicalTitle]

    /** Ingredients of a row, null where unknown: those of the question, of the app's catalogue, of the file. */
    fun ingredients(row: Int, asked: Product?): String? =
        listOf(asked?.ingredients, ofRow(row)?.ingredients).firstOrNull { !it.isNullOrBlank() } ?: view.ingredients(row)

    /** What a recommendation says of a row: the product of the question, of the app's catalogue, of the file. */
    fun product(row: Int, asked: Product?): Product =
        asked ?: ofRow(row) ?: Product(view.title(row), view.ingredients(row).orEmpty())
}
