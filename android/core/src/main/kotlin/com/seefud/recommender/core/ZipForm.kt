package com.seefud.recommender.core

import com.seefud.recommender.ArchiveException
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * What the central directory of a zip says of an entry.
 *
 * @property encodedName the name's bytes
 * @property crc CRC-32 of the unpacked bytes
 * @property packedSize bytes in the file
 * @property size bytes when unpacked; only a claim
 * @property offset of the local header, from the start of the file; only a claim
 */
internal class ZipEntry(
    val encodedName: ByteArray,
    val crc: Int,
    val packedSize: Long,
    val size: Long,
    val offset: Long,
) {
    /** The name; wrong bytes become replacement characters, but such an entry is not of the one form. */
    val name: String = String(encodedName, Charsets.UTF_8)

    /** Order of code points, which is that of the unsigned bytes of UTF-8. Equal names are in no order. */
    fun comesBefore(other: ZipEntry): Boolean {
        for (at in 0 until minOf(encodedName.size, other.encodedName.size)) {
            val difference = (encodedName[at].toInt() and 0xff) - (other.encodedName[at].toInt() and 0xff)
            if (difference != 0) return difference < 0
        }
        return encodedName.size < other.encodedName.size
    }

    internal companion object {
        /**
         * All entries of a central directory. Nothing but its own sizes is checked.
         *
         * @throws ArchiveException it is not a directory
         */
        fun readDirectory(directory: FileBytes, where: String): List<ZipEntry> {
            val bytes = directory.buffer(ByteOrder.LITTLE_ENDIAN)
            val entries = ArrayList<ZipEntry>()
            var at = 0
            while (at < directory.length) {
                if (directory.length - at < ZipForm.DIRECTORY_BYTES) throw broken(where, "is cut")
                if (bytes.getInt(at) != ZipForm.DIRECTORY_MARK) throw broken(where, "has a bad mark")
                val nameLength = bytes.unsignedShort(at + 28)
                val next = at + ZipForm.DIRECTORY_BYTES + nameLength +
                    bytes.unsignedShort(at + 30) + bytes.unsignedShort(at + 32)
                if (next > directory.length) throw broken(where, "is cut")
                entries += ZipEntry(
                    directory.copy(at + ZipForm.DIRECTORY_BYTES, nameLength),
                    bytes.getInt(at + 16),
                    bytes.unsignedInt(at + 20),
                    bytes.unsignedInt(at + 24),
                    bytes.unsignedInt(at + 42),
                )
                at = next
            }
            return entries
        }

        private fun broken(where: String, how: String) =
            ArchiveException(where, "an intact archive", "a central directory that $how", REBUILD)

        private fun ByteBuffer.unsignedShort(at: Int): Int = getShort(at).toInt() and 0xffff

        private fun ByteBuffer.unsignedInt(at: Int): Long = getInt(at).toLong() and 0xffffffffL
    }
}

/**
 * The headers of a zip as the converter writes them (PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16). A file is of
 * the one form if its headers have exactly these bytes.
 */
internal object ZipForm {
    const val LOCAL_MARK: Int = 0x04034b50
    const val DIRECTORY_MARK: Int = 0x02014b50
    const val END_MARK: Int = 0x06054b50

    /** Bytes of a directory header without its name. */
    const val DIRECTORY_BYTES: Int = 46

    /** Bytes of an end record without a comment. */
    const val END_BYTES: Int = 22

    private const val VERSION = 20
    private const val UNIX = 3
    private const val READABLE_FILE = 0x1a4 shl 16 // mode 0644
    private const val NEW_YEAR_1980 = 0x21
    private const val UTF8_NAME = 0x800

    fun localHeader(entry: ZipEntry): ByteArray = Fields().apply {
        int(LOCAL_MARK)
        common(entry)
        short(0) // no extra field
        bytes(entry.encodedName)
    }.toByteArray()

    fun directoryHeader(entry: ZipEntry, offset: Int): ByteArray = Fields().apply {
        int(DIRECTORY_MARK)
        short(UNIX shl 8 or VERSION)
        common(entry)
        repeat(4) { short(0) } // no extra field, no comment, first disk, binary
        int(READABLE_FILE)
        int(offset)
        bytes(entry.encodedName)
    }.toByteArray()

    fun endRecord(entries: Int, directoryBytes: Int, directoryStart: Int): ByteArray = Fields().apply {
        int(END_MARK)
        repeat(2) { short(0) } // one disk
        repeat(2) { short(entries) }
        int(directoryBytes)
        int(directoryStart)
        short(0) // no comment
    }.toByteArray()

    private fun Fields.common(entry: ZipEntry) {
        short(VERSION)
        short(if (entry.encodedName.all { it >= 0 }) 0 else UTF8_NAME)
        short(0) // stored
        short(0) // midnight
        short(NEW_YEAR_1980)
        int(entry.crc)
        // A stored entry is as long as its unpacked bytes.
        int(entry.size.toInt())
        int(entry.size.toInt())
        short(entry.encodedName.size)
    }

    /** Little-endian fields, one after the other. */
    private class Fields {
        private val out = ByteArrayOutputStream()

        fun short(value: Int) {
            out.write(value)
            out.write(value shr 8)
        }

        fun int(value: Int) {
            short(value)
            short(value shr 16)
        }

        fun bytes(value: ByteArray) {
            out.write(value, 0, value.size)
        }

        fun toByteArray(): ByteArray = out.toByteArray()
    }
}
