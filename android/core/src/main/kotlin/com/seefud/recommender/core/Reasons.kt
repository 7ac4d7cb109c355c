package com.seefud.recommender.core

import com.seefud.recommender.Reason
import com.seefud.recommender.ReasonKind

/**
 * Where a score comes from: of each source `w_j (e_j . e_i) / |h|`, and the rest, which is the prior and the last digits
 * of the model's arithmetic. Largest first.
 *
 * Their sum, taken in double precision, is the score up to half a unit in the last place of the rest, which is as near
 * as floats come.
 *
 * @param vectors holds the product's vector from [start] on
 */
internal fun reasons(profile: ProfileVector, offer: Offer, vectors: FloatArray, start: Int): List<Reason> {
    val dimension = profile.sum.size
    var rest = offer.score.toDouble()
    val found = ArrayList<Reason>(profile.sources.size + 1)
    for ((place, source) in profile.sources.withIndex()) {
        val inner = dot(profile.weighted, place * dimension, vectors, start, dimension)
        val share = (inner * profile.scale).toFloat()
        rest -= share
        found.add(Reason(source.kind, source.text, share))
    }
    val kind = if (offer.hasRow) ReasonKind.POPULARITY else ReasonKind.NEW_PRODUCT
    found.add(Reason(kind, "", rest.toFloat()))
    found.sortByDescending { it.share }
    return found
}
