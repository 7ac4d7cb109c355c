package com.seefud.sample

import android.app.AlertDialog
import android.os.Bundle
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.view.inputmethod.EditorInfo
import android.widget.HeaderViewListAdapter
import android.widget.ListAdapter
import android.widget.ListView
import android.widget.TextView
import kotlinx.coroutines.runBlocking
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.shadows.ShadowAlertDialog

/** The screen as a person sees and touches it. */
class ShownScreen private constructor(private val controller: ActivityController<MainActivity>) {
    val activity: MainActivity get() = controller.get()
    private val list: ListView get() = activity.required(R.id.shelf)
    private val rows: ListAdapter
        get() = (list.adapter as? HeaderViewListAdapter)?.wrappedAdapter ?: list.adapter

    /** Hands on what was touched (a dialog's buttons are heard by way of the queue), waits for the answer, shows it. */
    fun settle() {
        shadowOf(Looper.getMainLooper()).idle()
        runBlocking { activity.presenter.settled() }
        shadowOf(Looper.getMainLooper()).idle()
    }

    fun text(id: Int): String = activity.required<TextView>(id).text.toString()

    fun isShown(id: Int): Boolean = activity.required<View>(id).visibility == View.VISIBLE

    fun type(text: String) {
        activity.required<TextView>(R.id.query).text = text
        settle()
    }

    /** Every text of the list in turn, also of rows that do not fit on the screen. */
    fun rowTexts(): List<List<String>> {
        val reused = HashMap<Int, View>()
        return (0 until rows.count).map { at ->
            val kind = rows.getItemViewType(at)
            val row = rows.getView(at, reused[kind], list)
            reused[kind] = row
            textsOf(row)
        }
    }

    /** What is written on each card under a heading, from top to bottom. */
    fun textsUnder(heading: String): List<List<String>> {
        val texts = rowTexts()
        return positionsUnder(heading).map { texts[it] }
    }

    fun titlesUnder(heading: String): List<String> = textsUnder(heading).map { it[0] }

    fun cardsUnder(heading: String): List<ShownCard> =
        positionsUnder(heading).map { rows.getView(it, null, list) }.map(::ShownCard)

    /** The first card of this dish. */
    fun card(title: String): ShownCard {
        val position = (0 until rows.count).first { titleAt(it).equals(title, ignoreCase = true) }
        return ShownCard(rows.getView(position, null, list))
    }

    private fun positionsUnder(heading: String): List<Int> {
        val headings = (0 until rows.count).filter { rows.getItem(it) is ShelfRow.Heading }
        val start = headings.firstOrNull { heading in textsOf(rows.getView(it, null, list)) }
        checkNotNull(start) { "no heading \"$heading\" in ${rowTexts()}" }
        return (start + 1 until rows.count)
            .takeWhile { rows.getItem(it) !is ShelfRow.Heading }
            .filter { titleAt(it) != null }
    }

    private fun titleAt(position: Int): String? =
        when (val row = rows.getItem(position)) {
            is ShelfRow.Ranked -> row.recommendation.title
            is ShelfRow.Plain -> row.pick.product.title
            else -> null
        }

    /** Presses the key of the keyboard that searches. */
    fun submit() {
        activity.required<TextView>(R.id.query).onEditorAction(EditorInfo.IME_ACTION_SEARCH)
        settle()
    }

    /** Says what one thinks of a dish, as the dialog words it. */
    fun judge(title: String, opinion: String) {
        check(card(title).more.performClick())
        choose(ShadowAlertDialog.getLatestDialog() as AlertDialog, opinion)
    }

    fun choose(dialog: AlertDialog, opinion: String) {
        val rows = dialog.listView
        val row = (0 until rows.count).first { opinion in rows.getItemAtPosition(it).toString() }
        check(rows.performItemClick(rows.getChildAt(row), row, rows.getItemIdAtPosition(row)))
        settle()
    }

    fun tap(title: String) {
        check(card(title).card.performClick())
        settle()
    }

    fun chips(group: Int): List<TextView> {
        val chips = activity.required<ViewGroup>(group)
        return (0 until chips.childCount).map { chips.getChildAt(it) as TextView }
    }

    fun tapChip(group: Int, text: String) {
        check(chips(group).first { it.text.toString() == text }.performClick())
        settle()
    }

    /** Turns the phone. The activity is made anew, as on a phone. */
    fun turn(configure: () -> Unit) {
        configure()
        controller.configurationChange(activity.applicationContext.resources.configuration)
        controller.visible()
        settle()
    }

    /** The system puts the app away and starts it again with what it kept. */
    fun putAwayAndBack(): ShownScreen {
        val kept = Bundle()
        controller.saveInstanceState(kept).pause().stop().destroy()
        return ShownScreen(Robolectric.buildActivity(MainActivity::class.java).setup(kept)).also { it.settle() }
    }

    /** The app ends, the file of its log is given back, and somebody starts the app again. */
    fun relaunch(): ShownScreen {
        close()
        return open()
    }

    /** Closes the log too: the app is one for all that a test does, and ends with it. */
    fun close() {
        controller.pause().stop().destroy()
        runBlocking { activity.presenter.settled() }
        ((activity.application as SampleApplication).journal as? LogJournal)?.close()
    }

    companion object {
        fun open(): ShownScreen {
            val screen = ShownScreen(Robolectric.buildActivity(MainActivity::class.java).setup())
            screen.settle()
            return screen
        }

        fun textsOf(view: View): List<String> =
            when {
                view.visibility != View.VISIBLE -> emptyList()
                view is TextView -> listOf(view.text.toString())
                view is ViewGroup -> (0 until view.childCount).flatMap { textsOf(view.getChildAt(it)) }
                else -> emptyList()
            }
    }
}

/** One dish as shown. */
class ShownCard(private val row: View) {
    val card: View = row.required(R.id.card)
    val more: View = row.required(R.id.more)
    val title: String get() = row.required<TextView>(R.id.title).text.toString()
    val ingredients: String get() = row.required<TextView>(R.id.ingredients).text.toString()
    val reason: String get() = row.required<TextView>(R.id.reason).text.toString()
    val percent: String get() = row.required<TextView>(R.id.percent).text.toString()
    val description: String get() = card.contentDescription.toString()
}
