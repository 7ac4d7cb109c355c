package com.seefud.recommender

/**
 * One thing that a person did, such as the interaction log keeps it. Immutable; made by one of
 * the functions below, which refuse what the event record forbids (docs/interaction-log.md).
 *
 * @property type what was done
 * @property time when, milliseconds since 1970 in UTC
 * @property title of the product; null for a search, or where only the id is known
 * @property productId whatever the app calls the product; null where unknown
 * @property text what was searched for; null unless it is a search
 * @property value 1 to 5 stars; null unless it is a rating
 * @property origin the recommendation that it came from; null if none
 */
@ConsistentCopyVisibility
public data class Interaction private constructor(
    public val type: InteractionType,
    public val time: Long,
    public val title: String?,
    public val productId: String?,
    public val text: String?,
    public val value: Int?,
    public val origin: Origin?,
) {
    public companion object {
        /** The longest title, id or text, in UTF-16 code units. */
        public const val MOST_CHARACTERS: Int = 10_000

        /** A search for a text. */
        @JvmStatic
        @JvmOverloads
        public fun search(text: String, origin: Origin? = null, time: Long = now()): Interaction =
            of(InteractionType.SEARCH, time, text = text, origin = origin)

        /** A look at a product. */
        @JvmStatic
        @JvmOverloads
        public fun view(product: Product, origin: Origin? = null, time: Long = now()): Interaction =
            of(InteractionType.VIEW, product, origin, time)

        /** A tap on a product in a list. */
        @JvmStatic
        @JvmOverloads
        public fun click(product: Product, origin: Origin? = null, time: Long = now()): Interaction =
            of(InteractionType.CLICK, product, origin, time)

        /** A product marked as a favourite. */
        @JvmStatic
        @JvmOverloads
        public fun favorite(product: Product, origin: Origin? = null, time: Long = now()): Interaction =
            of(InteractionType.FAVORITE, product, origin, time)

        /** A product bought. */
        @JvmStatic
        @JvmOverloads
        public fun purchase(product: Product, origin: Origin? = null, time: Long = now()): Interaction =
            of(InteractionType.PURCHASE, product, origin, time)

        /**
         * Stars for a product.
         *
         * @param value 1 to 5
         */
        @JvmStatic
        @JvmOverloads
        public fun rating(product: Product, value: Int, origin: Origin? = null, time: Long = now()): Interaction =
            of(InteractionType.RATING, time, product.title, product.id, value = value, origin = origin)

        /** "Not for me": takes back every liking of the product until now and pushes away from it. */
        @JvmStatic
        @JvmOverloads
        public fun dismiss(product: Product, origin: Origin? = null, time: Long = now()): Interaction =
            of(InteractionType.DISMISS, product, origin, time)

        /** A product shown. [ShownList.impressions] makes those of a whole list. */
        @JvmStatic
        @JvmOverloads
        public fun impression(product: Product, origin: Origin? = null, time: Long = now()): Interaction =
            of(InteractionType.IMPRESSION, product, origin, time)

        /**
         * An interaction from its parts; blank texts count as absent.
         *
         * @throws InvalidRequestException a search without text, a rating without 1 to 5 stars, anything else without
         *     a title or an id, a part that the type does not have, a text that is too long or no text, or a time that
         *     is not in the years 1970 to 9999
         */
        @JvmStatic
        @JvmOverloads
        public fun of(
            type: InteractionType,
            time: Long,
            title: String? = null,
            productId: String? = null,
            text: String? = null,
            value: Int? = null,
            origin: Origin? = null,
        ): Interaction {
            val found = Interaction(type, time, given(title), given(productId), given(text), value, origin)
            InteractionChecks.check(found)
            return found
        }

        private fun of(type: InteractionType, product: Product, origin: Origin?, time: Long): Interaction =
            of(type, time, product.title, product.id, origin = origin)

        private fun given(text: String?): String? = text?.takeIf { it.isNotBlank() }

        private fun now() = System.currentTimeMillis()
    }
}
