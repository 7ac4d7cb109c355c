package com.seefud.recommender

import java.security.SecureRandom

/** Names an installation for those who read its export; says nothing of the person or the phone. */
internal object Installation {
    private const val BYTES = 16
    private val FORM = Regex("[0-9a-f]{32}")

    /** 32 random hexadecimal digits. */
    fun random(): String {
        val bytes = ByteArray(BYTES).also { SecureRandom().nextBytes(it) }
        return bytes.joinToString("") { (it.toInt() and 0xFF).toString(16).padStart(2, '0') }
    }

    /** Whether a text may have come from [random]. */
    fun isOne(text: String): Boolean = FORM.matches(text)
}
