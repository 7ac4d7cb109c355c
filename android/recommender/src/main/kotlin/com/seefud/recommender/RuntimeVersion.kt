package com.seefud.recommender

/** The oldest TFLite runtime that this library works with, and so the newest one that a model may need. */
internal object RuntimeVersion {
    /** Of the classes that the library is compiled against. */
    const val OLDEST: String = "2.16.1"

    private const val REMEDY =
        "update the app's TFLite runtime and this library, or convert the model with older operators"

    /**
     * @param needed what the model needs, such as `2.3.0`
     * @param name of the file, for messages
     * @throws NewerRuntimeException it is newer than [OLDEST], or no version
     */
    fun check(needed: String, name: String) {
        val version = parse(needed)
        if (version != null && compare(version, parse(OLDEST)!!) <= 0) return
        throw NewerRuntimeException("$name: minimum_runtime", "$OLDEST or older", needed, REMEDY)
    }

    private fun parse(version: String): List<Int>? {
        val parts = version.split(".").map { it.toIntOrNull()?.takeIf { number -> number >= 0 } ?: return null }
        return parts.takeIf { it.size in 1..4 }
    }

    private fun compare(first: List<Int>, second: List<Int>): Int {
        for (at in 0 until maxOf(first.size, second.size)) {
            val order = first.getOrElse(at) { 0 }.compareTo(second.getOrElse(at) { 0 })
            if (order != 0) return order
        }
        return 0
    }
}
