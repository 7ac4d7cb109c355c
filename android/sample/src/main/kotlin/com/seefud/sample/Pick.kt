package com.seefud.sample

import com.seefud.recommender.Product

/** A dish where a person touched it: the section says which list it came from. */
data class Pick(val product: Product, val section: Section)
