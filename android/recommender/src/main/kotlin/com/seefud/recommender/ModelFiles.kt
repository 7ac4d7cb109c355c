package com.seefud.recommender

import java.io.File
import java.io.FileInputStream
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel

/** The largest file that one buffer can map. */
private const val MOST_BYTES = Int.MAX_VALUE.toLong()

/** A model as a file of the app: maps it into memory, so that only what is read takes room. */
internal object ModelFiles {
    /**
     * The whole file.
     *
     * @throws MissingFileException it is not there or cannot be read
     * @throws OversizedException it is larger than 2 GiB
     */
    fun map(file: File): ByteBuffer {
        if (!file.isFile) {
            val found = if (file.exists()) "a folder" else "nothing"
            throw MissingFileException(file.path, "a .tflite file", found, "check the path")
        }
        try {
            return FileInputStream(file).use { map(it.channel, 0, it.channel.size(), file.name) }
        } catch (problem: IOException) {
            throw MissingFileException(
                file.path,
                "a readable file",
                problem.message ?: problem.toString(),
                "check its permissions",
                problem,
            )
        }
    }

    /**
     * A part of an open file; the map outlives the channel.
     *
     * @param start byte of the channel where the model starts
     * @param size bytes of the model
     * @param name of the model, for messages
     */
    fun map(channel: FileChannel, start: Long, size: Long, name: String): ByteBuffer {
        if (size > MOST_BYTES) {
            throw OversizedException(name, "at most $MOST_BYTES bytes", "$size", "give a .tflite file")
        }
        // Some systems refuse to map nothing; an empty buffer meets the same checks.
        if (size == 0L) return ByteBuffer.allocateDirect(0)
        return channel.map(FileChannel.MapMode.READ_ONLY, start, size)
    }
}
