package com.seefud.recommender

import java.nio.ByteBuffer

/**
 * What SQLite's documentation says of a write-ahead log, read apart from SQLite (https://sqlite.org/fileformat2.html#walformat).
 *
 * @property generation changes when the log is begun anew after a checkpoint
 * @property end byte after the last commit of this generation; 0 if there is none
 */
internal class WriteAheadLog(bytes: ByteArray) {
    val generation: Long
    val end: Int

    init {
        val buffer = ByteBuffer.wrap(bytes)
        generation = if (bytes.size < HEADER) 0 else buffer.getLong(SALTS)
        val frame = if (bytes.size < HEADER) 1 else FRAME_HEADER + buffer.getInt(PAGE_SIZE)
        var last = 0
        for (at in HEADER..bytes.size - frame step frame) {
            if (buffer.getLong(at + FRAME_SALTS) != generation) break
            if (buffer.getInt(at + COMMIT) != 0) last = at + frame
        }
        end = last
    }

    private companion object {
        const val HEADER = 32
        const val PAGE_SIZE = 8
        const val SALTS = 16
        const val FRAME_HEADER = 24
        const val COMMIT = 4
        const val FRAME_SALTS = 8
    }
}
