package com.seefud.recommender.core

/**
 * Turns texts into token ids.
 *
 * @param token id of a token, -1 where unknown
 * @param bigrams whether neighbouring words of a title are tokens too
 * @param limit T, the most ids that the model takes
 */
internal class Tokens(
    private val token: (String) -> Int,
    private val bigrams: Boolean,
    private val limit: Int,
) {
    /**
     * Known tokens of a text.
     *
     * @property ids distinct and ascending; the most common tokens have the lowest ids
     * @property known how many there were before all but the first T were dropped
     */
    internal class Found(val ids: IntArray, val known: Int) {
        /** Whether the text holds more known tokens than the model takes. */
        val isShortened: Boolean get() = known > ids.size
    }

    /**
     * @param title a title or a search; with [bigrams] its pairs of neighbours are looked up as well, taken before
     *     repeated words are removed
     * @param ingredients further words, never paired
     */
    fun of(title: String, ingredients: String = ""): Found {
        val words = wordSequence(title)
        val more = if (ingredients.isEmpty()) emptyList() else wordSequence(ingredients)
        val found = IntArray(more.size + 2 * words.size)
        var count = 0
        for (at in words.indices) {
            count = found.put(count, token(words[at]))
            if (bigrams && at > 0) count = found.put(count, token("${words[at - 1]} ${words[at]}"))
        }
        for (word in more) count = found.put(count, token(word))
        found.sort(0, count)
        val distinct = found.distinctPrefix(count)
        return Found(found.copyOf(minOf(distinct, limit)), distinct)
    }

    private fun IntArray.put(count: Int, id: Int): Int {
        if (id < 0) return count
        this[count] = id
        return count + 1
    }

    /** Moves the distinct ones of the first [count], which are sorted, to the front; tells how many there are. */
    private fun IntArray.distinctPrefix(count: Int): Int {
        var kept = 0
        for (at in 0 until count) {
            if (kept == 0 || this[kept - 1] != this[at]) this[kept++] = this[at]
        }
        return kept
    }
}
