package com.seefud.packaging

import com.android.apksig.ApkSigner
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.security.KeyStore
import java.security.PrivateKey
import java.security.cert.X509Certificate
import java.util.zip.ZipEntry
import java.util.zip.ZipFile
import java.util.zip.ZipOutputStream

/** The sample as a release build: shrunk by R8, packed, aligned and signed with a key made for the occasion. */
internal object Apk {
    /** @return the signed file */
    fun build(folder: File): File {
        val dex = File(folder, "dex").apply { mkdirs() }
        val program = Shrinker.library(folder) + Parts.coroutinesAndroid + Parts.sample + Parts.tensorflowLite
        val files = listOf(Parts.sampleResourceRules, Parts.tensorflowLiteRules, Parts.consumerRules)
        // Of Android's default rules, the one that matters: coroutines name an annotation that no app needs.
        val rules = files.map(File::readText) + "-dontwarn androidx.**"
        Shrinker.shrink(program, emptyList(), rules, dex)
        val packed = pack(File(folder, "unsigned.apk"), dex)
        return sign(packed, File(folder, "sample.apk"), folder)
    }

    private fun pack(apk: File, dex: File): File {
        ZipOutputStream(apk.outputStream()).use { out ->
            ZipFile(Parts.sampleResources).use { resources ->
                resources.names().forEach { add(out, it, resources.read(it), resources.getEntry(it)) }
            }
            val code = dex.walk().filter { it.extension == "dex" || it.parentFile.name == "services" }
            code.sorted().forEach { add(out, it.toRelativeString(dex), it.readBytes()) }
            Parts.tensorflowLiteLibraries.walk().filter { it.isFile }.sorted().forEach {
                add(out, "lib/${it.parentFile.name}/${it.name}", it.readBytes())
            }
        }
        return apk
    }

    private fun add(out: ZipOutputStream, name: String, content: ByteArray, like: ZipEntry? = null) {
        val entry = ZipEntry(name)
        entry.time = 0L
        if (like?.method == ZipEntry.STORED) {
            entry.method = ZipEntry.STORED
            entry.size = like.size
            entry.crc = like.crc
        }
        out.putNextEntry(entry)
        out.write(content)
        out.closeEntry()
    }

    private fun sign(unsigned: File, signed: File, folder: File): File {
        val (key, certificate) = throwawayKey(File(folder, "key.p12"))
        val signer = ApkSigner.SignerConfig.Builder("throwaway", key, listOf(certificate)).build()
        ApkSigner.Builder(listOf(signer)).setInputApk(unsigned).setOutputApk(signed).setMinSdkVersion(24).build().sign()
        return signed
    }

    private fun throwawayKey(store: File): Pair<PrivateKey, X509Certificate> {
        val keytool = File(System.getProperty("java.home"), "bin/keytool").path
        val arguments = "-genkeypair -keystore $store -storetype PKCS12 -storepass throwaway -alias key -keyalg RSA " +
            "-keysize 2048 -validity 2 -dname CN=throwaway"
        val process = ProcessBuilder(listOf(keytool) + arguments.split(' ')).redirectErrorStream(true).start()
        val said = process.inputStream.reader().readText()
        check(process.waitFor() == 0) { said }
        val keys = KeyStore.getInstance(store, "throwaway".toCharArray())
        return keys.getKey("key", "throwaway".toCharArray()) as PrivateKey to keys.getCertificate("key") as X509Certificate
    }
}

/** Where in an archive the content of each stored entry begins. */
internal fun storedOffsets(archive: File): Map<String, Int> {
    val bytes = ByteBuffer.wrap(archive.readBytes()).order(ByteOrder.LITTLE_ENDIAN)
    val end = (bytes.limit() - 22 downTo 0).first { bytes.getInt(it) == 0x06054b50 }
    val offsets = LinkedHashMap<String, Int>()
    var at = bytes.getInt(end + 16)
    repeat(bytes.getShort(end + 10).toInt()) {
        val length = bytes.getShort(at + 28).toInt()
        val name = String(bytes.array(), at + 46, length)
        val local = bytes.getInt(at + 42)
        if (bytes.getShort(at + 10).toInt() == ZipEntry.STORED) {
            offsets[name] = local + 30 + bytes.getShort(local + 26) + bytes.getShort(local + 28)
        }
        at += 46 + length + bytes.getShort(at + 30) + bytes.getShort(at + 32)
    }
    return offsets
}
