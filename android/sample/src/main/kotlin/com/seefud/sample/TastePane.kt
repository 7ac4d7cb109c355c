package com.seefud.sample

import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import com.seefud.recommender.Product

/**
 * What you like and what you leave out, as chips that go away when they are tapped.
 *
 * @param pane an inflated taste.xml
 */
class TastePane(
    pane: View,
    private val wording: Wording,
    private val onRemove: (Product) -> Unit,
    private val onAllow: (String) -> Unit,
    private val onAdd: () -> Unit,
) {
    private val liked: ViewGroup = pane.required(R.id.liked)
    private val likedEmpty: View = pane.required(R.id.liked_empty)
    private val unwanted: ViewGroup = pane.required(R.id.unwanted)
    private var shownLiked: List<Product>? = null
    private var shownUnwanted: List<String>? = null

    /** Chips that did not change stay, so that TalkBack keeps its place. */
    fun show(taste: Taste) {
        if (taste.liked != shownLiked) showLiked(taste.liked)
        if (taste.unwanted != shownUnwanted) showUnwanted(taste.unwanted)
        shownLiked = taste.liked
        shownUnwanted = taste.unwanted
    }

    private fun showLiked(products: List<Product>) {
        likedEmpty.visibility = if (products.isEmpty()) View.VISIBLE else View.GONE
        liked.removeAllViews()
        for (product in products) {
            val chip = chip(R.layout.chip_liked, liked) { onRemove(product) }
            chip.text = wording.title(product.title)
            chip.contentDescription = chip.resources.getString(R.string.liked_remove, wording.quoted(product.title))
        }
    }

    private fun showUnwanted(ingredients: List<String>) {
        unwanted.removeAllViews()
        for (ingredient in ingredients) {
            val chip = chip(R.layout.chip_unwanted, unwanted) { onAllow(ingredient) }
            chip.text = wording.title(ingredient)
            chip.contentDescription = chip.resources.getString(R.string.unwanted_remove, wording.quoted(ingredient))
        }
        chip(R.layout.chip_add, unwanted) { onAdd() }
    }

    private fun chip(layout: Int, parent: ViewGroup, onTap: () -> Unit): TextView {
        val chip = LayoutInflater.from(parent.context).inflate(layout, parent, false) as TextView
        chip.setOnClickListener { onTap() }
        parent.addView(chip)
        return chip
    }
}
