package com.seefud.sample

import android.app.Activity
import android.app.AlertDialog
import android.app.Dialog
import android.view.LayoutInflater
import android.view.View
import android.widget.ListView
import android.widget.TextView
import com.seefud.recommender.LogException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch

/**
 * Shows a person all that is kept, and erases it. It covers the whole screen.
 *
 * @param scope of the activity, on its thread
 */
class YourDataScreen(
    private val activity: Activity,
    private val scope: CoroutineScope,
    private val wording: Wording,
    private val contents: suspend () -> JournalContents,
    private val erase: suspend () -> Unit,
) {
    private val words = JournalWording(activity.resources, wording)
    private var shown: Dialog? = null
    private var asking: AlertDialog? = null

    /** What is being read or erased; for tests. */
    var work: Job? = null
        private set

    val isShown: Boolean get() = shown?.isShowing == true

    fun show() {
        val content = LayoutInflater.from(activity).inflate(R.layout.your_data, null)
        val list = content.required<ListView>(R.id.journal)
        val adapter = JournalAdapter(words, wording)
        list.addHeaderView(activity.layoutInflater.inflate(R.layout.your_data_head, list, false), null, false)
        list.adapter = adapter
        content.keepClearOfSystemBars()
        val dialog = Dialog(activity, R.style.Theme_Shelf)
        dialog.setContentView(content)
        dialog.setTitle(R.string.data_title)
        content.required<View>(R.id.back).setOnClickListener { dialog.dismiss() }
        content.required<View>(R.id.erase).setOnClickListener { askWhetherToErase(content, adapter) }
        dialog.show()
        shown = dialog
        work = scope.launch { read(content, adapter) }
    }

    fun dismiss() {
        asking?.dismiss()
        shown?.dismiss()
    }

    private suspend fun read(content: View, adapter: JournalAdapter) {
        val now = contents()
        adapter.show(entriesOf(now.newest))
        content.required<TextView>(R.id.data_size).text = words.size(now)
        val some = now.events > 0
        content.required<View>(R.id.erase).visibility = if (some) View.VISIBLE else View.GONE
        content.required<View>(R.id.data_empty).visibility = if (some) View.GONE else View.VISIBLE
    }

    private fun askWhetherToErase(content: View, adapter: JournalAdapter) {
        asking =
            AlertDialog
                .Builder(activity)
                .setTitle(R.string.erase_title)
                .setMessage(R.string.erase_text)
                .setPositiveButton(R.string.erase) { _, _ -> work = scope.launch { eraseAll(content, adapter) } }
                .setNegativeButton(R.string.cancel, null)
                .show()
    }

    private suspend fun eraseAll(content: View, adapter: JournalAdapter) {
        val trouble = content.required<View>(R.id.erase_trouble)
        trouble.visibility = View.GONE
        try {
            erase()
        } catch (_: LogException) {
            trouble.visibility = View.VISIBLE
        }
        read(content, adapter)
    }
}
