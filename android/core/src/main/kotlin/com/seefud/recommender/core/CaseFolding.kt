package com.seefud.recommender.core

/**
 * Appends the full case folding (CaseFolding.txt of Unicode, statuses C and F) of one code point.
 *
 * Java has simple mappings only: upper case, then lower case, is the folding of all but the letters listed here. What
 * NFKC takes apart (the ligatures, for instance) is not listed, as [canonicalTitle] folds after NFKC.
 */
internal fun appendFolded(out: StringBuilder, code: Int) {
    if (code < 0x80) {
        out.append(if (code in 'A'.code..'Z'.code) (code + 32).toChar() else code.toChar())
        return
    }
    val several = severalLetters(code)
    if (several != null) out.append(several) else out.appendCodePoint(oneLetter(code))
}

private fun oneLetter(code: Int): Int = when (code) {
    0x131 -> code // dotless i is not i
    in 0x13A0..0x13F5 -> code // Cherokee folds to its capitals, the older letters
    in 0x13F8..0x13FD -> code - 0x8
    in 0xAB70..0xABBF -> code - 0x97D0
    else -> Character.toLowerCase(Character.toUpperCase(code))
}

private fun severalLetters(code: Int): String? = when (code) {
    in 0x1F80..0x1FAF -> greekWithIota(code)
    0xDF, 0x1E9E -> "ss"
    0x130 -> "i\u0307"
    0x1F0 -> "j\u030C"
    0x390 -> "\u03B9\u0308\u0301"
    0x3B0 -> "\u03C5\u0308\u0301"
    0x1E96 -> "h\u0331"
    0x1E97 -> "t\u0308"
    0x1E98 -> "w\u030A"
    0x1E99 -> "y\u030A"
    0x1F50 -> "\u03C5\u0313"
    0x1F52 -> "\u03C5\u0313\u0300"
    0x1F54 -> "\u03C5\u0313\u0301"
    0x1F56 -> "\u03C5\u0313\u0342"
    0x1FB2 -> "\u1F70\u03B9"
    0x1FB3, 0x1FBC -> "\u03B1\u03B9"
    0x1FB4 -> "\u03AC\u03B9"
    0x1FB6 -> "\u03B1\u0342"
    0x1FB7 -> "\u03B1\u0342\u03B9"
    0x1FC2 -> "\u1F74\u03B9"
    0x1FC3, 0x1FCC -> "\u03B7\u03B9"
    0x1FC4 -> "\u03AE\u03B9"
    0x1FC6 -> "\u03B7\u0342"
    0x1FC7 -> "\u03B7\u0342\u03B9"
    0x1FD2 -> "\u03B9\u0308\u0300"
    0x1FD6 -> "\u03B9\u0342"
    0x1FD7 -> "\u03B9\u0308\u0342"
    0x1FE2 -> "\u03C5\u0308\u0300"
    0x1FE4 -> "\u03C1\u0313"
    0x1FE6 -> "\u03C5\u0342"
    0x1FE7 -> "\u03C5\u0308\u0342"
    0x1FF2 -> "\u1F7C\u03B9"
    0x1FF3, 0x1FFC -> "\u03C9\u03B9"
    0x1FF4 -> "\u03CE\u03B9"
    0x1FF6 -> "\u03C9\u0342"
    0x1FF7 -> "\u03C9\u0342\u03B9"
    else -> null
}

/** Alpha, eta and omega with breathing and iota: eight letters each, small ones and capitals. */
private fun greekWithIota(code: Int): String {
    val plain = when (code and 0xF0) {
        0x80 -> 0x1F00
        0x90 -> 0x1F20
        else -> 0x1F60
    }
    return charArrayOf((plain + (code and 7)).toChar(), '\u03B9').concatToString()
}
