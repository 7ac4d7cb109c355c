package com.seefud.recommender.core

import com.seefud.recommender.VocabularyException
import com.seefud.recommender.VocabularySizeException
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.charset.CharacterCodingException
import kotlin.random.Random

class LinesTest {
    @Test
    fun `lines of any length are found, at the borders of windows too`() {
        val window = FileBytes.PIECE
        val lengths = listOf(0, 1, window - 3, 0, window - 1, window, window + 1, 3 * window, 2, 5 * window + 7, 0)
        val random = Random(1)
        val lines = lengths.map { length -> String(CharArray(length) { 'a' + random.nextInt(26) }) }
        val table = table(lines)
        assertEquals(lines, List(table.size, table::line))
        val seen = ArrayList<String>()
        table.forEach { number, bytes, _, from, to ->
            assertEquals(seen.size, number)
            seen += String(bytes, from, to - from)
        }
        assertEquals(lines, seen)
    }

    @Test
    fun `only a line feed ends a line`() {
        val lines = listOf("a\rb", "a\u0085b", "a\u2028b", "a\u000bb")
        val table = table(lines)
        assertEquals(lines, List(table.size, table::line))
    }

    @Test
    fun `another number of lines is refused`() {
        for ((text, found) in listOf("a\nb\n" to "2", "" to "0", "a\nb\nc" to "2 and a last line without its end")) {
            val error = assertThrows(VocabularySizeException::class.java) {
                LineTable.read(file(text), 3, "x: tokens.txt")
            }
            assertEquals(
                "x: tokens.txt: expected 3 lines, one per row of the model, found $found; " +
                    "build the bundle again or copy it again",
                error.message,
            )
        }
        assertEquals(0, LineTable.read(file(""), 0, "x").size)
    }

    @Test
    fun `a number of lines that no text has costs no memory`() {
        val error = assertThrows(VocabularySizeException::class.java) {
            LineTable.read(file("a\nb\n"), Int.MAX_VALUE, "x: products.txt")
        }
        assertEquals(
            "x: products.txt: expected 2147483647 lines, one per row of the model, found 2; " +
                "build the bundle again or copy it again",
            error.message,
        )
    }

    @Test
    fun `UTF-8 is judged as the platform's strict decoder judges it`() {
        val random = Random(2)
        val hard = intArrayOf(0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef)
        val firsts = hard + intArrayOf(0xf0, 0xf4, 0xf5, 0xff)
        repeat(20_000) {
            // Letters around them, of which the judge passes over eight at a time.
            val (before, after) = List(2) { "abcdefghijkl".take(random.nextInt(12)).toByteArray() }
            val bytes = before + ByteArray(random.nextInt(6)) { firsts.random(random).toByte() } + after
            val good = try {
                Charsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes))
                true
            } catch (_: CharacterCodingException) {
                false
            }
            assertEquals(bytes.contentToString(), good, Utf8.firstMistake(bytes) < 0)
        }
        val error = assertThrows(VocabularyException::class.java) {
            LineTable.read(FileBytes(ByteBuffer.wrap("né\nb".toByteArray() + byteArrayOf(-64, 10)), 0, 7), 2, "x: a")
        }
        val message = "x: a: expected UTF-8, found byte 0xc0 at 5; build the bundle again or copy it again"
        assertEquals(message, error.message)
    }

    @Test
    fun `the byte that is not UTF-8 is named wherever it stands, and a letter that a line end cuts is none`() {
        val lines = List(9_000) { "line $it é" }
        val bytes = lines.joinToString("") { "$it\n" }.toByteArray()
        val ends = bytes.indices.filter { bytes[it] == '\n'.code.toByte() }
        // Around the places where the text is read in another piece, too.
        val places = List(300) { it } + (FileBytes.PIECE - 40..FileBytes.PIECE + 40) + (bytes.size - 60 until bytes.size)
        for (place in places - ends.toSet()) {
            val wrong = bytes.copyOf().also { it[place] = -1 }
            val error = assertThrows(VocabularyException::class.java) {
                LineTable.read(FileBytes(ByteBuffer.wrap(wrong), 0, wrong.size), lines.size, "x")
            }
            // Of é the first byte is named, which then stands alone.
            val (named, shown) = if (bytes[place] == 0xa9.toByte()) place - 1 to "c3" else place to "ff"
            assertEquals("x: expected UTF-8, found byte 0x$shown at $named; $REBUILD", error.message)
        }
        val cut = "a\n".toByteArray() + byteArrayOf(0xc3.toByte(), '\n'.code.toByte(), 0xa9.toByte(), '\n'.code.toByte())
        val error = assertThrows(VocabularyException::class.java) {
            LineTable.read(FileBytes(ByteBuffer.wrap(cut), 0, cut.size), 3, "x")
        }
        assertEquals("x: expected UTF-8, found byte 0xc3 at 2; $REBUILD", error.message)
    }

    @Test
    fun `every line end is found, wherever it stands in words and pieces`() {
        val random = Random(4)
        repeat(200) {
            val lines = List(1 + random.nextInt(50)) { "x".repeat(random.nextInt(if (it == 7) 70_000 else 12)) }
            val table = table(lines)
            assertEquals(lines, List(table.size, table::line))
        }
    }

    @Test
    fun `blank and repeated lines are refused`() {
        for (blank in listOf("", " ", "\t\r", "\u00a0\u3000", "\u001c\u0085\u2028")) {
            val error = assertThrows(VocabularyException::class.java) { exact(listOf("a", blank)) }
            assertEquals(
                "x line 2: expected text, found an empty line; build the bundle again or copy it again",
                error.message,
            )
        }
        for (text in listOf("a", "é")) {
            val lines = listOf("b", text, "A", "c", text)
            val error = assertThrows(VocabularyException::class.java) { exact(lines) }
            assertEquals(
                "x line 5: expected a line of its own, found '$text', which is also line 2; " +
                    "build the bundle again or copy it again",
                error.message,
            )
        }
    }

    @Test
    fun `a repeated title is refused even where a lower row hides it`() {
        val error = assertThrows(VocabularyException::class.java) { canonical(listOf("Sate", "sate", "SATE", "sate")) }
        assertEquals(
            "x line 4: expected a line of its own, found 'sate', which is also line 2; " +
                "build the bundle again or copy it again",
            error.message,
        )
    }

    @Test
    fun `titles meet in one form and the lower row wins`() {
        val titles = listOf("Sate", "SATE", "ｓａｔｅ", "Straße", "STRASSE") +
            listOf("sate  ayam", "Sate\u00a0Ayam", "ﬁllet", "Fillet")
        val index = canonical(titles)
        val oracle = { title: String -> titles.map(::canonicalTitle).indexOf(canonicalTitle(title)) }
        for (title in titles + listOf("ＳＡＴＥ ", "strasse", " SATE AYAM", "FILLET", "sat", "")) {
            assertEquals(title, oracle(title), index.find(title))
        }
        assertEquals(listOf(0, 3, 5, 7), titles.map(index::find).distinct())
    }

    @Test
    fun `random titles are found where a naive search finds them`() {
        val random = Random(3)
        val letters = "aAbB \u001c\t.éÉßſﬁＡ\u00a0"
        val titles = List(3_000) { String(CharArray(random.nextInt(1, 6)) { letters.random(random) }) }
            .filter { canonicalTitle(it).isNotEmpty() }
            .distinct()
        val index = canonical(titles)
        val oracle = HashMap<String, Int>()
        titles.forEachIndexed { row, title -> oracle.putIfAbsent(canonicalTitle(title), row) }
        for (title in titles) assertEquals(oracle[canonicalTitle(title)], index.find(title))
        repeat(3_000) {
            val title = String(CharArray(random.nextInt(8)) { letters.random(random) })
            assertEquals(oracle[canonicalTitle(title)] ?: -1, index.find(title))
        }
    }

    @Test
    fun `a line hashes as its form does, wherever its words of eight bytes begin`() {
        val random = Random(4)
        val latin = listOf("aZ àáéÿþ", "aà÷×", "aéÉÀ", "eßé", "eé\u0301 ", "aàĀ¿")
        for (hash in listOf(LineHash.Exact(), LineHash.Canonical())) {
            for (letters in listOf("aZ ", "@[`{ Az09~", "aB \t\u001c\u007f", "aB éſＡ\u00a0\u3000", "a\u0000 ") + latin) {
                repeat(4_000) {
                    val line = String(CharArray(random.nextInt(1, 28)) { letters.random(random) })
                    val text = line.toByteArray()
                    val from = random.nextInt(9)
                    // What is around the line must not count.
                    val bytes = random.nextBytes(from) + text + random.nextBytes(8)
                    val words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)
                    val expected = hash.ofForm(hash.form(line))
                    assertEquals("'$line'", expected, hash.of(bytes, words, from, from + text.size))
                }
            }
        }
    }

    @Test
    fun `lines that differ in little hash apart`() {
        for (hash in listOf(LineHash.Exact(), LineHash.Canonical())) {
            val lines = buildSet {
                for (letters in 0 until 26 * 26) {
                    val one = 'a' + letters / 26
                    val other = 'a' + letters % 26
                    for (number in 0 until 40) {
                        add("$one$number$other")
                        add("sate ayam $one nomor $number dengan saus $other")
                    }
                }
            }
            val hashes = lines.map(hash::ofForm).toSet()
            assertTrue("${lines.size - hashes.size} of ${lines.size} meet", lines.size - hashes.size < 20)
        }
    }

    private fun exact(lines: List<String>) = LineIndex.of(table(lines), LineHash.Exact(), "x")

    private fun canonical(titles: List<String>) = LineIndex.of(table(titles), LineHash.Canonical(), "x")

    private fun file(text: String): FileBytes = text.toByteArray().let { FileBytes(ByteBuffer.wrap(it), 0, it.size) }

    private fun table(lines: List<String>): LineTable =
        LineTable.read(file(lines.joinToString("") { "$it\n" }), lines.size, "x")
}
