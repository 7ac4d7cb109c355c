package com.seefud.recommender

import com.seefud.recommender.core.eventProfile

/**
 * What is known of a person: products and searches, each with a weight. Immutable; made by [of], [from] or [Builder].
 *
 * @property items in the order in which they were added
 */
public class Profile private constructor(public val items: List<ProfileItem>) {
    /** Whether nothing is known; such a profile ranks by popularity. */
    public val isEmpty: Boolean get() = items.isEmpty()

    override fun equals(other: Any?): Boolean = other is Profile && items == other.items

    override fun hashCode(): Int = items.hashCode()

    override fun toString(): String = "Profile($items)"

    /** Adds items one by one. Not safe for several threads. */
    public class Builder {
        private val items = ArrayList<ProfileItem>()

        /**
         * A product by its title.
         *
         * @param weight what the interaction is worth; negative pushes away
         * @param time when it happened, milliseconds since 1970, or null where unknown
         * @throws InvalidRequestException the weight is not finite
         */
        @JvmOverloads
        public fun like(title: String, weight: Float = 1f, time: Long? = null): Builder =
            like(Product(title), weight, time)

        /** A product by its text, which is used where the model does not know the title. */
        @JvmOverloads
        public fun like(product: Product, weight: Float = 1f, time: Long? = null): Builder =
            add(ProfileItem.Liked(product, checked(weight, product.title), time))

        /** A text that was searched for. */
        @JvmOverloads
        public fun search(text: String, weight: Float = 1f, time: Long? = null): Builder =
            add(ProfileItem.Searched(text, checked(weight, text), time))

        /** The profile of everything added so far. */
        public fun build(): Profile = if (items.isEmpty()) EMPTY else Profile(ArrayList(items))

        private fun add(item: ProfileItem): Builder = apply { items.add(item) }

        private fun checked(weight: Float, of: String): Float {
            if (weight.isFinite()) return weight
            throw InvalidRequestException("weight of \"$of\"", "a finite number", weight.toString(), "leave it out")
        }
    }

    public companion object {
        private val EMPTY = Profile(emptyList())

        /** Nothing is known: ranks by popularity. */
        @JvmStatic
        public fun empty(): Profile = EMPTY

        /**
         * A profile of weight 1 for each title and each search.
         *
         * @param liked titles
         * @param searched texts
         */
        @JvmStatic
        @JvmOverloads
        public fun of(liked: Collection<String> = emptyList(), searched: Collection<String> = emptyList()): Profile {
            val builder = Builder()
            liked.forEach { builder.like(it) }
            searched.forEach { builder.search(it) }
            return builder.build()
        }

        /**
         * The profile that follows from what a person did: a pure function.
         *
         * Of each product (titles meet whatever their letter case and spacing; without a title, the id) the strongest
         * liking counts, faded by the age of the newest one: repeating does not add. A dismissal or 1 or 2 stars take
         * back every liking before it; if nothing positive follows, the product pushes away by [ProfileRules.dislike].
         * 3, 4 and 5 stars count 1/3, 2/3 and 1. Each distinct search counts once, as old as its newest. Impressions
         * count nothing. Events of one time are taken in the order given.
         *
         * The items are in the order in which their products were first met. They carry no times: their weights have
         * faded already. A product without a title takes its id as its title.
         *
         * @param interactions in any order
         */
        @JvmStatic
        @JvmOverloads
        public fun from(interactions: Iterable<Interaction>, rules: ProfileRules = ProfileRules()): Profile =
            eventProfile(interactions, rules)
    }
}

/** One thing known of a person. */
public sealed interface ProfileItem {
    /** What it is worth; negative pushes away. Finite. */
    public val weight: Float

    /** When it happened, milliseconds since 1970; null where unknown. Counts only if the model fades by age. */
    public val time: Long?

    /** A product that the person chose (or, with a negative weight, refused). */
    public data class Liked(val product: Product, override val weight: Float, override val time: Long?) : ProfileItem

    /** A text that the person searched for. */
    public data class Searched(val text: String, override val weight: Float, override val time: Long?) : ProfileItem
}
