package com.seefud.sample

import com.seefud.recommender.InteractionLog
import com.seefud.recommender.LogFullException
import java.io.File

/** The app on a phone whose disk takes nothing until there is [room]. */
class FullPhoneApplication : SampleApplication() {
    @Volatile var room = false

    override val journal =
        LogJournal {
            if (!room) throw LogFullException("log.db", "room on the disk", "none", "free some space", Exception())
            InteractionLog.open(this)
        }

    override suspend fun openAdvisor(): Advisor = CannedAdvisor()
}

/** The app whose log was damaged while it was away. */
class DamagedLogApplication : SampleApplication() {
    override fun onCreate() {
        super.onCreate()
        val file: File = getDatabasePath(InteractionLog.DEFAULT_NAME)
        file.parentFile?.mkdirs()
        file.writeText("this is no database at all".repeat(999))
    }

    override suspend fun openAdvisor(): Advisor = CannedAdvisor()
}

/** The app whose log cannot be written: a folder has its name. */
class FailingLogApplication : SampleApplication() {
    override fun onCreate() {
        super.onCreate()
        File(getDatabasePath(InteractionLog.DEFAULT_NAME), "in the way").mkdirs()
    }

    override suspend fun openAdvisor(): Advisor = CannedAdvisor()
}
