package com.seefud.recommender.core

import com.seefud.recommender.ArchiveException
import com.seefud.recommender.MissingFileException
import com.seefud.recommender.OversizedException
import com.seefud.recommender.TruncatedException
import java.io.ByteArrayOutputStream
import java.nio.ByteOrder

/**
 * The zip that closes a bundle, in the one form in which the converter writes it: entries stored, sorted by name, dated
 * 1980-01-01, offsets counted from the start of the file, nothing after the end record.
 *
 * @property modelLength bytes before the first local header: the flatbuffer
 * @property files the entries' bytes by name, in order of the names
 */
internal class Archive private constructor(val modelLength: Int, val files: Map<String, FileBytes>) {
    internal companion object {
        /** An honest bundle has four. */
        const val MOST_ENTRIES: Int = 16

        /** Bytes of all entries; a million titles of 100 bytes are 100 MB. */
        const val MOST_BYTES: Long = 256L * 1024 * 1024

        /** Unpacked bytes per packed one. Bundles are not compressed, so an honest ratio is 1. */
        const val MOST_RATIO: Long = 20

        private const val MOST_DIRECTORY = MOST_ENTRIES * 1024L
        private const val BOMB = "do not use this file: it may be a zip bomb"

        /**
         * Splits the bytes of a whole bundle.
         *
         * @param where named in errors
         * @throws MissingFileException there is no archive
         * @throws TruncatedException the archive's end is missing
         * @throws OversizedException it declares more entries or bytes than any honest bundle
         * @throws ArchiveException it is damaged or not in the one form
         */
        fun read(content: FileBytes, where: String): Archive {
            val bytes = content.buffer(ByteOrder.LITTLE_ENDIAN)
            val endRecord = content.length - ZipForm.END_BYTES
            if (endRecord < 0 || bytes.getInt(endRecord) != ZipForm.END_MARK) refuseMissingEnd(content, where)
            val count = bytes.getShort(endRecord + 10).toInt() and 0xffff
            val size = bytes.getInt(endRecord + 12).toLong() and 0xffffffffL
            val start = bytes.getInt(endRecord + 16).toLong() and 0xffffffffL
            if (count > MOST_ENTRIES || size > MOST_DIRECTORY) {
                val found = "$count in a directory of $size bytes"
                throw OversizedException(where, "at most $MOST_ENTRIES files", found, BOMB)
            }
            val told = size + start + ZipForm.END_BYTES
            if (told != content.length.toLong()) {
                val found = "${content.length} bytes where the archive says $told"
                throw TruncatedException(where, "a file as long as its archive says", found, REBUILD)
            }
            val entries = ZipEntry.readDirectory(content.part(start.toInt(), size.toInt()), where)
            refuseOversized(entries, where)
            return split(content, entries, start.toInt(), where)
        }

        private fun refuseMissingEnd(content: FileBytes, where: String): Nothing {
            if (content.holdsZipMark()) {
                val found = "an archive that is cut or followed by other bytes"
                throw TruncatedException(where, "an archive whose end record closes the file", found, REBUILD)
            }
            throw MissingFileException(
                where,
                "a zip with products.txt, tokens.txt and bundle.json after the model",
                "no zip",
                "give the file that seefud build wrote, not a bare TFLite model",
            )
        }

        private fun refuseOversized(entries: List<ZipEntry>, where: String) {
            if (entries.size > MOST_ENTRIES) {
                throw OversizedException(where, "at most $MOST_ENTRIES files", "${entries.size}", BOMB)
            }
            val total = entries.sumOf { it.size }
            if (total > MOST_BYTES) {
                throw OversizedException(where, "at most $MOST_BYTES unpacked bytes", "$total", BOMB)
            }
            for (entry in entries) {
                if (entry.size <= MOST_RATIO * maxOf(entry.packedSize, 1)) continue
                val found = "${entry.size} bytes from ${entry.packedSize}"
                throw OversizedException("$where: ${entry.name}", "at most $MOST_RATIO x its packed bytes", found, BOMB)
            }
        }

        /** Writes the headers that the one form asks for and holds the file against them, byte by byte. */
        private fun split(content: FileBytes, entries: List<ZipEntry>, directory: Int, where: String): Archive {
            val first = entries.minOfOrNull { it.offset } ?: directory.toLong()
            val files = LinkedHashMap<String, FileBytes>()
            val expectedDirectory = ByteArrayOutputStream()
            var place = first
            for (entry in entries) {
                val header = ZipForm.localHeader(entry)
                val start = place + header.size
                if (start + entry.size > directory) throw anotherForm(where)
                if (!content.part(place.toInt(), header.size).isEqualTo(header)) throw anotherForm(where)
                expectedDirectory.write(ZipForm.directoryHeader(entry, place.toInt()))
                files[entry.name] = content.part(start.toInt(), entry.size.toInt())
                place = start + entry.size
            }
            expectedDirectory.write(ZipForm.endRecord(files.size, expectedDirectory.size(), directory))
            val end = content.part(directory, content.length - directory)
            val named = entries.all { it.name.toByteArray().contentEquals(it.encodedName) }
            val sorted = entries.zipWithNext().all { (one, next) -> one.comesBefore(next) }
            val whole = place == directory.toLong() && end.isEqualTo(expectedDirectory.toByteArray())
            if (!named || !sorted || !whole) throw anotherForm(where)
            for (entry in entries) {
                if (files.getValue(entry.name).crc32() == entry.crc) continue
                throw ArchiveException(where, "an intact archive", "Bad CRC-32 for file '${entry.name}'", REBUILD)
            }
            return Archive(first.toInt(), files)
        }

        private fun anotherForm(where: String) = ArchiveException(
            where,
            "entries stored, sorted, dated 1980-01-01 and nothing else",
            "another form or a changed byte",
            REBUILD,
        )
    }
}

/** Whether an end record or a local header begins anywhere. */
private fun FileBytes.holdsZipMark(): Boolean {
    var last = 0
    forEachPiece { piece, count ->
        for (at in 0 until count) {
            // The last four bytes, so that a mark on the border of two pieces is found too.
            last = (last ushr 8) or (piece[at].toInt() shl 24)
            if (last == ZipForm.END_MARK || last == ZipForm.LOCAL_MARK) return true
        }
    }
    return false
}
