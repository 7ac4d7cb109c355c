package com.seefud.sample

import android.app.Activity
import android.app.AlertDialog
import android.view.View
import android.view.ViewGroup
import android.widget.ArrayAdapter

private const val MOST_STARS = 5

/** Asks what a person thinks of a dish: five to one stars, or "not for me". */
class OpinionDialog(
    private val activity: Activity,
    private val wording: Wording,
    private val onStars: (Pick, Int) -> Unit,
    private val onDismiss: (Pick) -> Unit,
) {
    private var dialog: AlertDialog? = null
    private var about: Pick? = null

    /** The dish that is asked about, or null if the dialog is not open. */
    val asked: Pick? get() = about.takeIf { dialog?.isShowing == true }

    fun show(pick: Pick) {
        val builder = AlertDialog.Builder(activity)
        val opinions = activity.resources.getStringArray(R.array.opinions)
        val spoken = activity.resources.getStringArray(R.array.opinions_description)
        val rows =
            object : ArrayAdapter<String>(builder.context, R.layout.opinion, opinions) {
                override fun getView(position: Int, reused: View?, parent: ViewGroup): View =
                    super.getView(position, reused, parent).apply { contentDescription = spoken[position] }
            }
        about = pick
        dialog =
            builder
                .setTitle(wording.title(pick.product.title))
                .setAdapter(rows) { _, row ->
                    if (row < MOST_STARS) onStars(pick, MOST_STARS - row) else onDismiss(pick)
                }
                .setNegativeButton(R.string.cancel, null)
                .show()
    }

    fun dismiss() {
        dialog?.dismiss()
    }
}
