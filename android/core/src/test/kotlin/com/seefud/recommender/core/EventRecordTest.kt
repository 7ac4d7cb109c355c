package com.seefud.recommender.core

import com.google.gson.JsonParser
import com.seefud.recommender.Interaction
import com.seefud.recommender.InteractionType
import com.seefud.recommender.InvalidEventException
import com.seefud.recommender.NewerEventException
import com.seefud.recommender.Origin
import com.seefud.recommender.Product
import com.seefud.recommender.RecommenderException
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File
import java.security.MessageDigest
import java.util.Random

class EventRecordTest {
    private val installation = "00112233445566778899aabbccddeeff"
    private val click = Interaction.click(Product("sate", id = "SKU-7"), Origin("0123456789ab", 3, 0.53f, 17), 1_764_000_000_000)

    /** Of a sum, made without the library. */
    private fun digits(begin: String) =
        MessageDigest.getInstance("SHA-256").digest(begin.toByteArray()).joinToString("") { "%02x".format(it) }.take(16)

    private fun summed(begin: String) = "$begin,\"sum\":\"${digits(begin)}\"}"

    private fun line(vararg changes: Pair<String, String?>): String {
        val fields = linkedMapOf(
            "schema" to "1",
            "installation" to "\"$installation\"",
            "sequence" to "123",
            "type" to "\"click\"",
            "time" to "1764000000000",
            "title" to "\"sate\"",
        )
        for ((key, value) in changes) if (value == null) fields.remove(key) else fields[key] = value
        return summed(fields.entries.joinToString(",", "{") { (key, value) -> "\"$key\":$value" })
    }

    private fun golden() = File(System.getProperty("project.root"), "tests/golden/export.jsonl").readLines()

    private fun refused(line: String) = assertThrows(line, InvalidEventException::class.java) { EventRecord.decode(line) }.message

    @Test
    fun `an event is one line with the keys of the record`() {
        assertEquals(
            "{\"schema\":1,\"installation\":\"$installation\",\"sequence\":123,\"type\":\"click\",\"time\":1764000000000," +
                "\"title\":\"sate\",\"product\":\"SKU-7\",\"model\":\"0123456789ab\",\"rank\":3,\"score\":0.53,\"list\":17," +
                "\"sum\":\"6421b1ef9cfca89f\"}",
            EventRecord(installation, 123, click).encode(),
        )
        assertEquals(
            "{\"schema\":1,\"installation\":\"$installation\",\"sequence\":0,\"type\":\"search\",\"time\":5," +
                "\"text\":\"a\\\"\\\\\\u000a\\u2028b\",\"sum\":\"8587ba8d0c58c2cf\"}",
            EventRecord(installation, 0, Interaction.search("a\"\\\n\u2028b", time = 5)).encode(),
        )
    }

    @Test
    fun `the golden export comes back as it was`() {
        val lines = golden()
        assertTrue("lines were lost", lines.size >= 12)
        for (line in lines) {
            val record = EventRecord.decode(line)
            // Python escapes more, and the sum is over the text as it stands there.
            assertEquals(parsedWithoutSum(line), parsedWithoutSum(record.encode()))
            assertEquals(record, EventRecord.decode(record.encode()))
            assertEquals(line, summed(line.dropLast(26)))
        }
        assertEquals(InteractionType.entries.toSet(), lines.mapTo(HashSet()) { EventRecord.decode(it).interaction.type })
    }

    private fun parsedWithoutSum(line: String) = JsonParser.parseString(line).asJsonObject.apply { remove("sum") }

    @Test
    fun `every event comes back as it was`() {
        val random = Random(5)
        val letters = listOf("a", "\"", "\\", "\n", "\u0001", "\u007f", "\u0085", "\u2028", "é", "鮮", "🍜", "{", " x")
        fun text() = List(1 + random.nextInt(12)) { letters[random.nextInt(letters.size)] }.joinToString("") + "."
        fun <T> perhaps(value: T) = value.takeIf { random.nextBoolean() }
        repeat(2_000) { sequence ->
            val type = InteractionType.entries[random.nextInt(8)]
            val search = type == InteractionType.SEARCH
            val parts = Origin(perhaps("0123456789ab"), perhaps(1 + random.nextInt(99)), perhaps(random.nextFloat() - 0.5f))
            val interaction = Interaction.of(
                type,
                (random.nextDouble() * 253_402_300_799_999).toLong(),
                if (search) null else text(),
                if (search) null else perhaps(text()),
                if (search) text() else null,
                if (type == InteractionType.RATING) 1 + random.nextInt(5) else null,
                parts.takeIf { it != Origin() },
            )
            val record = EventRecord(installation, sequence.toLong(), interaction)
            val line = record.encode()
            assertEquals(record, EventRecord.decode(line))
            assertEquals(summed(line.dropLast(26)), line)
            val independent = JsonParser.parseString(line).asJsonObject
            assertEquals(interaction.title, independent["title"]?.asString)
            assertEquals(interaction.text, independent["text"]?.asString)
            assertTrue(line, line.none { it < ' ' || it == '\u0085' || it == '\u2028' })
        }
    }

    @Test
    fun `what is not known is passed over, and null is as good as absent`() {
        val plain = Interaction.click(Product("sate"), time = 1_764_000_000_000)
        assertEquals(EventRecord(installation, 123, plain), EventRecord.decode(line("mood" to "{\"a\":[1]}", "rank" to "null")))
    }

    @Test
    fun `a newer schema is refused by a name of its own`() {
        val problem = assertThrows(NewerEventException::class.java) { EventRecord.decode(line("schema" to "2", "time" to null)) }
        assertEquals("event: schema: expected 1, found 2; read it with a newer version of this library", problem.message)
    }

    @Test
    fun `every part that is wrong is named`() {
        val expected = mapOf(
            "{" to "event: expected JSON, found no key in quotes at character 1",
            "[1]" to "event: expected an object in braces, found an array",
            line("schema" to null) to "event: schema: expected 1, found nothing",
            line("schema" to "\"1\"") to "event: schema: expected 1, found \"1\"",
            line("installation" to "\"${installation.uppercase()}\"") to
                "event: installation: expected 32 of 0-9 and a-f, found \"${installation.uppercase()}\"",
            line("installation" to null) to "event: installation: expected 32 of 0-9 and a-f, found nothing",
            line("sequence" to "-1") to "event: sequence: expected a whole number from 0, found -1",
            line("sequence" to "1.5") to "event: sequence: expected a whole number from 0, found 1.5",
            line("sequence" to null) to "event: sequence: expected a whole number from 0, found nothing",
            line("type" to "\"CLICK\"") to "event: type: expected one of search, view, click, favorite, purchase, rating, " +
                "dismiss, impression, found \"CLICK\"",
            line("type" to null) to "event: type: expected one of search, view, click, favorite, purchase, rating, dismiss, " +
                "impression, found nothing",
            line("time" to null) to "event: time: expected milliseconds since 1970, found nothing",
            line("time" to "253402300800000") to
                "event: time: expected milliseconds since 1970, before the year 10000, found 253402300800000",
            line("title" to "7") to "event: title: expected text in quotes, found 7",
            line("title" to "\" \"") to "event: title: expected a title or a product's id, found neither",
            line("title" to "\"a\\ud83c\"") to "event: title: expected text, found half a character at place 1",
            line("type" to "\"search\"", "title" to null) to "event: text: expected what was searched for, found nothing",
            line("type" to "\"rating\"", "value" to "6") to "event: value: expected a whole number from 1 to 5, found 6",
            line("type" to "\"rating\"", "value" to "4.5") to "event: value: expected a whole number from 1 to 5, found 4.5",
            line("type" to "\"rating\"") to "event: value: expected 1 to 5 stars, found nothing",
            line("value" to "3") to "event: value: expected none for a click, found 3",
            line("model" to "\"0123\"") to "event: model: expected 12 of 0-9 and a-f, found \"0123\"",
            line("rank" to "0") to "event: rank: expected a whole number from 1 to 2147483647, found 0",
            line("score" to "\"high\"") to "event: score: expected a finite number, found \"high\"",
            line("score" to "1e39") to "event: score: expected a finite number, found 1.0E39",
            line("list" to "-1") to "event: list: expected a whole number from 0, found -1",
            line("mood" to "\"\ud83c\"") to "event: expected text, found half a character at place 136",
        )
        for ((line, message) in expected) assertEquals(line, "$message; leave the line out", refused(line))
    }

    @Test
    fun `a sum that is wrong is named`() {
        val line = line()
        val begin = line.dropLast(26)
        val digits = digits(begin)
        val other = { undamaged: String -> "\"${digits(undamaged)}\", that of the undamaged line, found \"$digits\"" }
        val form = "the line to end in ,\"sum\":\"<16 of 0-9 and a-f>\"}"
        assertEquals("4a56fada52c969d0", digits)
        val expected = mapOf(
            "$begin}" to "$form, found nothing",
            "$begin,\"sum\":null}" to "$form, found nothing",
            "$begin,\"sum\":7}" to "$form, found 7",
            "$begin,\"Sum\":\"$digits\"}" to "$form, found nothing",
            "$begin,\"s\\u0075m\":\"$digits\"}" to "$form, found \"$digits\"",
            "$begin,\"sum\": \"$digits\"}" to "$form, found \"$digits\"",
            "$begin, \"sum\":\"$digits\"}" to "$form, found \"$digits\"",
            "$begin,\"sum\":\"${digits.uppercase()}\"}" to "$form, found \"${digits.uppercase()}\"",
            "$begin,\"sum\":\"${digits}0\"}" to "$form, found \"${digits}0\"",
            "$begin,\"sum\":\"${digits.drop(1)}\"}" to "$form, found \"${digits.drop(1)}\"",
            "{\"sum\":\"$digits\",${begin.drop(1)}}" to "$form, found \"$digits\"",
            "$begin ,\"sum\":\"$digits\"}" to other("$begin "),
            "$line " to "$form, found \"$digits\"",
            "$line\t\n" to "$form, found \"$digits\"",
            " $line" to other(" $begin"),
            line.replace("sate", "soto") to other(begin.replace("sate", "soto")),
            line.replace("title", "product") to other(begin.replace("title", "product")),
            "${line.dropLast(1)},\"sum\":\"$digits\"}" to other(line.dropLast(1)),
            summed(line.dropLast(1)) to "no other one before it, found \"$digits\"",
            summed("{\"sum\":null,${begin.drop(1)}") to "no other one before it, found nothing",
        )
        for ((each, message) in expected) assertEquals(each, "event: sum: expected $message; leave the line out", refused(each))
    }

    @Test
    fun `only the end of the line may follow its sum`() {
        val record = EventRecord.decode(line())
        for (end in listOf("\n", "\r\n", "\r")) assertEquals(record, EventRecord.decode(line() + end))
    }

    @Test
    fun `a line with any character changed is refused by name`() {
        val others = "0fF9z\"\\, }\t\u007fé\ud83c\u2028?".toList()
        var changes = 0
        for (line in golden() + EventRecord(installation, 123, click).encode()) {
            for (place in 0..line.length) {
                val (before, after) = line.take(place) to line.drop(place)
                val changed = others.flatMap { listOf("$before$it$after", "$before$it${after.drop(1)}") } +
                    (before + after.drop(1)) + (before + after.take(1) + after)
                for (each in changed.filter { it != line }) {
                    val problem = assertThrows(each, RecommenderException::class.java) { EventRecord.decode(each) }
                    assertTrue("$problem of $each", problem is InvalidEventException || problem is NewerEventException)
                    changes++
                }
            }
        }
        assertTrue("$changes", changes > 90_000)
    }

    @Test
    fun `a line cut anywhere, or with some characters changed, is refused by name`() {
        val line = EventRecord(installation, 123, click).encode()
        for (end in 0 until line.length) refused(line.take(end))
        val random = Random(9)
        var read = 0
        repeat(10_000) {
            val changed = StringBuilder(line)
            repeat(1 + random.nextInt(3)) { changed.setCharAt(random.nextInt(line.length), (32 + random.nextInt(95)).toChar()) }
            try {
                EventRecord.decode(changed.toString())
                // A character may have been replaced by itself, which is no change.
                if (changed.toString() != line) read++
            } catch (_: InvalidEventException) {
            } catch (_: NewerEventException) {
            }
        }
        assertEquals(0, read)
    }
}
