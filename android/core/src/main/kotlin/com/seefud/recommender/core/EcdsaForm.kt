package com.seefud.recommender.core

import java.math.BigInteger

/**
 * The DER of an ECDSA signature on P-256, `SEQUENCE { INTEGER r, INTEGER s }`, in its one form.
 *
 * The runtime's own check is not enough: some took r = s = 0 (CVE-2022-21449), and `(r, n - s)` is as good as `(r, s)`,
 * so that anyone could write a second signature.
 */
internal object EcdsaForm {
    /** n of P-256 (SEC 2, section 2.4.2). */
    private val ORDER = BigInteger("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", 16)
    private val HALF = ORDER.shiftRight(1)
    private const val SEQUENCE = 0x30
    private const val INTEGER = 0x02
    private const val LONG_FORM = 0x80

    /** Whether it is minimal and complete DER of two numbers that are not negative. */
    fun isDer(der: ByteArray): Boolean = numbers(der) != null

    /** Whether, besides, 1 <= r < n and 1 <= s <= n / 2. */
    fun isInRange(der: ByteArray): Boolean {
        val (r, s) = numbers(der) ?: return false
        return r.signum() > 0 && r < ORDER && s.signum() > 0 && s <= HALF
    }

    private fun numbers(der: ByteArray): Pair<BigInteger, BigInteger>? {
        if (der.size < 2 || der[0].toInt() != SEQUENCE || der[1].toInt() != der.size - 2) return null
        val first = integerEnd(der, 2) ?: return null
        val second = integerEnd(der, first) ?: return null
        if (second != der.size) return null
        return BigInteger(der.copyOfRange(4, first)) to BigInteger(der.copyOfRange(first + 2, second))
    }

    private fun integerEnd(der: ByteArray, start: Int): Int? {
        if (start + 2 > der.size || der[start].toInt() != INTEGER) return null
        val length = der[start + 1].toInt()
        val end = start + 2 + length
        if (length < 1 || end > der.size) return null
        val first = der[start + 2].toInt()
        val isPadded = first == 0 && length > 1 && der[start + 3].toInt() and LONG_FORM == 0
        return if (first < 0 || isPadded) null else end
    }
}
