package com.seefud.recommender

import java.io.File
import java.io.FileInputStream
import java.io.FileOutputStream
import java.io.IOException
import java.io.InputStream

/**
 * Files of a store. A file or folder appears under its final name whole, or not at all: it is written under another
 * name, synchronised to the disk, and renamed. A folder itself cannot be synchronised before API 26, so that a power cut
 * may undo a rename: then what was there before is there again, or a release that the state names is not there and is
 * given up for the one before.
 *
 *     DIR/state                           the StoreState
 *     DIR/releases/NUMBER/model.tflite    a release, and
 *     DIR/releases/NUMBER/model.sig       its signature
 *     DIR/incoming/                       a release on its way in; of no worth after a start
 *
 * @param step is told each change of the disk before it happens; throws in tests, as a process that ends there
 */
internal class ReleaseFolder(private val directory: File, private val step: (String) -> Unit = {}) {
    private val releases = File(directory, "releases")
    private val stateFile = File(directory, "state")
    private val incoming = File(directory, "incoming")

    val incomingModel: File = File(incoming, MODEL)
    private val incomingSignature = File(incoming, SIGNATURE)

    fun model(release: Long): File = File(File(releases, "$release"), MODEL)

    fun signature(release: Long): File = File(File(releases, "$release"), SIGNATURE)

    /** Numbers of what is there, largest first. */
    fun numbers(): List<Long> = releases.list().orEmpty().mapNotNull { it.toLongOrNull() }.sortedDescending()

    /** The state; null if there is no file or one that says nothing. */
    fun readState(): StoreState? =
        if (stateFile.isFile) StoreState.decode(head(stateFile, StoreState.MOST_BYTES + 1)) else null

    val hasState: Boolean get() = stateFile.exists()

    fun writeState(state: StoreState) {
        makeFolder(directory)
        val written = File(directory, "state.new")
        step("write the state")
        write(written) { it.write(state.encode()) }
        step("switch the state")
        rename(written, stateFile)
    }

    /** Copies a release to `incoming`, at most [limit] bytes of the model. */
    fun bringIn(model: File, signature: ByteArray, limit: Long) {
        step("make room")
        delete(incoming)
        makeFolder(incoming)
        step("copy the model")
        write(incomingModel) { out -> FileInputStream(model).use { copy(it, out, limit) } }
        step("copy the signature")
        write(incomingSignature) { it.write(signature) }
    }

    /** Gives what was brought in its number. */
    fun keep(release: Long) {
        makeFolder(releases)
        val target = File(releases, "$release")
        step("make way")
        delete(target) // of an installation that ended before the state named it
        step("keep the release")
        rename(incoming, target)
    }

    /** What cannot be deleted stays until the next installation. */
    fun dropIncoming() {
        incoming.deleteRecursively()
    }

    /**
     * Deletes releases but these; what cannot be deleted stays until the next time. A file that is mapped stays readable
     * for whoever has mapped it, as POSIX says.
     */
    fun keepOnly(numbers: Set<Long>) {
        for (file in releases.listFiles().orEmpty()) {
            if (file.name.toLongOrNull() in numbers) continue
            try {
                step("delete an old release")
                delete(file)
            } catch (_: IOException) {
                continue
            }
        }
    }

    /** The first bytes of a file. */
    fun head(file: File, most: Int): ByteArray = FileInputStream(file).use { input ->
        val content = ByteArray(most)
        var size = 0
        while (size < most) {
            val count = input.read(content, size, most - size)
            if (count < 0) break
            size += count
        }
        content.copyOf(size)
    }

    private fun copy(input: InputStream, out: FileOutputStream, limit: Long) {
        val piece = ByteArray(PIECE)
        var left = limit
        while (left > 0) {
            val count = input.read(piece, 0, minOf(piece.size.toLong(), left).toInt())
            if (count < 0) return
            out.write(piece, 0, count)
            left -= count
        }
    }

    private fun write(file: File, content: (FileOutputStream) -> Unit) = FileOutputStream(file).use {
        content(it)
        it.fd.sync()
    }

    private fun rename(from: File, to: File) {
        if (!from.renameTo(to)) throw IOException("$from could not be renamed to $to")
    }

    private fun makeFolder(folder: File) {
        if (folder.isDirectory || folder.mkdirs() || folder.isDirectory) return
        throw IOException("$folder could not be made")
    }

    private fun delete(file: File) {
        file.listFiles()?.forEach(::delete)
        if (!file.delete() && file.exists()) throw IOException("$file could not be deleted")
    }

    private companion object {
        const val MODEL = "model.tflite"
        const val SIGNATURE = "model.sig"
        const val PIECE = 1 shl 16
    }
}
