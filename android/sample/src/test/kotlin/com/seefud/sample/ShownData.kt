package com.seefud.sample

import android.app.AlertDialog
import android.app.Dialog
import android.os.Looper
import android.view.View
import android.widget.ListView
import android.widget.TextView
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowAlertDialog
import org.robolectric.shadows.ShadowDialog

/** The screen of a person's data, as they see and touch it. */
class ShownData private constructor(private val screen: ShownScreen, val dialog: Dialog) {
    private fun view(id: Int): View = requireNotNull(dialog.findViewById(id))

    fun text(id: Int): String = (view(id) as TextView).text.toString()

    fun rows(): List<List<String>> {
        val list = view(R.id.journal) as ListView
        val rows = list.adapter
        return (list.headerViewsCount until rows.count).map { ShownScreen.textsOf(rows.getView(it, null, list)) }
    }

    fun tap(id: Int) {
        check(view(id).performClick())
        settle()
    }

    fun answer(button: Int) {
        (ShadowAlertDialog.getLatestDialog() as AlertDialog).getButton(button).performClick()
        settle()
    }

    /** The work goes back and forth between the screen's thread and the log's. */
    private fun settle() {
        shadowOf(Looper.getMainLooper()).idle()
        while (screen.activity.yourData.work?.isCompleted == false) shadowOf(Looper.getMainLooper()).idle()
        screen.settle()
    }

    companion object {
        fun open(screen: ShownScreen): ShownData {
            check(screen.activity.required<View>(R.id.your_data).performClick())
            return ShownData(screen, ShadowDialog.getLatestDialog()).also { it.settle() }
        }
    }
}
