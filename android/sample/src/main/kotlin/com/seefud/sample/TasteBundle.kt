package com.seefud.sample

import android.os.Bundle

private const val UNWANTED = "unwanted"
private const val QUERY = "query"

/** Keeps what is not in the [Journal] while the system has put the app away. */
fun Bundle.putTaste(taste: Taste) {
    putStringArrayList(UNWANTED, ArrayList(taste.unwanted))
    putString(QUERY, taste.query)
}

/** The taste that [putTaste] kept, without what the journal has; an empty one if there is none. */
fun Bundle?.taste(): Taste {
    if (this == null) return Taste()
    return Taste(unwanted = getStringArrayList(UNWANTED).orEmpty(), query = getString(QUERY).orEmpty())
}
