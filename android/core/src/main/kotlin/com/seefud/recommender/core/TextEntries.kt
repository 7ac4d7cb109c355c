package com.seefud.recommender.core

import com.seefud.recommender.Product

/**
 * A product or search by its text, and what the model knows of it.
 *
 * @property title as it was given
 * @property ingredients those of the app's catalogue, where none were given
 * @property row -1 if the model does not know the title
 */
internal class TextEntry(
    val title: String,
    val ingredients: String,
    val canonicalTitle: String,
    val row: Int,
    found: Tokens.Found?,
    vector: FloatArray?,
) {
    /** The unit vector of the text, zeros if no word is known; empty for a product with a row, and not to be changed. */
    val vector: FloatArray = vector ?: FloatArray(0)

    /** How many known tokens the vector is made of. */
    val tokens: Int = found?.ids?.size ?: 0

    /** Whether the model knows the product or a word of its text. */
    val isKnown: Boolean = row >= 0 || (found?.known ?: 0) > 0 && this.vector.any { it != 0f }

    /** Whether the text holds more known words than the model takes. */
    val isShortened: Boolean = found?.isShortened == true
}

/**
 * Texts that were looked up and embedded before: an app ranks the same products again whenever the profile changes. The
 * [capacity] most recently used are kept.
 */
internal class TextEntries(
    private val view: CatalogueView,
    private val catalogue: KnownProducts,
    private val calls: ModelCalls,
    private val capacity: Int = 4096,
) {
    private data class Key(val title: String, val ingredients: String, val isSearch: Boolean)

    private val tokens = Tokens(view::token, view.document.bigrams, view.document.textLength)

    private val kept = object : LinkedHashMap<Key, TextEntry>(16, 0.75f, true) {
        override fun removeEldestEntry(eldest: MutableMap.MutableEntry<Key, TextEntry>): Boolean = size > capacity
    }

    fun of(product: Product): TextEntry = of(Key(product.title, product.ingredients, false))

    /** A search is a text even if a product has it as its title. */
    fun ofSearch(text: String): TextEntry = of(Key(text, "", true))

    private fun of(key: Key): TextEntry = kept[key] ?: make(key).also { kept[key] = it }

    private fun make(key: Key): TextEntry {
        val canonical = canonicalTitle(key.title)
        val row = if (key.isSearch) -1 else view.row(key.title)
        if (row >= 0) return TextEntry(key.title, key.ingredients, canonical, row, null, null)
        val ingredients = when {
            key.isSearch || key.ingredients.isNotBlank() -> key.ingredients
            else -> catalogue.unseen(canonical)?.ingredients ?: key.ingredients
        }
        val found = tokens.of(key.title, ingredients)
        return TextEntry(key.title, ingredients, canonical, row, found, calls.embedText(found.ids))
    }
}
