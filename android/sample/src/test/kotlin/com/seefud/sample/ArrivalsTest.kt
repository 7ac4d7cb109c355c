package com.seefud.sample

import com.seefud.recommender.Product
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File

class ArrivalsTest {
    @Test
    fun `quotes, commas and line ends of every kind`() {
        val csv =
            "Title,Ingredients\r\nsoto,\"ayam, serai\"\nsate pedas,\n" +
                "\"nasi \"\"gurih\"\"\",santan\n,leftover\nsup"
        assertEquals(
            listOf(
                Product("soto", "ayam, serai"),
                Product("sate pedas"),
                Product("nasi \"gurih\"", "santan"),
                Product("sup"),
            ),
            productsOf(csv),
        )
    }

    @Test
    fun `the asset holds twelve dishes with their ingredients`() {
        val root = File(System.getProperty("project.root"))
        val arrivals = productsOf(root.resolve("android/sample/src/main/assets/arrivals.csv").readText())
        assertEquals(12, arrivals.size)
        assertEquals("nasi goreng bacem", arrivals[0].title)
        assertTrue(arrivals.all { it.ingredients.isNotBlank() })
    }
}
