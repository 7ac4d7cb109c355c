package com.seefud.sample

import android.app.Activity
import android.app.AlertDialog
import android.view.LayoutInflater
import android.view.WindowManager
import android.view.inputmethod.EditorInfo
import android.widget.EditText

/** Asks for an ingredient to leave out. */
class LeaveOutDialog(private val activity: Activity, private val onAdd: (String) -> Unit) {
    private var dialog: AlertDialog? = null
    private var typing: EditText? = null

    /** What is typed so far, or null if the dialog is not open. */
    val draft: String? get() = if (dialog?.isShowing == true) typing?.text?.toString() else null

    fun show(draft: String = "") {
        val builder = AlertDialog.Builder(activity)
        val content = LayoutInflater.from(builder.context).inflate(R.layout.leave_out, null)
        val typed = content.required<EditText>(R.id.ingredient)
        val shown =
            builder
                .setTitle(R.string.unwanted_title)
                .setView(content)
                .setPositiveButton(R.string.unwanted_confirm) { _, _ -> onAdd(typed.text.toString()) }
                .setNegativeButton(R.string.cancel, null)
                .create()
        typed.setText(draft)
        typed.setSelection(draft.length)
        typed.setOnEditorActionListener { _, action, _ ->
            val done = action == EditorInfo.IME_ACTION_DONE
            if (done) {
                onAdd(typed.text.toString())
                shown.dismiss()
            }
            done
        }
        shown.window?.setSoftInputMode(WindowManager.LayoutParams.SOFT_INPUT_STATE_VISIBLE)
        shown.show()
        typed.requestFocus()
        dialog = shown
        typing = typed
    }

    fun dismiss() {
        dialog?.dismiss()
    }
}
