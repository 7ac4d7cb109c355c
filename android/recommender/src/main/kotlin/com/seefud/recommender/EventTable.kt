package com.seefud.recommender

import android.content.ContentValues
import android.database.Cursor
import android.database.sqlite.SQLiteDatabase
import com.seefud.recommender.core.EventRecord

private const val PARTS = "sequence, type, time, title, product, text, value, model, rank, score, list"

/** Of events and lists; far from where SQLite has no further one. */
private const val MOST_NUMBER = 1L shl 53

/** Rows read at once, so that a long log is never whole in memory. */
private const val PAGE = 500

/** The rows of a log: events in, events out, the oldest folded away. Every function is called in a transaction. */
internal class EventTable(private val database: SQLiteDatabase) {
    /** What is wrong with the numbers that SQLite's own check does not look at, or null. Reads every row's header. */
    fun complaint(): String? {
        database.number("SELECT count(list) FROM events")
        val newest = database.number("SELECT max(sequence) FROM events")
        val numbers = lastSequence() to database.number("SELECT seq FROM sqlite_sequence WHERE name = 'lists'")
        val installations = installations()
        return when {
            numbers.first !in newest..MOST_NUMBER || numbers.second !in 0..MOST_NUMBER -> "sequences $numbers"
            installations.lastOrNull()?.first != 0L -> "installations $installations"
            !installations.all { (_, id) -> Installation.isOne(id) } -> "installations $installations"
            else -> null
        }
    }

    /** How many events there are. */
    fun count(): Long = database.number("SELECT count(*) FROM events")

    /** The sequence of the newest event that ever was; 0 if none was. */
    fun lastSequence(): Long = database.number("SELECT seq FROM sqlite_sequence WHERE name = 'events'")

    /** Adds events in their order. */
    fun add(events: Collection<Interaction>) {
        val values = ContentValues()
        for (event in events) {
            values.put("type", event.type.wireName)
            values.put("time", event.time)
            values.put("title", event.title)
            values.put("product", event.productId)
            values.put("text", event.text)
            values.put("value", event.value)
            values.put("model", event.origin?.modelId)
            values.put("rank", event.origin?.rank)
            values.put("score", event.origin?.score)
            values.put("list", event.origin?.list)
            database.insertOrThrow("events", null, values)
        }
    }

    /** The number of a new list. */
    fun nextList(): Long {
        val number = database.insertOrThrow("lists", null, ContentValues().apply { putNull("number") })
        database.delete("lists", "number < ?", arrayOf("$number"))
        return number
    }

    /** Removes the oldest events until the limits are kept: impressions first, then any. */
    fun fold(limits: InteractionLog.Limits) {
        // Counting reads the whole log; while even the sequences are few, there is no need for it.
        if (span() > limits.maxEvents) remove(maxOf(0, count() - limits.maxEvents))
        if (usedBytes() <= limits.maxBytes) return
        var count = count()
        while (count > 0 && usedBytes() > limits.maxBytes) {
            // In steps, as bytes are freed by whole pages.
            val step = maxOf(1, count / 20)
            remove(step)
            count -= step
        }
    }

    /** Sequences from the oldest event to the newest: at least as many as there are events. */
    private fun span(): Long =
        database.number("SELECT max(sequence) FROM events") - database.number("SELECT min(sequence) FROM events") + 1

    private fun remove(events: Long) {
        val impressions = database.delete("events", oldest("WHERE type = 'impression'"), arrayOf("$events"))
        if (impressions < events) database.delete("events", oldest(""), arrayOf("${events - impressions}"))
    }

    private fun oldest(which: String) = "sequence IN (SELECT sequence FROM events $which ORDER BY sequence LIMIT ?)"

    /** Of the pages that hold something. */
    private fun usedBytes(): Long {
        val pages = database.number("PRAGMA page_count") - database.number("PRAGMA freelist_count")
        return pages * database.number("PRAGMA page_size")
    }

    /**
     * Reads events in their order, and passes over those that a damaged disk changed into none.
     *
     * @param since the sequence after which to start
     * @param all whether impressions too
     */
    fun read(since: Long, all: Boolean = true, use: (sequence: Long, event: Interaction) -> Unit) {
        val which = if (all) "" else "AND type <> 'impression'"
        val query = "SELECT $PARTS FROM events WHERE sequence > ? $which ORDER BY sequence LIMIT $PAGE"
        var after = since
        while (true) {
            database.rawQuery(query, arrayOf("$after")).use { rows ->
                while (rows.moveToNext()) {
                    after = rows.getLong(0)
                    event(rows)?.let { use(after, it) }
                }
                if (rows.count < PAGE) return
            }
        }
    }

    /** Events as they are exported. */
    fun records(since: Long, use: (EventRecord) -> Unit) {
        val installations = installations()
        read(since) { sequence, event ->
            val installation = installations.first { (first, _) -> first <= sequence }.second
            use(EventRecord(installation, sequence, event))
        }
    }

    /** Gives the events from now on another installation. */
    fun rotate(installation: String) {
        val values = ContentValues()
        values.put("first", lastSequence() + 1)
        values.put("id", installation)
        database.insertWithOnConflict("installations", null, values, SQLiteDatabase.CONFLICT_REPLACE)
    }

    /** The first sequence and the id of each, the newest first. */
    private fun installations(): List<Pair<Long, String>> =
        database.rawQuery("SELECT first, id FROM installations ORDER BY first DESC", null).use { rows ->
            List(rows.count) { rows.moveToNext().let { rows.getLong(0) to rows.getString(1) } }
        }

    /** The event of a row; null if its content was damaged, as it was checked before it came there. */
    private fun event(row: Cursor): Interaction? {
        try {
            val score = if (row.isNull(9)) null else row.getFloat(9)
            val origin = Origin(row.text(7), row.number(8)?.toInt(), score, row.number(10))
            return Interaction.of(
                InteractionType.of(row.getString(1)) ?: return null,
                row.getLong(2),
                row.text(3),
                row.text(4),
                row.text(5),
                row.number(6)?.toInt(),
                origin.takeIf { it != Origin() },
            )
        } catch (_: InvalidRequestException) {
            return null
        }
    }

    private fun Cursor.text(column: Int): String? = if (isNull(column)) null else getString(column)

    private fun Cursor.number(column: Int): Long? = if (isNull(column)) null else getLong(column)
}
