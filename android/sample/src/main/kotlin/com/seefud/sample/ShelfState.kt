package com.seefud.sample

/** Everything that the screen shows, as immutable data. */
sealed interface ShelfState {
    val taste: Taste

    /** The model is being opened. */
    data class Opening(override val taste: Taste) : ShelfState

    /** The [advice] may answer an earlier taste for the moment that ranking takes. */
    data class Ready(override val taste: Taste, val advice: Advice, val model: ModelCard) : ShelfState

    /** @property detail what the library said, for whoever is asked for help */
    data class Failed(override val taste: Taste, val trouble: Trouble, val detail: String) : ShelfState
}
