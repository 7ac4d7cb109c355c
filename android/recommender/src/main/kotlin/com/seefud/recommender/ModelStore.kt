package com.seefud.recommender

import android.content.Context
import com.seefud.recommender.core.ProbeReplay
import com.seefud.recommender.core.ReleaseSignature
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.File
import java.io.IOException
import java.nio.ByteBuffer

/**
 * The models of an app: the one in its assets, and newer ones that were downloaded and signed with `seefud sign`. How a
 * file gets to the phone is the app's affair; nothing of it is used before it has been checked, and if it fails the app
 * has the model from before.
 *
 *     val store = ModelStore(context, TrustedKeys.ofPem(keys))
 *     store.open().use { it.recommend(profile) }
 *     store.install(downloaded, downloadedSignature)    // the next open() gives the new one
 *
 * Each [open] gives a recommender of its caller's own, which goes on ranking with its model, whatever is installed
 * meanwhile, until the caller closes it. Safe for threads, and for several stores of one folder in one process; let only
 * one process of the app use it. Work is done on `Dispatchers.IO`; the twins for Java that end in `Blocking` throw
 * [MainThreadException] on the main thread.
 *
 * @property directory where releases are kept
 */
public class ModelStore internal constructor(
    public val directory: File,
    private val keys: TrustedKeys,
    private val assetName: String,
    private val assetRelease: Long,
    private val asset: () -> ByteBuffer,
    step: (String) -> Unit,
) {
    /**
     * @param keys whose releases are taken
     * @param assetName the model in the app's assets, uncompressed: it ranks while nothing else is installed, and when
     *     nothing else can be opened
     * @param assetRelease its number, if it was released; installed releases that are not above it are left alone, so
     *     that an update of the app with a newer model is not outdone by an older download
     * @param directory by default a folder of the app that is not backed up
     * @throws InvalidRequestException assetRelease is negative
     */
    @JvmOverloads
    public constructor(
        context: Context,
        keys: TrustedKeys,
        assetName: String = "seefud.tflite",
        assetRelease: Long = 0,
        directory: File = File(context.noBackupFilesDir, "seefud-models"),
    ) : this(
        directory,
        keys,
        assetName,
        assetRelease,
        context.assets.let { assets -> { AndroidAssets.map(assets, assetName) } },
        {},
    )

    private val files = ReleaseFolder(directory, step)
    private val lock = StoreLock.of(directory)

    init {
        if (assetRelease < 0) {
            throw InvalidRequestException("assetRelease", "at least 0", "$assetRelease", "leave it out")
        }
    }

    /**
     * Takes a release. Checked are signature, number, size, digest, every part of the file, model id and the runtime it
     * needs; then it is opened and must give the answers that it carries. Only then does it take the place of the current
     * one, which is kept as the one to go back to. Both files are copied; the caller's may be deleted afterwards.
     *
     * @return the number of the release
     * @throws ReleaseException it is no release that this app may take, or there is no room for it
     * @throws BundleException the file cannot be trusted; each case has its own class
     * @throws RuntimeFailureException the TFLite runtime refused the model
     */
    public suspend fun install(model: File, signature: File): Long =
        withContext(Dispatchers.IO) { lock.held { take(model, signature) } }

    /**
     * Opens the current release. One that cannot be opened is given up for the one before: at once if its files are not
     * what was signed, else when it has failed twice, an end of the process meanwhile included. When no release is left
     * the asset is opened, and also when the folder cannot be written: then attempts cannot be counted, so that only a
     * release whose last attempt went well is opened. [status] does not change then; `info.modelId` says what ranks.
     *
     * @return ready to rank; the caller closes it
     * @throws BundleException not even the asset can be trusted
     * @throws RuntimeFailureException the app has no TFLite runtime, or it refused the asset too
     */
    public suspend fun open(options: Recommender.Options = Recommender.Options()): Recommender {
        var opened: Recommender? = null
        try {
            return withContext(Dispatchers.IO) { lock.held { best(options) }.also { opened = it } }
        } catch (problem: CancellationException) {
            opened?.close() // the caller will never see it
            throw problem
        }
    }

    /** What is installed. */
    public suspend fun status(): StoreStatus = withContext(Dispatchers.IO) { lock.held { look() } }

    /** [install], waiting until it is done. */
    @Throws(InterruptedException::class)
    public fun installBlocking(model: File, signature: File): Long {
        MainThread.refuse("installBlocking")
        return lock.held { take(model, signature) }
    }

    /** [open], waiting until it is done. */
    @JvmOverloads
    @Throws(InterruptedException::class)
    public fun openBlocking(options: Recommender.Options = Recommender.Options()): Recommender {
        MainThread.refuse("openBlocking")
        return lock.held { best(options) }
    }

    /** [status], waiting for it. */
    public fun statusBlocking(): StoreStatus {
        MainThread.refuse("statusBlocking")
        return lock.held { look() }
    }

    private fun take(model: File, signatureFile: File): Long = reporting {
        val state = state()
        val content = read(signatureFile)
        val signature = ReleaseSignature.parse(content, signatureFile.name)
        signature.check(keys)
        signature.checkRelease(maxOf(state.highest, assetRelease))
        if (!model.isFile) throw MissingFileException(model.path, "a .tflite file", "nothing", "check the path")
        signature.checkSize(model.length(), model.name)
        try {
            // From here on the copy alone counts: the caller's file may change.
            files.bringIn(model, content, signature.size.toLong() + 1)
            checked(files.incomingModel, model.name, signature, Recommender.Options()).close()
            files.keep(signature.release)
        } catch (problem: Exception) {
            files.dropIncoming()
            throw problem
        }
        // A release that has failed twice is nothing to go back to.
        val good = if (state.attempts >= MOST_ATTEMPTS) state.previous else state.current
        val previous = if (good > assetRelease) good else 0
        files.writeState(StoreState(signature.release, previous, signature.release))
        files.keepOnly(setOf(signature.release, previous))
        signature.release
    }

    private fun best(options: Recommender.Options): Recommender {
        val release = try {
            newest(options)
        } catch (_: IOException) {
            null // a full disk, say; the asset needs none
        }
        return release ?: Recommender.openChecked(assetName, options, asset)
    }

    private fun newest(options: Recommender.Options): Recommender? {
        var state = state()
        var failure: RecommenderException? = null
        while (state.current > assetRelease) {
            if (state.attempts >= MOST_ATTEMPTS) {
                state = goBack(state, failure?.message ?: "the app ended while it was opened")
                failure = null
                continue
            }
            val before = state
            state = counted(state)
            try {
                val opened = current(state.current, options)
                closingOnFailure(opened) { tryToWrite(state.copy(attempts = 0)) }
                return opened
            } catch (problem: RuntimeFailureException) {
                failure = problem
            } catch (problem: WrongAnswerException) {
                failure = problem
            } catch (problem: RecommenderException) {
                // Its files are not those that were installed: trying again would not help.
                state = goBack(state, problem.message)
            } catch (problem: InterruptedException) {
                tryToWrite(before) // the caller went away; that says nothing of the release
                throw problem
            }
        }
        return null
    }

    /** One attempt more, written before it is made: a process that ends in it has counted it. */
    private fun counted(state: StoreState): StoreState {
        val next = state.copy(attempts = state.attempts + 1)
        try {
            files.writeState(next)
        } catch (problem: IOException) {
            if (state.attempts > 0) throw problem
        }
        return next
    }

    /** A recommender that its caller will never see is not left open. */
    private fun closingOnFailure(opened: Recommender, work: () -> Unit) {
        try {
            work()
        } catch (problem: Throwable) {
            opened.close()
            throw problem
        }
    }

    /** What is lost if it fails is that an attempt went well. */
    private fun tryToWrite(state: StoreState) {
        try {
            files.writeState(state)
        } catch (_: IOException) {
            return
        }
    }

    private fun goBack(state: StoreState, problem: String?): StoreState =
        StoreState(state.previous, 0, state.highest, 0, "release ${state.current}: $problem").also(files::writeState)

    private fun current(release: Long, options: Recommender.Options): Recommender {
        val name = "release $release"
        val signature = ReleaseSignature.parse(read(files.signature(release)), name)
        signature.check(keys)
        if (signature.release != release) {
            val found = "that of release ${signature.release}"
            throw RollbackException(name, "its own signature", found, "install it again")
        }
        return checked(files.model(release), name, signature, options)
    }

    /** A recommender on exactly the bytes that were checked. */
    private fun checked(
        model: File,
        name: String,
        signature: ReleaseSignature,
        options: Recommender.Options,
    ): Recommender = Recommender.openChecked(
        name,
        options,
        { ModelFiles.map(model).also { signature.checkContent(it, name) } },
        { document ->
            signature.checkModel(document.modelId, name)
            RuntimeVersion.check(document.minimumRuntime, name)
        },
        { opened, document -> ProbeReplay.check(opened, document, name) },
    )

    private fun look(): StoreStatus = reporting {
        val state = state()
        val current = if (state.current > assetRelease) state.current else 0
        StoreStatus(current, if (state.previous > assetRelease) state.previous else 0, state.highest, state.problem)
    }

    /** A state that cannot be read is made again of the releases that are there: their signatures say their numbers. */
    private fun state(): StoreState {
        files.readState()?.let { return it }
        if (!files.hasState) return StoreState()
        val numbers = files.numbers().filter(::isSigned)
        val current = numbers.getOrElse(0) { 0 }
        return StoreState(current, numbers.getOrElse(1) { 0 }, current, 0, "the store's state was damaged")
            .also(files::writeState)
    }

    private fun isSigned(release: Long): Boolean = try {
        val signature = ReleaseSignature.parse(read(files.signature(release)), "release $release")
        signature.check(keys)
        signature.release == release
    } catch (_: RecommenderException) {
        false
    }

    private fun read(signature: File): ByteArray {
        if (!signature.isFile) {
            throw MissingFileException(signature.path, "a signature file", "nothing", "sign the model with seefud sign")
        }
        return files.head(signature, ReleaseSignature.MOST_BYTES + 1)
    }

    private inline fun <T> reporting(work: () -> T): T = try {
        work()
    } catch (problem: IOException) {
        val found = problem.message ?: problem.toString()
        val remedy = "make room and try again"
        throw StoreFailureException(directory.path, "a folder to keep models in", found, remedy, problem)
    }

    private companion object {
        const val MOST_ATTEMPTS = 2
    }
}
