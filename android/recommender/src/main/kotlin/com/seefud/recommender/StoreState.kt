package com.seefud.recommender

/**
 * What a store remembers between starts: one small file, replaced whole.
 *
 * @property current number of the release that ranks; 0 for the asset
 * @property previous the one to go back to; 0 for the asset
 * @property highest the largest number that was ever installed: no smaller one is taken any more
 * @property attempts how often [current] was begun to be opened without an end; 0 once it has been opened
 * @property problem why the release before was given up; empty if none was
 */
internal data class StoreState(
    val current: Long = 0,
    val previous: Long = 0,
    val highest: Long = 0,
    val attempts: Int = 0,
    val problem: String = "",
) {
    fun encode(): ByteArray {
        val line = problem.map { if (it < ' ') ' ' else it }.joinToString("").take(MOST_PROBLEM)
        return "$HEAD\n$current\n$previous\n$highest\n$attempts\n$line\n".toByteArray()
    }

    companion object {
        private const val HEAD = "seefud-store-1"
        private const val MOST_PROBLEM = 1000
        private const val LINES = 7

        /** Bytes of the largest file. */
        const val MOST_BYTES: Int = 8192

        /** The state, or null if the bytes are none. */
        fun decode(content: ByteArray): StoreState? {
            val lines = String(content, Charsets.UTF_8).split("\n")
            if (content.size > MOST_BYTES || lines.size != LINES) return null
            if (lines[0] != HEAD || lines[LINES - 1] != "") return null
            val numbers = (1..3).map { lines[it].toLongOrNull()?.takeIf { number -> number >= 0 } ?: return null }
            val attempts = lines[4].toIntOrNull()?.takeIf { it >= 0 } ?: return null
            val (current, previous, highest) = numbers
            val fits = current <= highest && previous <= highest && (current == 0L || current != previous)
            return if (fits) StoreState(current, previous, highest, attempts, lines[5]) else null
        }
    }
}
