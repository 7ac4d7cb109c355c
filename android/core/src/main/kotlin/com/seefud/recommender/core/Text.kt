package com.seefud.recommender.core

import java.text.Normalizer

/**
 * Text as the token vocabulary sees it: NFKC, full lower case without a locale, then everything that is neither a
 * letter (general category L*) nor a decimal digit (Nd) becomes a space; runs of spaces become one, the ends are
 * trimmed. The rule `nfkc-lower-letters-digits` of `bundle.json`; `tests/golden/text.json` has the hard cases.
 *
 * Letters that are newer than the device's Unicode tables count as unknown characters, so as spaces.
 */
internal fun normalise(text: String): String {
    val source = compatible(text)
    val out = StringBuilder(source.length)
    var apart = false
    var at = 0
    while (at < source.length) {
        val code = source.codePointAt(at)
        val lower = lowerCase(source, at, code)
        at += Character.charCount(code)
        if (isWordPart(lower)) {
            if (apart && out.isNotEmpty()) out.append(' ')
            out.appendCodePoint(lower)
            apart = false
        } else {
            apart = true
        }
        // The only full mapping that is longer than a simple one gives a combining mark, which ends the word.
        if (code == CAPITAL_I_WITH_DOT) apart = true
    }
    return out.toString()
}

/** The words of the normalised text in their order, repeated ones too. */
internal fun wordSequence(text: String): List<String> {
    val normalised = normalise(text)
    return if (normalised.isEmpty()) emptyList() else normalised.split(' ')
}

/**
 * The form in which titles meet: NFKC, full case folding, white space trimmed and collapsed to single spaces. White
 * space is Unicode's White_Space and U+001C to U+001F.
 */
internal fun canonicalTitle(text: String): String = onOneLine(compatible(text), ::appendFolded)

/** Text on one line: white space trimmed at the ends, each inner run (line breaks too) one space. */
internal fun collapse(text: String): String = onOneLine(text) { out, code -> out.appendCodePoint(code) }

private inline fun onOneLine(text: String, append: (StringBuilder, Int) -> Unit): String {
    val out = StringBuilder(text.length)
    var apart = false
    var at = 0
    while (at < text.length) {
        val code = text.codePointAt(at)
        at += Character.charCount(code)
        if (isWhiteSpace(code)) {
            apart = true
            continue
        }
        if (apart && out.isNotEmpty()) out.append(' ')
        apart = false
        append(out, code)
    }
    return out.toString()
}

/** Whether a code point is white space to [canonicalTitle]: a fixed set, as platforms disagree (Java's has no U+00A0). */
internal fun isWhiteSpace(code: Int): Boolean = when (code) {
    in 0x09..0x0D, in 0x1C..0x20, 0x85, 0xA0, 0x1680, in 0x2000..0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true
    else -> false
}

/** NFKC; ASCII, which is most of a catalogue, and the letters of Latin 1 are already in that form (UAX 15, section 9). */
private fun compatible(text: String): String {
    for (each in text) {
        if (each.code >= 0x80 && each !in 'À'..'ÿ') return Normalizer.normalize(text, Normalizer.Form.NFKC)
    }
    return text
}

private fun isWordPart(code: Int): Boolean {
    if (code < 0x80) return code in 'a'.code..'z'.code || code in '0'.code..'9'.code || code in 'A'.code..'Z'.code
    return Character.isLetter(code) || Character.getType(code) == Character.DECIMAL_DIGIT_NUMBER.toInt()
}

/** Unicode's default mapping of one code point in its context, without the dot that follows a lowered `İ`. */
private fun lowerCase(source: String, at: Int, code: Int): Int = when {
    code < 0x80 -> if (code in 'A'.code..'Z'.code) code + 32 else code
    code == CAPITAL_I_WITH_DOT -> 'i'.code
    code == CAPITAL_SIGMA -> if (isFinal(source, at)) FINAL_SIGMA else SMALL_SIGMA
    else -> Character.toLowerCase(code)
}

/**
 * Unicode's Final_Sigma: a cased letter before and none after, case-ignorable characters aside. Not left to
 * `String.lowercase`, which asks for word boundaries on a JVM and looks at neighbours only on Android.
 */
private fun isFinal(source: String, at: Int): Boolean {
    var before = at
    while (before > 0) {
        val code = source.codePointBefore(before)
        before -= Character.charCount(code)
        if (isCaseIgnorable(code)) continue
        return isCased(code) && !isCasedAfter(source, at + 1)
    }
    return false
}

private fun isCasedAfter(source: String, start: Int): Boolean {
    var after = start
    while (after < source.length) {
        val code = source.codePointAt(after)
        if (!isCaseIgnorable(code)) return isCased(code)
        after += Character.charCount(code)
    }
    return false
}

private fun isCased(code: Int): Boolean =
    Character.isLowerCase(code) || Character.isUpperCase(code) || Character.isTitleCase(code)

/** Case_Ignorable: marks, format characters, modifiers, and what Word_Break calls MidLetter, MidNumLet, Single_Quote. */
private fun isCaseIgnorable(code: Int): Boolean = when (Character.getType(code).toByte()) {
    Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT,
    Character.MODIFIER_LETTER, Character.MODIFIER_SYMBOL,
    -> true
    else -> code <= 0xFFFF && WITHIN_WORDS.indexOf(code.toChar()) >= 0
}

private const val WITHIN_WORDS =
    "'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A"
private const val CAPITAL_I_WITH_DOT = 0x130
private const val CAPITAL_SIGMA = 0x3A3
private const val SMALL_SIGMA = 0x3C3
private const val FINAL_SIGMA = 0x3C2
