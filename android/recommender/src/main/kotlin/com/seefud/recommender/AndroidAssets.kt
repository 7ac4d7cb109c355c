package com.seefud.recommender

import android.content.res.AssetFileDescriptor
import android.content.res.AssetManager
import java.io.FileInputStream
import java.io.FileNotFoundException
import java.io.IOException
import java.nio.ByteBuffer

/** A model among the assets of the app: maps it out of the installed package, without a copy. */
internal object AndroidAssets {
    /**
     * The whole asset.
     *
     * @param name path below `assets`, such as `seefud.tflite`
     * @throws MissingFileException there is no such asset
     * @throws CompressedAssetException it was compressed when the app was packed
     */
    fun map(assets: AssetManager, name: String): ByteBuffer {
        try {
            return open(assets, name).use { asset ->
                FileInputStream(asset.fileDescriptor).use {
                    ModelFiles.map(it.channel, asset.startOffset, asset.length, name)
                }
            }
        } catch (problem: IOException) {
            throw MissingFileException(
                "asset $name",
                "a readable asset",
                problem.message ?: problem.toString(),
                "install the app again",
                problem,
            )
        }
    }

    private fun open(assets: AssetManager, name: String): AssetFileDescriptor {
        try {
            return assets.openFd(name)
        } catch (problem: FileNotFoundException) {
            // Android says the same of an asset that is not there and of one that is compressed.
            if (!isThere(assets, name)) throw missing(assets, name, problem)
            throw CompressedAssetException(
                "asset $name",
                "a file that was stored as it is",
                "one that was compressed when the app was packed",
                "add androidResources { noCompress += \"tflite\" } to the android block of the app's build file",
                problem,
            )
        }
    }

    private fun isThere(assets: AssetManager, name: String): Boolean = try {
        assets.open(name).use { true }
    } catch (_: IOException) {
        false
    }

    private fun missing(assets: AssetManager, name: String, problem: IOException): MissingFileException {
        val folder = name.substringBeforeLast('/', "")
        val models = assets.list(folder).orEmpty().filter { it.endsWith(".tflite") }
        return MissingFileException(
            "asset $name",
            "this file among the app's assets",
            if (models.isEmpty()) "no .tflite file there" else models.joinToString(", "),
            "put the model into src/main/assets",
            problem,
        )
    }
}
