package com.seefud.recommender

import com.seefud.recommender.core.BothFilter
import com.seefud.recommender.core.EitherFilter
import com.seefud.recommender.core.ExcludedTitles
import com.seefud.recommender.core.NegatedFilter
import com.seefud.recommender.core.OnlyTitles
import com.seefud.recommender.core.Unfiltered
import com.seefud.recommender.core.UnwantedIngredients

/**
 * Decides what may enter a list. It is asked only about products whose score is good enough, a few dozen of a hundred
 * thousand, so it may look at texts or at the app's own data. It is asked on the recommender's thread and must not call
 * the recommender.
 *
 *     Filter.exclude(seen) and Filter.withoutIngredients("udang")
 */
public fun interface Filter {
    /** Whether the product may enter the list. */
    public fun accepts(candidate: Candidate): Boolean

    /** Accepts what both accept. */
    public infix fun and(other: Filter): Filter = BothFilter(this, other)

    /** Accepts what either accepts. */
    public infix fun or(other: Filter): Filter = EitherFilter(this, other)

    /** Accepts what this one does not. */
    public operator fun not(): Filter = NegatedFilter(this)

    public companion object {
        /** Accepts everything. */
        @JvmStatic
        @get:JvmName("none")
        public val none: Filter get() = Unfiltered

        /** Leaves titles out, whatever their letter case and spacing. Titles that nobody knows do no harm. */
        @JvmStatic
        public fun exclude(titles: Collection<String>): Filter = ExcludedTitles(titles)

        /** Leaves titles out. */
        @JvmStatic
        public fun exclude(vararg titles: String): Filter = ExcludedTitles(titles.asList())

        /**
         * Ranks these titles alone. Titles that neither the model nor the app's own products know are not in the list.
         * Costs one look-up per title, not one per product.
         */
        @JvmStatic
        public fun only(titles: Collection<String>): Filter = OnlyTitles(titles)

        /** Ranks these titles alone. */
        @JvmStatic
        public fun only(vararg titles: String): Filter = OnlyTitles(titles.asList())

        /**
         * Leaves out products with one of these words in the ingredients or in the title, compared as words:
         * `"udang"` meets "Udang, garam" but not "udangan"; `"bawang putih"` meets these two words side by side. A
         * product whose ingredients are unknown is left out too. This is a help for choosing, not medical advice: a
         * list of ingredients may be incomplete, or use another word.
         *
         * @throws InvalidRequestException a word holds neither letter nor digit. Also thrown by the ranking, if no
         *     ingredients are known at all
         */
        @JvmStatic
        public fun withoutIngredients(vararg words: String): Filter = UnwantedIngredients(words.asList(), false)

        /**
         * As above.
         *
         * @param keepUnknown whether products whose ingredients are unknown stay, unless their title holds a word
         */
        @JvmStatic
        public fun withoutIngredients(words: Collection<String>, keepUnknown: Boolean): Filter =
            UnwantedIngredients(words, keepUnknown)
    }
}
