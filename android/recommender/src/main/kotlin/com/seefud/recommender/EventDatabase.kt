package com.seefud.recommender

import android.database.Cursor
import android.database.sqlite.SQLiteDatabase
import android.database.sqlite.SQLiteDatabaseCorruptException
import android.database.sqlite.SQLiteException
import java.io.Closeable
import java.io.File

/** The layout below; a file with another one was written by another version of this library. */
private const val LAYOUT = 1

/**
 * The database of a log: the only code that opens one. Write-ahead logging: what was acknowledged survives the death of
 * the process and, as every commit is flushed, of the phone; what was not is not there at all. Not safe for several
 * threads.
 *
 * A transaction that fails leaves the connection in a state that differs by version, so the database is opened anew
 * before the next call.
 */
internal class EventDatabase(private val file: File) : Closeable {
    private var open: SQLiteDatabase? = null

    /**
     * The open database.
     *
     * @throws SQLiteDatabaseCorruptException the file is no database, is damaged, or has another layout
     * @throws SQLiteException it cannot be opened
     */
    fun database(): SQLiteDatabase = open ?: opened().also { open = it }

    private fun opened(): SQLiteDatabase {
        removeRemains()
        val flags = SQLiteDatabase.CREATE_IF_NECESSARY or SQLiteDatabase.NO_LOCALIZED_COLLATORS
        // Android's own handler would delete a damaged file; the log sets it aside.
        val database = SQLiteDatabase.openDatabase(file.path, null, flags) { }
        try {
            // Not by Android's flag, which adds connections that these words would not reach.
            database.text("PRAGMA journal_mode = WAL")
            database.execSQL("PRAGMA synchronous = FULL")
            if (database.version == 0) lay(database)
            check(database)
            return database
        } catch (problem: Throwable) {
            database.close()
            // SQLite has no name for a header that it does not understand.
            if (problem.javaClass == SQLiteException::class.java) throw corrupt("${problem.message}")
            throw problem
        }
    }

    private fun check(database: SQLiteDatabase) {
        if (database.version != LAYOUT) throw corrupt("layout ${database.version}")
        val query = "SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
        val tables = database.rawQuery(query, null).use { rows ->
            List(rows.count) { rows.moveToNext().let { rows.getString(0) } }
        }
        if (tables.toSet() != TABLES.toSet()) throw corrupt("tables $tables")
        val verdict = database.text("PRAGMA quick_check(1)")
        if (verdict != "ok") throw corrupt(verdict)
        EventTable(database).complaint()?.let { throw corrupt(it) }
    }

    private fun corrupt(found: String) = SQLiteDatabaseCorruptException(found)

    /** An erasure that was interrupted after its first step. */
    private fun removeRemains() {
        if (!file.exists()) for (each in besides()) each.delete()
    }

    private fun lay(database: SQLiteDatabase) {
        database.beginTransaction()
        try {
            for (table in TABLES) database.execSQL(table)
            database.execSQL("INSERT INTO installations VALUES (0, ?)", arrayOf(Installation.random()))
            database.version = LAYOUT
            database.setTransactionSuccessful()
        } finally {
            database.endTransaction()
        }
    }

    /**
     * All of it or nothing.
     *
     * @throws SQLiteException nothing was written
     */
    fun <T> transaction(work: (SQLiteDatabase) -> T): T {
        val database = database()
        try {
            database.beginTransactionNonExclusive()
            val result: T
            try {
                result = work(database)
                database.setTransactionSuccessful()
            } catch (problem: Throwable) {
                try {
                    database.endTransaction()
                } catch (second: SQLiteException) {
                    problem.addSuppressed(second) // SQLite had rolled back already
                }
                throw problem
            }
            database.endTransaction()
            return result
        } catch (problem: SQLiteException) {
            close()
            throw problem
        }
    }

    /** Bytes on the disk. */
    fun bytes(): Long = (besides() + file).sumOf { it.length() }

    /** Closes; the next call opens again. */
    override fun close() {
        open?.close()
        open = null
    }

    /**
     * Closes and deletes everything, the file itself first: with it gone, the next opening removes the rest.
     *
     * @throws SQLiteException it cannot be deleted
     */
    fun delete() {
        close()
        if (!file.delete() && file.exists()) throw SQLiteException("it cannot be deleted")
        for (each in besides()) each.delete()
    }

    /**
     * Closes and gives a damaged file another name.
     *
     * @return where it is now
     * @throws SQLiteException it cannot be renamed
     */
    fun setAside(): File {
        close()
        val place = generateSequence(1) { it + 1 }.map { File("${file.path}.damaged-$it") }.first { !it.exists() }
        if (!file.renameTo(place)) throw SQLiteException("it is damaged and cannot be renamed")
        for (suffix in SUFFIXES) File(file.path + suffix).renameTo(File(place.path + suffix))
        return place
    }

    /** Files that were set aside. */
    fun damaged(): List<File> {
        val beside = file.absoluteFile.parentFile?.listFiles().orEmpty()
        return beside.filter { it.name.startsWith("${file.name}.damaged-") }
    }

    private fun besides() = SUFFIXES.map { File(file.path + it) }

    private companion object {
        val SUFFIXES = listOf("-wal", "-shm", "-journal")

        val TABLES = listOf(
            "CREATE TABLE events (sequence INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, " +
                "time INTEGER NOT NULL, title TEXT, product TEXT, text TEXT, value INTEGER, " +
                "model TEXT, rank INTEGER, score REAL, list INTEGER)",
            // So that the oldest impressions are found among other events.
            "CREATE INDEX impressions ON events (sequence) WHERE type = 'impression'",
            // An installation's events are those from `first` on, up to the next installation's.
            "CREATE TABLE installations (first INTEGER PRIMARY KEY, id TEXT NOT NULL)",
            "CREATE TABLE lists (number INTEGER PRIMARY KEY AUTOINCREMENT)",
        )
    }
}

/** The one text that a query gives. */
internal fun SQLiteDatabase.text(query: String): String = rawQuery(query, null).use { row ->
    row.moveToFirst()
    row.getString(0)
}

/** The one number that a query gives; 0 if there is none. */
internal fun SQLiteDatabase.number(query: String): Long = rawQuery(query, null).use { row: Cursor ->
    if (row.moveToFirst() && !row.isNull(0)) row.getLong(0) else 0
}
