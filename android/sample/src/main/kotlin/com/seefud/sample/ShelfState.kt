package com.seefud.sample

/** Everything that the list and the search box show, as immutable data. */
sealed interface ShelfState {
    val taste: Taste

    /** The same with another taste. */
    fun with(taste: Taste): ShelfState

    /** The model is being opened. */
    data class Opening(override val taste: Taste) : ShelfState {
        override fun with(taste: Taste) = copy(taste = taste)
    }

    /** The [advice] may answer an earlier taste for the moment that ranking takes. */
    data class Ready(override val taste: Taste, val advice: Advice, val model: ModelCard) : ShelfState {
        override fun with(taste: Taste) = copy(taste = taste)
    }

    /** @property detail what the library said, for whoever is asked for help */
    data class Failed(override val taste: Taste, val trouble: Trouble, val detail: String) : ShelfState {
        override fun with(taste: Taste) = copy(taste = taste)
    }
}
