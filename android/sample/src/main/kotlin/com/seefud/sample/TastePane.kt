package com.seefud.sample

import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import com.seefud.recommender.Product

/**
 * What you like, what you want less of and what you leave out, as chips that go away when they are tapped.
 *
 * @param pane an inflated taste.xml
 */
class TastePane(
    pane: View,
    private val wording: Wording,
    private val onTap: (Product) -> Unit,
    private val onAllow: (String) -> Unit,
    private val onAdd: () -> Unit,
) {
    private val liked: ViewGroup = pane.required(R.id.liked)
    private val likedEmpty: View = pane.required(R.id.liked_empty)
    private val refusedHeading: View = pane.required(R.id.refused_heading)
    private val refusedDetail: View = pane.required(R.id.refused_detail)
    private val refused: ViewGroup = pane.required(R.id.refused)
    private val unwanted: ViewGroup = pane.required(R.id.unwanted)
    private val note: TextView = pane.required(R.id.keeping)
    private var shownLiked: List<Product>? = null
    private var shownRefused: List<Product>? = null
    private var shownUnwanted: List<String>? = null

    /** Chips that did not change stay, so that TalkBack keeps its place. */
    fun show(taste: Taste) {
        if (taste.liked != shownLiked) showLiked(taste.liked)
        if (taste.refused != shownRefused) showRefused(taste.refused)
        if (taste.unwanted != shownUnwanted) showUnwanted(taste.unwanted)
        shownLiked = taste.liked
        shownRefused = taste.refused
        shownUnwanted = taste.unwanted
    }

    fun show(keeping: Keeping) {
        note.visibility = if (keeping.note == null) View.GONE else View.VISIBLE
        keeping.note?.let(note::setText)
    }

    private fun showLiked(products: List<Product>) {
        likedEmpty.visibility = if (products.isEmpty()) View.VISIBLE else View.GONE
        showProducts(products, liked, R.layout.chip_liked, R.string.liked_remove)
    }

    private fun showRefused(products: List<Product>) {
        val visibility = if (products.isEmpty()) View.GONE else View.VISIBLE
        listOf(refusedHeading, refusedDetail, refused).forEach { it.visibility = visibility }
        showProducts(products, refused, R.layout.chip_refused, R.string.refused_like)
    }

    private fun showProducts(products: List<Product>, group: ViewGroup, layout: Int, description: Int) {
        group.removeAllViews()
        for (product in products) {
            val chip = chip(layout, group) { onTap(product) }
            chip.text = wording.title(product.title)
            chip.contentDescription = chip.resources.getString(description, wording.quoted(product.title))
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
