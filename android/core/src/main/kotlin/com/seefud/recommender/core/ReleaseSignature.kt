package com.seefud.recommender.core

import com.seefud.recommender.NewerSignatureSchemaException
import com.seefud.recommender.RollbackException
import com.seefud.recommender.SignatureFormException
import com.seefud.recommender.TrustedKeys
import com.seefud.recommender.UnknownKeyException
import com.seefud.recommender.WrongDigestException
import com.seefud.recommender.WrongModelException
import com.seefud.recommender.WrongSignatureException
import com.seefud.recommender.WrongSizeException
import java.nio.ByteBuffer
import java.security.GeneralSecurityException
import java.security.Signature
import java.util.Locale

private const val AGAIN = "copy the signature file again, or sign the file again with seefud sign"

/**
 * A detached signature as `seefud sign` writes it (docs/delivery.md): what it claims, and ECDSA on P-256 with SHA-256
 * over these claims. Nothing of it is true before [check].
 *
 * @property key id of the key, 16 hexadecimal digits
 * @property release number of the release, 1 to 999,999,999,999,999; a newer one is larger
 * @property modelId of the file, 12 hexadecimal digits
 * @property size bytes of the whole file
 * @property sha256 of the whole file, 64 hexadecimal digits
 */
public class ReleaseSignature private constructor(
    public val key: String,
    public val release: Long,
    public val modelId: String,
    public val size: Int,
    public val sha256: String,
    private val der: ByteArray,
    private val where: String,
) {
    /**
     * Refuses claims that no trusted key has signed.
     *
     * @throws UnknownKeyException the key is not among the trusted ones
     * @throws WrongSignatureException that key did not sign this
     */
    public fun check(trusted: TrustedKeys) {
        val expected = "a signature by a trusted key (${trusted.ids.sorted().joinToString()})"
        val public = trusted[key]
            ?: throw UnknownKeyException(where, expected, "key $key", "check which key the release was signed with")
        val fits = try {
            Signature.getInstance("SHA256withECDSA").run {
                initVerify(public)
                update("seefud-signature-1\n$key\n$release\n$modelId\n$size\n$sha256\n".toByteArray(Charsets.US_ASCII))
                verify(der)
            }
        } catch (_: GeneralSecurityException) {
            false
        }
        if (fits) return
        throw WrongSignatureException(
            where,
            "key $key to have signed release $release of model $modelId",
            "a signature that does not fit",
            "it was altered or made with another key: do not use the file",
        )
    }

    /**
     * Refuses a release that is not newer than one that was here before.
     *
     * @param newerThan the largest number that was here; 0 if none was
     * @throws RollbackException it is not larger
     */
    public fun checkRelease(newerThan: Long) {
        if (release > newerThan) return
        val remedy = "an older release may hold faults that were corrected: sign the file with a larger number if it " +
            "is meant to replace the newer one"
        throw RollbackException(where, "a release above $newerThan", "$release", remedy)
    }

    /**
     * @param size bytes of the file
     * @param name of the file, for messages
     * @throws WrongSizeException the file has another size
     */
    public fun checkSize(size: Long, name: String) {
        if (size == this.size.toLong()) return
        val expected = "${grouped(this.size.toLong())} bytes, as signed"
        throw WrongSizeException(name, expected, grouped(size), "copy the file again")
    }

    /**
     * @param content of the whole file, from the buffer's position to its limit
     * @param name of the file, for messages
     * @throws WrongSizeException the file has another size
     * @throws WrongDigestException the file has other bytes
     */
    public fun checkContent(content: ByteBuffer, name: String) {
        val bytes = content.slice()
        checkSize(bytes.limit().toLong(), name)
        val found = FileBytes(bytes, 0, bytes.limit()).sha256()
        if (found == sha256) return
        val shown = "${found.take(SHOWN)}...: the bytes were changed"
        throw WrongDigestException(name, "SHA-256 ${sha256.take(SHOWN)}..., as signed", shown, "copy the file again")
    }

    /**
     * @param modelId what the file calls itself
     * @param name of the file, for messages
     * @throws WrongModelException the signature is of another model
     */
    public fun checkModel(modelId: String, name: String) {
        if (modelId == this.modelId) return
        throw WrongModelException(name, "model ${this.modelId}, as signed", modelId, "sign the file again")
    }

    public companion object {
        /** More than twice what schema 1 can need. */
        public const val MOST_BYTES: Int = 1024

        private const val SCHEMA = 1
        private const val SHOWN = 12
        private const val MOST_SHOWN = 40
        private val FORM = Regex(
            """\{"schema":1,"key":"([0-9a-f]{16})","release":([1-9][0-9]{0,14}),"model_id":"([0-9a-f]{12})",""" +
                """"size":([1-9][0-9]{0,9}),"sha256":"([0-9a-f]{64})","signature":"([A-Za-z0-9+/=]{8,96})"\}""" + "\n",
        )
        private val ANY_SCHEMA = Regex("""\{"schema":([1-9][0-9]{0,8}),""")

        /**
         * Reads a signature file, which has exactly one form.
         *
         * @param content of the file; it may be cut after [MOST_BYTES] + 1
         * @param where named in errors
         * @throws NewerSignatureSchemaException it has a larger schema
         * @throws SignatureFormException it is not, byte for byte, in the one form
         */
        @JvmStatic
        public fun parse(content: ByteArray, where: String): ReleaseSignature {
            fun malformed(expected: String, found: String, place: String = where) =
                SignatureFormException(place, expected, found, AGAIN)
            if (content.size > MOST_BYTES) {
                throw malformed("a signature file of at most ${grouped(MOST_BYTES.toLong())} bytes", "more")
            }
            val text = String(content, Charsets.ISO_8859_1)
            val parts = FORM.matchEntire(text)?.groupValues
            if (parts == null) {
                val schema = ANY_SCHEMA.find(text)?.takeIf { it.range.first == 0 }?.groupValues?.get(1)?.toInt()
                if (schema != null && schema > SCHEMA) {
                    val remedy = "update this library"
                    throw NewerSignatureSchemaException(where, "signature schema $SCHEMA", "$schema", remedy)
                }
                val line = """one line {"schema":1,"key":"...","release":...,"model_id":"...","size":...,""" +
                    """"sha256":"...","signature":"..."}"""
                throw malformed(line, excerpt(text))
            }
            val size = parts[4].toLong()
            if (size > Int.MAX_VALUE) {
                throw malformed("a size of at most ${grouped(Int.MAX_VALUE.toLong())}", grouped(size))
            }
            val place = "$where: signature"
            val der = Base64Text.decode(parts[6])
                ?: throw malformed("the one base64 spelling of its bytes", "another text", place)
            if (!EcdsaForm.isDer(der)) throw malformed("DER of two numbers", "other bytes", place)
            if (!EcdsaForm.isInRange(der)) {
                throw malformed("two numbers r from 1 to n - 1 and s from 1 to n / 2", "others", place)
            }
            return ReleaseSignature(parts[1], parts[2].toLong(), parts[3], size.toInt(), parts[5], der, where)
        }

        private fun excerpt(text: String): String {
            if (text.isEmpty()) return "an empty file"
            val shown = text.take(MOST_SHOWN).map { if (it in ' '..'~') it else '?' }.joinToString("")
            return "${text.length} bytes that begin '$shown'"
        }

        private fun grouped(number: Long) = String.format(Locale.ROOT, "%,d", number)
    }
}
