package com.seefud.recommender

import com.google.gson.JsonArray
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File
import java.util.Random

class ProfileFromTest {
    private val golden = JsonParser.parseString(
        File(System.getProperty("project.root"), "tests/golden/profile.json").readText(),
    ).asJsonObject

    @Test
    fun `every golden log gives the profile that Python gives`() {
        val cases = golden.getAsJsonArray("cases").map { it.asJsonObject }
        assertTrue("cases were lost", cases.size > 30)
        for (case in cases) {
            val events = if (case.has("made")) longLog(case["made"].asInt) else case.getAsJsonArray("events").events()
            val expected = case.getAsJsonArray("profile").map { it.asJsonObject.item() }
            assertEquals(case["name"].asString, expected, Profile.from(events, case.getAsJsonObject("rules").rules()).items)
        }
    }

    @Test
    fun `the defaults are Python's`() {
        val defaults = golden.getAsJsonObject("defaults")
        val rules = ProfileRules()
        assertEquals(defaults.getAsJsonObject("weights").weights(), rules.weights)
        assertEquals(defaults["dislike"].asDouble, rules.dislike, 0.0)
        assertEquals(defaults["recency"].asBoolean, rules.recency)
    }

    @Test
    fun `the events may come in any order if no two times are equal`() {
        val events = longLog(1_000).distinctBy { it.time }
        assertTrue("the log was lost", events.size > 800)
        val shuffled = events.shuffled(Random(3))
        assertEquals(Profile.from(events), Profile.from(shuffled))
    }

    @Test
    fun `rules that cannot be followed are refused`() {
        fun refused(rules: () -> ProfileRules) = assertThrows(InvalidRequestException::class.java) { rules() }.message
        assertEquals(
            "weight of view: expected a number from 0 to 5, found -1.0; leave it out for the default",
            refused { ProfileRules(mapOf(InteractionType.VIEW to -1.0)) },
        )
        assertEquals(
            "dislike: expected a number from 0 to 5, found NaN; leave it out for the default",
            refused { ProfileRules(dislike = Double.NaN) },
        )
        assertEquals(
            "weight of impression: expected none, found 1.0; leave it out: what was shown says nothing of what is liked",
            refused { ProfileRules(mapOf(InteractionType.IMPRESSION to 1.0)) },
        )
    }

    /** As tests/golden/write_profile.py makes it. */
    private fun longLog(length: Int): List<Interaction> = List(length) { n ->
        val time = 1_764_000_000_000 + n * 3_600_000L / 3 - if (n % 7 == 0) 3 * 86_400_000L else 0
        val product = Product((if (n % 3 == 0) "DISH" else "dish") + " ${n * n % 337}")
        when (val type = InteractionType.entries[n % 8]) {
            InteractionType.SEARCH -> Interaction.search("word ${n % 29}", time = time)
            InteractionType.RATING -> Interaction.rating(product, n % 5 + 1, time = time)
            else -> Interaction.of(type, time, product.title)
        }
    }

    private fun JsonArray.events(): List<Interaction> = map { it.asJsonObject }.map { event ->
        Interaction.of(
            InteractionType.of(event["type"].asString)!!,
            event["time"].asLong,
            event["title"]?.asString,
            event["product"]?.asString,
            event["text"]?.asString,
            event["value"]?.asInt,
        )
    }

    private fun JsonObject.item(): ProfileItem {
        val text = this["text"].asString
        // Python writes a float32 exactly, as a double.
        val weight = this["weight"].asDouble.toFloat()
        if (this["kind"].asString == "search") return ProfileItem.Searched(text, weight, null)
        return ProfileItem.Liked(Product(text, id = this["product"]?.asString), weight, null)
    }

    private fun JsonObject.rules(): ProfileRules {
        val defaults = ProfileRules()
        return ProfileRules(
            this["weights"]?.asJsonObject?.weights() ?: defaults.weights,
            this["dislike"]?.asDouble ?: defaults.dislike,
            this["recency"]?.asBoolean ?: defaults.recency,
        )
    }

    private fun JsonObject.weights(): Map<InteractionType, Double> =
        entrySet().associate { (name, weight) -> InteractionType.of(name)!! to weight.asDouble }
}
