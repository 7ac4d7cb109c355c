package com.seefud.recommender.core

import com.seefud.recommender.Interaction
import com.seefud.recommender.InteractionChecks
import com.seefud.recommender.InteractionType
import com.seefud.recommender.InvalidEventException
import com.seefud.recommender.InvalidRequestException
import com.seefud.recommender.NewerEventException
import com.seefud.recommender.Origin
import com.seefud.recommender.quoted

/**
 * An exported event: one line of JSON, schema 1 (docs/interaction-log.md). python/seefud/store/json_event.py reads it.
 *
 * @property installation 32 hexadecimal digits, random; not the person
 * @property sequence rises within an installation and is never used again: both together identify the event
 */
public data class EventRecord(
    public val installation: String,
    public val sequence: Long,
    public val interaction: Interaction,
) {
    /** The line, without its end. What is absent has no key; the last one is the sum of what stands before it. */
    public fun encode(): String {
        val line = JsonLine()
        line.add("schema", SCHEMA.toString())
        line.addText("installation", installation)
        line.add("sequence", sequence.toString())
        line.addText("type", interaction.type.wireName)
        line.add("time", interaction.time.toString())
        line.addText("title", interaction.title)
        line.addText("product", interaction.productId)
        line.addText("text", interaction.text)
        line.add("value", interaction.value?.toString())
        val origin = interaction.origin
        line.addText("model", origin?.modelId)
        line.add("rank", origin?.rank?.toString())
        line.add("score", origin?.score?.toString())
        line.add("list", origin?.list?.toString())
        return line.toString()
    }

    public companion object {
        /** Of the lines that this library writes, and the newest that it reads. */
        public const val SCHEMA: Long = 1

        private const val LEAVE_OUT = "leave the line out"
        private val INSTALLATION = Regex("[0-9a-f]{32}")

        /**
         * The event of a line, which may have its end. Unknown keys are passed over; null is as good as absent. The sum
         * is looked at last, so that a newer schema and a part that is wrong are called by their names.
         *
         * @throws NewerEventException its schema is newer than [SCHEMA]
         * @throws InvalidEventException it is no event, or damaged; the message says which part is wrong
         */
        @JvmStatic
        public fun decode(line: String): EventRecord {
            val text = line.trimEnd('\r', '\n')
            val fields = parsed(text)
            val record = Fields(fields).record()
            checkSum(text, fields["sum"])
            return record
        }

        private fun checkSum(line: String, given: Any?) {
            val found = LineSum.digitsAtEnd(line) ?: throw wrong("sum", "the line to end in ${LineSum.FORM}", given)
            val begin = line.dropLast(LineSum.LENGTH)
            // It has no UTF-8, and would pass for the question mark that is written for it.
            val half = begin.indices.firstOrNull { InteractionChecks.isHalf(begin, it) }
            if (half != null) throw InvalidEventException("event", "text", "half a character at place $half", LEAVE_OUT)
            val expected = LineSum.of(begin)
            if (found != expected) throw wrong("sum", "\"$expected\", that of the undamaged line", found)
            // Python takes the first of two, so a second one that fits makes no line right.
            val before = parsed("$begin}")
            if ("sum" in before) throw wrong("sum", "no other one before it", before["sum"])
        }

        private fun parsed(line: String): Map<*, *> {
            val value = try {
                Json.parse(line)
            } catch (problem: JsonException) {
                throw InvalidEventException("event", "JSON", problem.message.orEmpty(), LEAVE_OUT, problem)
            }
            return value as? Map<*, *> ?: throw wrong(null, "an object in braces", value)
        }

        private fun wrong(key: String?, expected: String, found: Any?): InvalidEventException {
            val shown = when (found) {
                null -> "nothing"
                is String -> quoted(found)
                is Map<*, *> -> "an object"
                is List<*> -> "an array"
                else -> found.toString()
            }
            val where = if (key == null) "event" else "event: $key"
            return InvalidEventException(where, expected, shown, LEAVE_OUT)
        }
    }

    private class Fields(private val fields: Map<*, *>) {
        fun record(): EventRecord {
            checkSchema()
            val installation = text("installation")
            if (installation == null || !INSTALLATION.matches(installation)) {
                throw wrong("installation", "32 of 0-9 and a-f", installation)
            }
            val sequence = needed("sequence", "a whole number from 0", whole("sequence", 0))
            val types = InteractionType.entries.joinToString { it.wireName }
            val name = needed("type", "one of $types", text("type"))
            val type = InteractionType.of(name) ?: throw wrong("type", "one of $types", name)
            return EventRecord(installation, sequence, interaction(type))
        }

        private fun interaction(type: InteractionType): Interaction {
            val time = needed("time", "milliseconds since 1970", whole("time", 0))
            val value = whole("value", 1, 5)?.toInt()
            try {
                return Interaction.of(type, time, text("title"), text("product"), text("text"), value, origin())
            } catch (problem: InvalidRequestException) {
                val where = "event: ${problem.where}"
                throw InvalidEventException(where, problem.expected, problem.found, LEAVE_OUT, problem)
            }
        }

        private fun origin(): Origin? {
            val rank = whole("rank", 1, Int.MAX_VALUE.toLong())?.toInt()
            val origin = Origin(text("model"), rank, score(), whole("list", 0))
            return origin.takeIf { it != Origin() }
        }

        private fun checkSchema() {
            val schema = fields["schema"]
            if (schema is Long && schema > SCHEMA) {
                val remedy = "read it with a newer version of this library"
                throw NewerEventException("event: schema", "$SCHEMA", "$schema", remedy)
            }
            if (schema != SCHEMA) throw wrong("schema", "$SCHEMA", schema)
        }

        private fun <T> needed(key: String, expected: String, value: T?): T = value ?: throw wrong(key, expected, null)

        private fun text(key: String): String? {
            val value = fields[key] ?: return null
            return value as? String ?: throw wrong(key, "text in quotes", value)
        }

        private fun whole(key: String, least: Long, most: Long = Long.MAX_VALUE): Long? {
            val value = fields[key] ?: return null
            if (value is Long && value in least..most) return value
            val end = if (most == Long.MAX_VALUE) "" else " to $most"
            throw wrong(key, "a whole number from $least$end", value)
        }

        private fun score(): Float? {
            val value = fields["score"] ?: return null
            val score = (value as? Number)?.toFloat()
            return score?.takeIf { it.isFinite() } ?: throw wrong("score", "a finite number", value)
        }
    }
}
