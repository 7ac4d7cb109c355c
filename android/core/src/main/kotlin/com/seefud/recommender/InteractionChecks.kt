package com.seefud.recommender

/** What the event record forbids, each with its message; see docs/interaction-log.md. */
internal object InteractionChecks {
    /** The year 10000; times are before it. */
    private const val LATEST = 253_402_300_800_000
    private val MODEL_ID = Regex("[0-9a-f]{12}")

    /** @throws InvalidRequestException a part is missing, wrong, or not for this type */
    fun check(event: Interaction) {
        if (event.time !in 0 until LATEST) {
            refuse("time", "milliseconds since 1970, before the year 10000", "${event.time}", "check the clock")
        }
        checkParts(event)
        checkStars(event)
        checkText("title", event.title)
        checkText("product", event.productId)
        checkText("text", event.text)
    }

    /** @throws InvalidRequestException a part is wrong */
    fun check(origin: Origin) {
        val (model, rank, score, list) = origin
        if (model != null && !MODEL_ID.matches(model)) {
            refuse("model", "12 of 0-9 and a-f", quoted(model), "give Ranking.modelId")
        }
        if (rank != null && rank < 1) refuse("rank", "at least 1", "$rank", "count the places of a list from 1")
        if (score != null && !score.isFinite()) {
            refuse("score", "a finite number", "$score", "leave the score out where there is none")
        }
        if (list != null && list < 0) refuse("list", "at least 0", "$list", "take the number from the log")
    }

    private fun checkParts(event: Interaction) {
        val named = event.title ?: event.productId
        if (event.type == InteractionType.SEARCH) {
            if (event.text == null) refuse("text", "what was searched for", "nothing", "do not log empty searches")
            if (named != null) foreign(event.type, "title or product", quoted(named))
        } else {
            if (named == null) refuse("title", "a title or a product's id", "neither", "say which product it was")
            if (event.text != null) foreign(event.type, "text", quoted(event.text))
        }
    }

    private fun checkStars(event: Interaction) {
        if (event.type != InteractionType.RATING) {
            if (event.value != null) foreign(event.type, "value", "${event.value}")
        } else if (event.value !in 1..5) {
            refuse("value", "1 to 5 stars", "${event.value ?: "nothing"}", "map other scales to 1 to 5")
        }
    }

    private fun checkText(where: String, text: String?) {
        if (text == null) return
        if (text.length > Interaction.MOST_CHARACTERS) {
            refuse(where, "at most ${Interaction.MOST_CHARACTERS} characters", "${text.length}", "shorten it")
        }
        for (at in text.indices) {
            val found = if (text[at] == '\u0000') "a NUL" else if (isHalf(text, at)) "half a character" else continue
            refuse(where, "text", "$found at place $at", "leave that character out")
        }
    }

    /** Whether there is half of a surrogate pair [at] this place. */
    fun isHalf(text: String, at: Int): Boolean = when {
        text[at].isHighSurrogate() -> at + 1 == text.length || !text[at + 1].isLowSurrogate()
        text[at].isLowSurrogate() -> at == 0 || !text[at - 1].isHighSurrogate()
        else -> false
    }

    private fun foreign(type: InteractionType, where: String, found: String): Nothing =
        refuse(where, "none for a ${type.wireName}", found, "leave it out or choose another type")

    private fun refuse(where: String, expected: String, found: String, remedy: String): Nothing =
        throw InvalidRequestException(where, expected, found, remedy)
}

private const val MOST_SHOWN = 40

/** A text for a message: in quotes, and not long. */
internal fun quoted(text: String): String =
    if (text.length <= MOST_SHOWN) "\"$text\"" else "\"${text.take(MOST_SHOWN)}...\""
