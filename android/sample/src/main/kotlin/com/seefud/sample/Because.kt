package com.seefud.sample

import com.seefud.recommender.Reason
import com.seefud.recommender.ReasonKind

/**
 * The one reason that fits under a dish.
 *
 * @property text the dish or the search; empty for popularity
 * @property part of everything that speaks for the dish, 0 to 1
 */
data class Because(val kind: ReasonKind, val text: String, val part: Float)

/**
 * The largest share. Shares that speak against a dish make the others sum to more than the score, so the part is of
 * what speaks for it, which never passes 100 %. Null if nothing does.
 */
fun because(reasons: List<Reason>): Because? {
    val best = reasons.maxByOrNull { it.share } ?: return null
    if (best.share <= 0f) return null
    val speaking = reasons.sumOf { maxOf(it.share, 0f).toDouble() }
    return Because(best.kind, best.text, (best.share / speaking).toFloat())
}
