package com.seefud.recommender

import com.seefud.recommender.core.Bundle

/** The products of a model by row; each is read from the file when it is asked for. Safe for threads. */
internal class ModelProducts(private val bundle: Bundle) : AbstractList<Product>(), RandomAccess {
    override val size: Int get() = bundle.document.products

    override fun get(index: Int): Product = Product(bundle.title(index), bundle.ingredients(index).orEmpty())
}
