package com.seefud.recommender

import com.seefud.recommender.core.Base64Text
import com.seefud.recommender.core.FileBytes
import java.math.BigInteger
import java.nio.ByteBuffer
import java.security.GeneralSecurityException
import java.security.KeyFactory
import java.security.PublicKey
import java.security.spec.X509EncodedKeySpec

/**
 * The public keys whose releases an app takes: those of a `.public.pem` that `seefud keygen` wrote, or of several such
 * files one after the other, which is how keys are rotated.
 *
 * @property ids the first 16 hexadecimal digits of the SHA-256 of each key's DER
 */
public class TrustedKeys private constructor(private val keys: Map<String, PublicKey>) {
    public val ids: Set<String> get() = keys.keys

    internal operator fun get(id: String): PublicKey? = keys[id]

    override fun toString(): String = "TrustedKeys(${keys.keys.joinToString()})"

    public companion object {
        private const val BEGIN = "-----BEGIN "
        private const val DASHES = "-----"
        private const val REMEDY = "give what seefud keygen wrote as NAME.public.pem"

        /** SubjectPublicKeyInfo of P-256 with an uncompressed point, up to the point (RFC 5480, section 2). */
        private val PREFIX = BigInteger("3059301306072a8648ce3d020106082a8648ce3d03010703420004", 16).toByteArray()
        private const val KEY_BYTES = 91

        /**
         * The keys of a text in PEM, at least one.
         *
         * @throws InvalidKeyException there is none, or one is private, broken or not of P-256
         */
        @JvmStatic
        public fun ofPem(text: String): TrustedKeys {
            val keys = LinkedHashMap<String, PublicKey>()
            var from = text.indexOf(BEGIN)
            while (from >= 0) {
                val end = text.indexOf(DASHES, from + BEGIN.length)
                val label = if (end < 0) "" else text.substring(from + BEGIN.length, end)
                val stop = if (end < 0) -1 else text.indexOf("-----END $label-----", end)
                if (stop < 0) throw invalid("a block of PEM", "one without its end")
                if ("PRIVATE" in label) throw invalid("public keys", "a private one")
                val der = Base64Text.decode(text.substring(end + DASHES.length, stop).filterNot { it.isWhitespace() })
                    ?: throw invalid("base64 in the block $label", "something else")
                keys[FileBytes(ByteBuffer.wrap(der), 0, der.size).sha256().take(ID_DIGITS)] = key(der)
                from = text.indexOf(BEGIN, stop)
            }
            if (keys.isEmpty()) throw invalid("public keys in PEM", "none")
            return TrustedKeys(keys)
        }

        private fun key(der: ByteArray): PublicKey {
            if (der.size != KEY_BYTES || PREFIX.indices.any { der[it] != PREFIX[it] }) {
                throw invalid("a public key of P-256", "another key of ${der.size} bytes")
            }
            try {
                return KeyFactory.getInstance("EC").generatePublic(X509EncodedKeySpec(der))
            } catch (problem: GeneralSecurityException) {
                throw invalid("a public key of P-256", problem.message ?: problem.toString(), problem)
            }
        }

        private fun invalid(expected: String, found: String, cause: Throwable? = null) =
            InvalidKeyException("trusted keys", expected, found, REMEDY, cause)
    }
}

private const val ID_DIGITS = 16
