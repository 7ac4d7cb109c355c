package com.seefud.recommender

/** The threads of recommenders in this process. */
internal object RankingThreads {
    fun all(): List<Thread> = Thread.getAllStackTraces().keys.filter { it.name.startsWith("seefud ") }

    /** Waits until every closed recommender's thread ended; names of those that did not. */
    fun waitForEnd(): List<String> = all().onEach { it.join(10_000) }.filter { it.isAlive }.map { it.name }
}
