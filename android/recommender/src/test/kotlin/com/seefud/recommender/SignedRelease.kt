package com.seefud.recommender

import com.seefud.recommender.core.Bundle
import java.io.File
import java.math.BigInteger
import java.nio.ByteBuffer
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.MessageDigest
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import java.util.Base64

/** A key that signs as `seefud sign` does, written from docs/delivery.md alone. */
internal class Signer {
    private val pair: KeyPair = KeyPairGenerator.getInstance("EC").run {
        initialize(ECGenParameterSpec("secp256r1"))
        generateKeyPair()
    }

    val pem: String = "-----BEGIN PUBLIC KEY-----\n" +
        Base64.getMimeEncoder(64, "\n".toByteArray()).encodeToString(pair.public.encoded) + "\n-----END PUBLIC KEY-----\n"

    val id: String = hex(MessageDigest.getInstance("SHA-256").digest(pair.public.encoded)).take(16)

    /** Writes `name` and `name.sig` into a folder. */
    fun release(folder: File, number: Long, content: ByteArray, modelId: String = modelId(content)): SignedRelease {
        folder.mkdirs()
        val sha = hex(MessageDigest.getInstance("SHA-256").digest(content))
        val message = "seefud-signature-1\n$id\n$number\n$modelId\n${content.size}\n$sha\n"
        val signature = Base64.getEncoder().encodeToString(sign(message.toByteArray()))
        val line = """{"schema":1,"key":"$id","release":$number,"model_id":"$modelId","size":${content.size},""" +
            """"sha256":"$sha","signature":"$signature"}""" + "\n"
        val model = File(folder, "new-$number.tflite").apply { writeBytes(content) }
        return SignedRelease(model, File(folder, "new-$number.tflite.sig").apply { writeText(line) })
    }

    private fun sign(message: ByteArray): ByteArray {
        val der = Signature.getInstance("SHA256withECDSA").run {
            initSign(pair.private)
            update(message)
            sign()
        }
        val r = BigInteger(der.copyOfRange(4, 4 + der[3]))
        val s = BigInteger(der.copyOfRange(6 + der[3], der.size))
        val low = minOf(s, ORDER - s)
        val body = integer(r) + integer(low)
        return byteArrayOf(0x30, body.size.toByte()) + body
    }

    private fun integer(number: BigInteger) = number.toByteArray().let { byteArrayOf(0x02, it.size.toByte()) + it }

    companion object {
        private val ORDER = BigInteger("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", 16)

        private fun hex(bytes: ByteArray) = bytes.joinToString("") { "%02x".format(it) }

        /** Of a file that can be read; else something of the right form. */
        fun modelId(content: ByteArray): String = try {
            Bundle.read(ByteBuffer.wrap(content), "x").document.modelId
        } catch (_: RecommenderException) {
            "0123456789ab"
        }
    }
}

/** What an app downloads. */
internal class SignedRelease(val model: File, val signature: File)
