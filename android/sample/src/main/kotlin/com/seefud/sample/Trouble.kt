package com.seefud.sample

import com.seefud.recommender.BundleException
import com.seefud.recommender.CompressedAssetException
import com.seefud.recommender.InvalidRequestException
import com.seefud.recommender.MissingFileException
import com.seefud.recommender.NewerSchemaException
import com.seefud.recommender.RecommenderException

/** What went wrong, as far as it changes what a person can do about it. */
enum class Trouble(val title: Int, val text: Int) {
    MISSING(R.string.trouble_missing_title, R.string.trouble_missing),
    DAMAGED(R.string.trouble_damaged_title, R.string.trouble_damaged),
    NEWER(R.string.trouble_newer_title, R.string.trouble_newer),
    PACKED(R.string.trouble_packed_title, R.string.trouble_packed),
    REQUEST(R.string.trouble_request_title, R.string.trouble_request),
    RUNTIME(R.string.trouble_runtime_title, R.string.trouble_runtime),
    ;

    companion object {
        fun of(mistake: RecommenderException): Trouble =
            when (mistake) {
                is MissingFileException -> MISSING
                is CompressedAssetException -> PACKED
                is NewerSchemaException -> NEWER
                is BundleException -> DAMAGED
                is InvalidRequestException -> REQUEST
                else -> RUNTIME
            }
    }
}
