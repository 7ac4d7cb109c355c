package com.seefud.recommender.core

import com.google.gson.JsonArray
import com.google.gson.JsonElement
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import com.seefud.recommender.Filter
import com.seefud.recommender.Product
import com.seefud.recommender.Profile
import com.seefud.recommender.Recommendation
import java.io.File
import kotlin.math.abs

/**
 * Asks a model every question of a `golden.json` and compares each step, by the tolerances of docs/file-format.md: the
 * signatures with the rows and tokens that the file gives, then [Ranker] with its titles and texts. Uses public classes
 * alone, so that any implementation of [Model] can be replayed.
 *
 * @param golden the file
 * @param bundle the model that it belongs to
 * @param model runs that bundle
 */
class GoldenReplay(golden: File, private val bundle: Bundle, private val model: Model) {
    private val content = JsonParser.parseString(golden.readText()).asJsonObject
    private val document = bundle.document
    private val ranker = Ranker(bundle, model)
    private val found = ArrayList<String>()
    private var where = ""

    /** How many questions the file has. */
    val cases: Int get() = content["cases"].asJsonArray.size()

    /** One line for each answer that is wrong; empty if all are right. */
    fun mismatches(): List<String> {
        found.clear()
        where = "model"
        val about = content["model"].asJsonObject
        check("model_id", about["model_id"].asString == document.modelId)
        check("schema", content["schema"].asInt == 1)
        for (case in content["cases"].asJsonArray) replay(case.asJsonObject)
        return found.toList()
    }

    private fun replay(case: JsonObject) {
        where = case["name"].asString
        val tolerance = case["tolerance"].asFloat
        val profile = profile(case)
        val size = maxOf(1f, case["profile"].floats().maxOf { abs(it) })
        checkNear("profile", case["profile"].floats(), profile, STEP * size)
        val scores = FloatArray(document.products)
        model.score(profile).get(scores)
        val rows = case["rows"].ints()
        checkNear("scores", case["scores"].floats(), FloatArray(rows.size) { scores[rows[it]] }, tolerance)
        checkRanking(case, rows, scores, tolerance)
        checkTitles(case)
        checkMixed(case, profile)
        checkRanker(case, scores, tolerance)
    }

    /** The plain weighted sum, folded in chunks of H. */
    private fun profile(case: JsonObject): FloatArray {
        val dimension = document.dimension
        val sum = FloatArray(dimension)
        val weights = case["weights"].floats()
        val history = case["history"].ints()
        val slots = document.historyLength
        for (start in history.indices step slots) {
            val vectors = FloatArray(slots * dimension)
            model.embedProducts(IntArray(slots) { history.getOrElse(start + it) { -1 } }, vectors)
            for (slot in 0 until minOf(slots, history.size - start)) {
                for (at in 0 until dimension) sum[at] += weights[start + slot] * vectors[slot * dimension + at]
            }
        }
        for (search in case["searches"].objects()) {
            val vector = textVector(search)
            for (at in 0 until dimension) sum[at] += search["weight"].asFloat * vector[at]
        }
        case["cold"].objects().forEach { textVector(it) }
        return sum
    }

    private fun textVector(text: JsonObject): FloatArray {
        val tokens = text["tokens"].ints()
        val vector = FloatArray(document.dimension)
        model.embedText(IntArray(document.textLength) { tokens.getOrElse(it) { -1 } }, vector)
        checkNear("vector of \"${text["text"].asString}\"", text["vector"].floats(), vector, STEP)
        return vector
    }

    /** The same rows, where rows whose scores differ by at most two tolerances may change places. */
    private fun checkRanking(case: JsonObject, rows: IntArray, scores: FloatArray, tolerance: Float) {
        val out = (case["history"].ints() + case["exclude"].ints()).toSet()
        val best = scores.indices.filter { it !in out }.sortedByDescending { scores[it] }.take(rows.size)
        val near = best.zip(rows.asList()) { a, b -> abs(scores[a] - scores[b]) <= 2 * tolerance }
        check("ranking", rows.size == best.size && near.all { it } && rows.none { it in out })
    }

    private fun checkTitles(case: JsonObject) {
        val rows = case["rows"].ints()
        val titles = case["titles"].asJsonArray.map { it.asString }
        check("titles", titles == rows.map { bundle.title(it) })
        check("rows of titles", rows.asList() == titles.map { bundle.row(it) })
    }

    /** The whole way: titles and texts in, a ranking out. */
    private fun checkRanker(case: JsonObject, scores: FloatArray, tolerance: Float) {
        val builder = Profile.Builder()
        val weights = case["weights"].floats()
        for ((at, title) in case["history_titles"].asJsonArray.withIndex()) {
            if (!title.isJsonNull) builder.like(title.asString, weights[at])
        }
        for (search in case["searches"].objects()) builder.search(search["text"].asString, search["weight"].asFloat)
        val question = builder.build()
        val excluded = case["exclude"].ints().map { bundle.title(it) }
        val list = ranker.recommend(question, content["k"].asInt, Filter.exclude(excluded))
        compare("recommend", case, list, tolerance)
        check("recommend's own order", list.map { it.score } == list.map { it.score }.sortedDescending())
        val same = list.all { abs(it.score - scores[it.row ?: -1]) <= STEP }
        check("recommend's scores are the model's", same)
        // A text that is a title is ranked by its row.
        val cold = case["cold"].objects().filter { bundle.row(it["text"].asString) < 0 }
        for (text in cold) {
            val answer = ranker.rank(question, listOf(Product(text["text"].asString))).single()
            checkNear("cold score", floatArrayOf(text["score"].asFloat), floatArrayOf(answer.score), STEP)
            checkProbability("cold", text["probability"].asFloat, answer.probability, STEP)
            check("known", answer.known == text["vector"].floats().any { it != 0f })
        }
    }

    /** Products with a row and cold texts in one list, by the scores that were written. */
    private fun checkMixed(case: JsonObject, profile: FloatArray) {
        val cold = case["cold"].objects()
        val scores = case["scores"].floats()
        val texts = cold.map { it["score"].asFloat }
        val best = texts.indices.sortedByDescending { texts[it] }
        val mixing = if (profile.all { it == 0f }) Mixing.NONE else document.mixing
        val known = scores.mapIndexed { place, score -> Offer(place, score, null, null) }
        val new = best.map { Offer(-1 - it, texts[it], null, null) }
        val found = mixed(known, new, content["k"].asInt, mixing).map { it.row }
        val expected = case["mixed"].ints().asList()
        check("mixed", if (cold.isEmpty()) expected.isEmpty() else found == expected)
    }

    private fun compare(what: String, case: JsonObject, list: List<Recommendation>, tolerance: Float) {
        val expected = case["scores"].floats()
        check("$what: length", list.size == expected.size)
        for ((place, each) in list.withIndex()) {
            // A right answer may swap near ties, so that a place's score is compared, and its row only if it is clear.
            checkNear("$what: score $place", floatArrayOf(expected[place]), floatArrayOf(each.score), 2 * tolerance)
            checkProbability("$what $place", case["probabilities"].floats()[place], each.probability, 2 * tolerance)
            val gap = expected.indices.filter { it != place }.minOfOrNull { abs(expected[it] - expected[place]) }
            val isClear = gap != null && gap > 4 * tolerance && place + 1 < expected.size
            if (isClear) check("$what: row $place", each.row == case["rows"].ints()[place])
        }
    }

    private fun checkProbability(what: String, expected: Float, actual: Float, tolerance: Float) {
        val steep = abs(document.calibration.slope).toFloat() / 4 * tolerance + STEP
        checkNear("probability of $what", floatArrayOf(expected), floatArrayOf(actual), steep)
    }

    private fun checkNear(what: String, expected: FloatArray, actual: FloatArray, tolerance: Float) {
        if (expected.size != actual.size) return check("$what: ${actual.size} numbers, not ${expected.size}", false)
        val apart = expected.indices.maxOfOrNull { abs(expected[it] - actual[it]) } ?: 0f
        check("$what: off by $apart, $tolerance is allowed", apart <= tolerance)
    }

    private fun check(what: String, isRight: Boolean) {
        if (!isRight) found.add("$where: $what")
    }

    private fun JsonElement.floats() = FloatArray(asJsonArray.size()) { asJsonArray[it].asFloat }

    private fun JsonElement.ints() = IntArray(asJsonArray.size()) { asJsonArray[it].asInt }

    private fun JsonElement.objects(): List<JsonObject> = (this as JsonArray).map { it.asJsonObject }

    private companion object {
        const val STEP = 1e-5f
    }
}
