package com.seefud.recommender

/** What a person did. In an exported event it is written in lower case. */
public enum class InteractionType {
    /** Searched for a text. */
    SEARCH,

    /** Looked at a product, such as on its own page. */
    VIEW,

    /** Tapped a product in a list. */
    CLICK,

    /** Marked a product as a favourite. */
    FAVORITE,

    /** Bought or ordered a product. */
    PURCHASE,

    /** Gave a product 1 to 5 stars. */
    RATING,

    /** Said "not for me". */
    DISMISS,

    /** Was shown a product. Says nothing of what the person likes; it is what clicks are counted against. */
    IMPRESSION,
    ;

    /** As an exported event names it. */
    public val wireName: String = name.lowercase()

    public companion object {
        private val byWireName = entries.associateBy { it.wireName }

        /** The type that an exported event names so, or null. */
        @JvmStatic
        public fun of(wireName: String): InteractionType? = byWireName[wireName]
    }
}
