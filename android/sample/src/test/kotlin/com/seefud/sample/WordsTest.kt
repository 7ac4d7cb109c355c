package com.seefud.sample

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.w3c.dom.Element
import java.io.File
import javax.xml.parsers.DocumentBuilderFactory

/** English and Indonesian say the same things, with the same gaps to fill. */
class WordsTest {
    private fun words(folder: String): Map<String, List<String>> {
        val main = File(System.getProperty("project.root"), "android/sample/src/main/res/$folder/strings.xml")
        val root = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(main).documentElement
        val nodes = (0 until root.childNodes.length).map { root.childNodes.item(it) }.filterIsInstance<Element>()
        return nodes
            .filter { it.getAttribute("translatable") != "false" }
            .associate { it.getAttribute("name") to gaps(it.textContent) }
    }

    /** The gaps of a plural are those of any of its forms. */
    private fun gaps(text: String): List<String> =
        Regex("%\\d\\$[a-z]").findAll(text).map { it.value }.distinct().sorted().toList()

    @Test
    fun `every string is there in both languages`() {
        val english = words("values")
        assertTrue(english.size > 40)
        assertEquals(english, words("values-in"))
    }
}
