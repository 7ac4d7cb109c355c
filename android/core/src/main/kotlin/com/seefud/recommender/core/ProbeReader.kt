package com.seefud.recommender.core

import com.seefud.recommender.DocumentException

/** Reads the optional `probes` of a `bundle.json`, as strictly as the converter's reader does. */
internal object ProbeReader {
    const val MOST_PROBES: Int = 16

    /** Of one answer. */
    const val MOST_ITEMS: Int = 20

    private const val AGAIN = "build the bundle again"

    /**
     * @param document parsed, its sizes checked
     * @param where named in errors
     * @throws DocumentException a probe does not fit the model
     */
    fun read(document: Map<String, Any?>, sizes: Sizes, where: String): List<Probe> {
        if ("probes" !in document) return emptyList()
        val value = document["probes"]
        if (value !is List<*> || value.size > MOST_PROBES) {
            val found = if (value is List<*>) "${value.size}" else DocumentFields.shown(value)
            throw DocumentException("$where: probes", "a list of at most $MOST_PROBES", found, AGAIN)
        }
        return value.mapIndexed { number, probe ->
            (probe as? Map<*, *>)?.let { probe(it, sizes) } ?: throw DocumentException(
                "$where: probes[$number]",
                "history, weights, tokens, items and scores that fit the model",
                DocumentFields.shown(probe),
                AGAIN,
            )
        }
    }

    private fun probe(value: Map<*, *>, sizes: Sizes): Probe? {
        val history = whole(value["history"], sizes.products) ?: return null
        val weights = numbers(value["weights"]) ?: return null
        val tokens = whole(value["tokens"], sizes.tokens) ?: return null
        val items = whole(value["items"], sizes.products) ?: return null
        val scores = numbers(value["scores"]) ?: return null
        val hasLengths = history.size == weights.size && history.size <= sizes.historyLength &&
            tokens.size <= sizes.textLength && items.size in 1..MOST_ITEMS && items.size == scores.size
        val isDistinct = items.toSet().size == items.size && items.none { it in history }
        return if (hasLengths && isDistinct) Probe(history, weights, tokens, items, scores) else null
    }

    private fun whole(value: Any?, below: Int): IntArray? {
        val list = value as? List<*> ?: return null
        return IntArray(list.size) { at ->
            (list[at] as? Long)?.takeIf { it in 0 until below }?.toInt() ?: return null
        }
    }

    private fun numbers(value: Any?): FloatArray? {
        val list = value as? List<*> ?: return null
        return FloatArray(list.size) { at ->
            val number = (list[at] as? Number)?.toFloat() ?: return null
            if (number.isInfinite() || number.isNaN()) return null
            number
        }
    }

    /** What rows and ids are checked against. */
    class Sizes(val products: Int, val tokens: Int, val historyLength: Int, val textLength: Int)
}
