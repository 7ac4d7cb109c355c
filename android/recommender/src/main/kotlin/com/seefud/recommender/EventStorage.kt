package com.seefud.recommender

import android.database.sqlite.SQLiteDatabaseCorruptException
import android.database.sqlite.SQLiteException
import android.database.sqlite.SQLiteFullException
import android.database.sqlite.SQLiteReadOnlyDatabaseException
import java.io.Closeable
import java.io.File

/**
 * The log on its thread: turns what SQLite throws into named errors, and starts a new file where the old one is damaged.
 *
 * @property file of the database
 */
internal class EventStorage(val file: File, private val limits: InteractionLog.Limits) : Closeable {
    /** The database itself; also for tests that make the disk full. */
    val database: EventDatabase = EventDatabase(file)

    /** Where a damaged file is now, or null if none was found. */
    @Volatile
    var recovered: File? = null
        private set

    /** Opens, so that a mistake is found at once. */
    fun open(): Unit = named { database.database() }

    /** All of it or nothing. */
    fun <T> transaction(work: (EventTable) -> T): T = named { database.transaction { work(EventTable(it)) } }

    /** Adds events in one transaction, and keeps to the limits. */
    fun append(events: Collection<Interaction>) {
        if (events.isNotEmpty()) transaction { it.append(events) }
    }

    /** Adds a shown list, with the next number. */
    fun append(ranking: Ranking, time: Long): ShownList = transaction { table ->
        ShownList(ranking, table.nextList()).also { table.append(it.impressions(time)) }
    }

    private fun EventTable.append(events: Collection<Interaction>) {
        add(events)
        fold(limits)
    }

    /** Deletes everything and begins anew. */
    fun erase(): Unit = translated {
        database.delete()
        for (each in database.damaged()) each.delete()
        recovered = null
        database.database()
    }

    override fun close(): Unit = database.close()

    /** Asks again, of a new file, if the old one is damaged. */
    private fun <T> named(work: () -> T): T = translated {
        try {
            work()
        } catch (problem: SQLiteException) {
            if (!isDamage(problem)) throw problem
            recovered = database.setAside()
            work()
        }
    }

    /** A file that may be written and yet is read-only to SQLite says so in its header, which is damaged then. */
    private fun isDamage(problem: SQLiteException): Boolean =
        problem is SQLiteDatabaseCorruptException || problem is SQLiteReadOnlyDatabaseException && file.canWrite()

    private fun <T> translated(work: () -> T): T {
        try {
            return work()
        } catch (problem: SQLiteFullException) {
            val remedy = "free some space and try again; nothing of it was written"
            throw LogFullException(file.name, "room on the disk", "none", remedy, problem)
        } catch (problem: SQLiteException) {
            val expected = "a database that can be read and written"
            val found = problem.message ?: problem.toString()
            throw LogFailureException(file.name, expected, found, "check its path", problem)
        }
    }
}
