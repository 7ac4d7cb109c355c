package com.seefud.recommender

/**
 * How large a log is.
 *
 * @property events how many are kept
 * @property bytes that it takes on the disk, its write-ahead log included
 * @property lastSequence of the newest event that ever was; 0 if none was
 */
public data class LogSize(public val events: Long, public val bytes: Long, public val lastSequence: Long)
