package com.seefud.recommender

import android.content.Context
import java.io.Closeable
import java.io.File
import java.io.OutputStream

/**
 * What a person did in the app, kept on the phone: the profile follows from it, and an export lets the next model learn
 * from it. Nothing leaves the phone unless the app asks for an [export].
 *
 *     val log = InteractionLog.open(context)
 *     val shown = log.show(recommender.recommend(log.profile()))
 *     log.append(Interaction.click(dish.product, shown.origin(dish)))
 *
 * Append-only: what [append] was given is kept when it returns, whatever happens to the process or the phone then, until
 * it is folded away by [Limits] or erased. A file that is damaged is set aside under another name, see [recovered].
 *
 * Safe for threads: everything happens in order on a thread of the log's own, which ends with [close]. The suspending
 * functions may be called from any thread. Their twins for Java, whose names end in `Blocking`, wait for the answer;
 * they throw [MainThreadException] on the main thread and [InterruptedException] if they are interrupted. A call that is
 * cancelled or interrupted while it waits does nothing; later, it may have been carried out. After [close] every function
 * throws [ClosedLogException]. Every function throws [LogFailureException] if the file can be neither read nor written.
 *
 * Open a file once, such as in the `Application`: two logs of one file do not know of each other's [erase].
 */
public class InteractionLog private constructor(
    private val thread: RankingThread,
    internal val storage: EventStorage,
) : Closeable {
    /**
     * How much is kept. Past it the oldest impressions are folded away, then the oldest events of any type.
     *
     * @property maxEvents at least 1
     * @property maxBytes of the database's pages in use, at least 65,536; the write-ahead log comes on top
     * @throws InvalidRequestException one of them is smaller
     */
    public class Limits @JvmOverloads constructor(
        public val maxEvents: Int = 100_000,
        public val maxBytes: Long = 16L shl 20,
    ) {
        init {
            if (maxEvents < 1) throw InvalidRequestException("maxEvents", "at least 1", "$maxEvents", "leave it out")
            if (maxBytes < LEAST_BYTES) {
                throw InvalidRequestException("maxBytes", "at least $LEAST_BYTES", "$maxBytes", "leave it out")
            }
        }
    }

    /**
     * Where a damaged file was set aside, the last one if there were several; null if none was. The log began anew then.
     * [erase] deletes it too.
     */
    public val recovered: File? get() = storage.recovered

    /**
     * Keeps an interaction.
     *
     * @throws LogFullException the disk is full; it was not kept
     */
    public suspend fun append(interaction: Interaction): Unit = append(listOf(interaction))

    /**
     * Keeps interactions, all or none.
     *
     * @throws LogFullException the disk is full; none was kept
     */
    public suspend fun append(interactions: Collection<Interaction>): Unit = thread.ask { storage.append(interactions) }

    /**
     * Keeps an impression for each product of a list that a person was shown, all or none.
     *
     * @param time milliseconds since 1970
     * @return gives later interactions with these products their [Origin]
     * @throws LogFullException the disk is full; none was kept
     */
    public suspend fun show(ranking: Ranking, time: Long = System.currentTimeMillis()): ShownList =
        thread.ask { storage.append(ranking, time) }

    /**
     * What was kept, oldest first.
     *
     * @param since leaves out events up to this sequence, see [LogSize.lastSequence]
     */
    public suspend fun interactions(since: Long = 0): List<Interaction> = thread.ask { read(since) }

    /** [Profile.from] all that was kept. */
    public suspend fun profile(rules: ProfileRules = ProfileRules()): Profile = thread.ask { profileBy(rules) }

    /**
     * Writes events as JSON Lines (docs/interaction-log.md), oldest first. They name the installation, 32 random digits,
     * and not the person. Exporting an event twice does no harm: whoever reads it knows it again.
     *
     * @param since leaves out events up to this sequence: what the last export returned
     * @param out is written to on the log's thread, and neither flushed nor closed
     * @return the sequence of the last event written; `since` if there was none
     * @throws java.io.IOException as `out` does
     */
    public suspend fun export(since: Long, out: OutputStream): Long = thread.ask { write(since, out) }

    /** How large the log is. */
    public suspend fun size(): LogSize = thread.ask { measure() }

    /** Gives the events from now on another installation, so that nobody can join them to earlier exports. */
    public suspend fun rotateInstallation(): Unit = thread.ask { rotate() }

    /**
     * Deletes everything, the write-ahead log and files that were set aside included. The log goes on empty, as another
     * installation.
     */
    public suspend fun erase(): Unit = thread.ask { storage.erase() }

    /** [append], waiting until it is kept. */
    @Throws(InterruptedException::class)
    public fun appendBlocking(interaction: Interaction): Unit = appendBlocking(listOf(interaction))

    /** [append], waiting until they are kept. */
    @Throws(InterruptedException::class)
    public fun appendBlocking(interactions: Collection<Interaction>): Unit =
        waiting("appendBlocking") { storage.append(interactions) }

    /** [show], waiting until it is kept. */
    @JvmOverloads
    @Throws(InterruptedException::class)
    public fun showBlocking(ranking: Ranking, time: Long = System.currentTimeMillis()): ShownList =
        waiting("showBlocking") { storage.append(ranking, time) }

    /** [interactions], waiting for them. */
    @JvmOverloads
    @Throws(InterruptedException::class)
    public fun interactionsBlocking(since: Long = 0): List<Interaction> =
        waiting("interactionsBlocking") { read(since) }

    /** [profile], waiting for it. */
    @JvmOverloads
    @Throws(InterruptedException::class)
    public fun profileBlocking(rules: ProfileRules = ProfileRules()): Profile =
        waiting("profileBlocking") { profileBy(rules) }

    /** [export], waiting until it is written. */
    @Throws(InterruptedException::class, java.io.IOException::class)
    public fun exportBlocking(since: Long, out: OutputStream): Long = waiting("exportBlocking") { write(since, out) }

    /** [size], waiting for it. */
    @Throws(InterruptedException::class)
    public fun sizeBlocking(): LogSize = waiting("sizeBlocking") { measure() }

    /** [rotateInstallation], waiting until it is done. */
    @Throws(InterruptedException::class)
    public fun rotateInstallationBlocking(): Unit =
        waiting("rotateInstallationBlocking") { rotate() }

    /** [erase], waiting until it is done. */
    @Throws(InterruptedException::class)
    public fun eraseBlocking(): Unit = waiting("eraseBlocking") { storage.erase() }

    /** Returns at once: what is being done is finished, then the log's file and thread are given back. */
    override fun close(): Unit = thread.close()

    private fun read(since: Long): List<Interaction> = storage.transaction { table ->
        ArrayList<Interaction>().also { events -> table.read(since) { _, event -> events += event } }
    }

    private fun profileBy(rules: ProfileRules): Profile = storage.transaction { table ->
        val events = ArrayList<Interaction>()
        table.read(0, all = false) { _, event -> events += event }
        Profile.from(events, rules)
    }

    private fun write(since: Long, out: OutputStream): Long = storage.transaction { table ->
        var last = since
        table.records(since) { record ->
            out.write("${record.encode()}\n".toByteArray())
            last = record.sequence
        }
        last
    }

    private fun rotate() = storage.transaction { it.rotate(Installation.random()) }

    private fun measure(): LogSize {
        val (events, last) = storage.transaction { it.count() to it.lastSequence() }
        return LogSize(events, storage.database.bytes(), last)
    }

    private fun <T> waiting(function: String, question: () -> T): T {
        MainThread.refuse(function)
        return thread.askBlocking(question)
    }

    public companion object {
        /** A name for the file, below the folder of the app's databases. */
        public const val DEFAULT_NAME: String = "interactions.db"

        private const val LEAST_BYTES = 65_536L

        /**
         * Opens the app's log, and makes it if there is none.
         *
         * @param context any; not kept
         * @param name of the file among the app's databases
         * @throws LogFullException the disk is full
         */
        public suspend fun open(
            context: Context,
            name: String = DEFAULT_NAME,
            limits: Limits = Limits(),
        ): InteractionLog = open(context.getDatabasePath(name), limits)

        /**
         * Opens a log from a file, and makes it, and its folder, if there is none.
         *
         * @throws LogFullException the disk is full
         */
        public suspend fun open(file: File, limits: Limits = Limits()): InteractionLog {
            val thread = threadFor(file)
            return closingOnFailure(thread) { thread.ask { ready(thread, file, limits) } }
        }

        /** [open], waiting until the log is ready. */
        @JvmStatic
        @JvmOverloads
        @Throws(InterruptedException::class)
        public fun openBlocking(
            context: Context,
            name: String = DEFAULT_NAME,
            limits: Limits = Limits(),
        ): InteractionLog = openBlocking(context.getDatabasePath(name), limits)

        /** [open], waiting until the log is ready. */
        @JvmStatic
        @JvmOverloads
        @Throws(InterruptedException::class)
        public fun openBlocking(file: File, limits: Limits = Limits()): InteractionLog {
            MainThread.refuse("openBlocking")
            val thread = threadFor(file)
            return closingOnFailure(thread) { thread.askBlocking { ready(thread, file, limits) } }
        }

        private const val OWN_REMEDY = "the stream of an export must not call the log"

        private fun threadFor(file: File) =
            RankingThread("seefud ${file.name}", "log ${file.name}", OWN_REMEDY) { owner ->
                ClosedLogException(owner, "an open log", "a closed one", "open it again, or close it later")
            }

        private inline fun closingOnFailure(thread: RankingThread, open: () -> InteractionLog): InteractionLog {
            try {
                return open()
            } catch (problem: Throwable) {
                thread.close()
                throw problem
            }
        }

        /** On the thread. */
        private fun ready(thread: RankingThread, file: File, limits: Limits): InteractionLog {
            file.absoluteFile.parentFile?.mkdirs()
            val storage = EventStorage(file, limits)
            thread.keep(storage)
            storage.open()
            return InteractionLog(thread, storage)
        }
    }
}
