package com.seefud.recommender

import java.io.File
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.locks.ReentrantLock

/** One at a time, among all stores of one folder in this process. */
internal class StoreLock private constructor() {
    private val lock = ReentrantLock()

    /** @throws InterruptedException the caller was interrupted while it waited */
    fun <T> held(work: () -> T): T {
        lock.lockInterruptibly()
        try {
            return work()
        } finally {
            lock.unlock()
        }
    }

    companion object {
        private val locks = ConcurrentHashMap<String, StoreLock>()

        fun of(directory: File): StoreLock {
            val path = directory.absoluteFile.normalize().path
            return locks[path] ?: StoreLock().let { locks.putIfAbsent(path, it) ?: it }
        }
    }
}
