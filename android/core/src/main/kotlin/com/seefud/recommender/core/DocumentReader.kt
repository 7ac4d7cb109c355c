package com.seefud.recommender.core

import com.seefud.recommender.DocumentException
import com.seefud.recommender.ForeignModelException
import com.seefud.recommender.NewerSchemaException
import com.seefud.recommender.OversizedException
import java.nio.ByteBuffer
import java.nio.charset.CharacterCodingException
import java.util.Collections

/** Reads `bundle.json` of schema 1. Fields that it does not know are left alone, so that later ones can be added. */
internal object DocumentReader {
    /** The schema that is read. */
    const val SCHEMA: Int = 1

    /** The largest `bundle.json`; an honest one has a few thousand bytes. */
    const val MOST_BYTES: Int = 1 shl 20

    private const val AGAIN = "build the bundle again"
    private val RECIPES = listOf("float32", "float16", "dynamic_wi8")

    /**
     * Parses and checks.
     *
     * @param where named in errors
     * @throws OversizedException it is larger than [MOST_BYTES]
     * @throws DocumentException it is not JSON, or a field is missing or of the wrong kind
     * @throws ForeignModelException it has no schema
     * @throws NewerSchemaException its schema is newer than [SCHEMA]
     */
    fun read(content: FileBytes, where: String): BundleDocument {
        if (content.length > MOST_BYTES) {
            val remedy = "do not use this file: no bundle.json of ours is so long"
            throw OversizedException(where, "at most $MOST_BYTES bytes", "${content.length}", remedy)
        }
        val parsed = parse(content, where)
        checkSchema(parsed["schema"], where)
        return fields(DocumentFields(parsed, where), parsed, where)
    }

    @Suppress("UNCHECKED_CAST") // Keys of a parsed object are strings.
    private fun parse(content: FileBytes, where: String): Map<String, Any?> {
        val value = try {
            Json.parse(Charsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content.copy())).toString())
        } catch (problem: CharacterCodingException) {
            throw DocumentException(where, "JSON in UTF-8", "other bytes", AGAIN, problem)
        } catch (problem: JsonException) {
            throw DocumentException(where, "JSON in UTF-8", problem.message.orEmpty(), AGAIN, problem)
        }
        if (value is Map<*, *>) return unchangeable(value) as Map<String, Any?>
        val found = when (value) {
            is List<*> -> "list"
            is String -> "text"
            is Number -> "number"
            else -> value.toString()
        }
        throw DocumentException(where, "a JSON object", found, AGAIN)
    }

    private fun unchangeable(value: Any?): Any? = when (value) {
        is Map<*, *> -> Collections.unmodifiableMap(value.mapValues { unchangeable(it.value) })
        is List<*> -> Collections.unmodifiableList(value.map { unchangeable(it) })
        else -> value
    }

    private fun checkSchema(schema: Any?, where: String) {
        if (schema == null) {
            throw ForeignModelException(where, "a schema version", "none", "give a bundle that seefud build wrote")
        }
        if (schema is Long && schema > SCHEMA && schema <= Int.MAX_VALUE) {
            val remedy = "update this library or build the bundle again with an older toolchain"
            throw NewerSchemaException(where, "schema $SCHEMA or older", "schema $schema", remedy)
        }
        if (schema !is Number || schema.toDouble() != SCHEMA.toDouble()) {
            throw DocumentException("$where: schema", "$SCHEMA", DocumentFields.shown(schema), AGAIN)
        }
    }

    private fun fields(read: DocumentFields, parsed: Map<String, Any?>, where: String): BundleDocument {
        val kind = read.words("kind", "a word")
        val dimension = read.whole("dimension", 1)
        val products = read.whole("products", 1)
        val tokens = read.whole("tokens", 0)
        val historyLength = read.whole("history_length", 1)
        val textLength = read.whole("text_length", 1)
        val topK = read.whole("top_k", 1)
        val prior = prior(read)
        val mixing = if ("mixing" in parsed) mixing(read) else Mixing.NONE
        val calibration = calibration(read)
        val bigrams = bigrams(read)
        val recency = read.oneOf("recency", listOf("none", "inverse_sqrt_age_days"), "none or inverse_sqrt_age_days")
        val interactionWeights = read.numbers("interaction_weights")
        val metrics = read.mapping("metrics")
        val data = read.mapping("data")
        val recipe = read.oneOf("recipe", RECIPES, "one of " + RECIPES.joinToString(", "))
        val minimumRuntime = read.words("minimum_runtime", "a version")
        val modelId = read.hexadecimal("model_id", 12, "12 hexadecimal digits")
        val digests = read.digests("digests")
        for (part in listOf(MODEL_DIGEST, PRODUCTS_FILE, TOKENS_FILE)) {
            read.hexadecimal("digests.$part", 64, "a SHA-256 digest")
        }
        if (topK > products) {
            throw DocumentException("$where: top_k", "at most products ($products)", "$topK", AGAIN)
        }
        val sizes = ProbeReader.Sizes(products, tokens, historyLength, textLength)
        return BundleDocument(
            SCHEMA,
            kind,
            dimension,
            products,
            tokens,
            historyLength,
            textLength,
            topK,
            prior,
            mixing,
            calibration,
            bigrams,
            Recency.valueOf(recency.uppercase()),
            Collections.unmodifiableMap(interactionWeights),
            metrics,
            data,
            recipe,
            minimumRuntime,
            modelId,
            digests,
            ProbeReader.read(parsed, sizes, where),
        )
    }

    private fun prior(read: DocumentFields): Prior {
        read.mapping("prior")
        val beta = read.single("prior.beta")
        val gain = read.gain("prior.gain").toFloat()
        return Prior(beta, gain, read.singleOrNull("prior.cold"), read.numberOr("prior.words", 0.0))
    }

    private fun mixing(read: DocumentFields): Mixing {
        read.mapping("mixing")
        return Mixing(read.number("mixing.lift"), read.notNegative("mixing.crowding"))
    }

    private fun calibration(read: DocumentFields): Calibration {
        read.mapping("calibration")
        read.oneOf("calibration.method", listOf("platt"), "platt")
        val slope = read.number("calibration.slope")
        val ceiling = read.ceiling("calibration.ceiling")
        return Calibration(slope, read.number("calibration.intercept"), ceiling)
    }

    private fun bigrams(read: DocumentFields): Boolean {
        read.mapping("text")
        // Another rule would make other tokens of the same text.
        read.oneOf("text.normalisation", listOf("nfkc-lower-letters-digits"), "nfkc-lower-letters-digits")
        return read.truth("text.bigrams")
    }
}
